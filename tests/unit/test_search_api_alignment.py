"""Offsets and intervals of re-cuts, from made moments."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest

from search_api.alignment import Alike, Interval, Piece, align, main_offset, score

Cuts = Sequence[float]


def moments(shots: Sequence[tuple[int, float]], *, longest: float = 10.0) -> list[tuple[int, Piece]]:
    """Shots (name, seconds) one after another, long ones in equal pieces, as moments are."""
    found, start = [], 0.0
    for name, seconds in shots:
        pieces = int(-(-seconds // longest))
        edges = np.linspace(start, start + seconds, pieces + 1)
        found += [(name, Piece(float(a), float(b))) for a, b in pairwise(edges)]
        start += seconds
    return found


def pairs(
    here: Sequence[tuple[int, float]], there: Sequence[tuple[int, float]], *, noise: Sequence[Alike] = ()
) -> list[Alike]:
    """Every moment of a shot with every moment of the same shot in the other video."""
    both = [(a, b) for name, a in moments(here) for other, b in moments(there) if name == other]
    return [*(Alike(a, b, 0.95) for a, b in both), *noise]


def placed(intervals: Sequence[Interval]) -> list[tuple[float, float, float]]:
    return [(i.here.start_seconds, i.here.stop_seconds, i.offset_seconds) for i in intervals]


FILM = [(0, 8.0), (1, 13.0), (2, 6.0), (3, 25.0), (4, 9.0), (5, 4.0)]


def test_a_copy_matches_from_start_to_end() -> None:
    found = align(pairs(FILM, FILM))

    assert placed(found) == [(0.0, 65.0, 0.0)]
    assert score(found, here_seconds=65, there_seconds=65) == pytest.approx(0.95)


@pytest.mark.parametrize("intro", [0.0, 3.7, 120.0])
def test_a_cut_out_piece_is_found_where_it_stands(intro: float) -> None:
    # From the 11th second on: the second shot has lost its beginning, the fourth its end.
    piece = [(9, intro)] if intro else []
    cut = [*piece, (1, 10.0), (2, 6.0), (3, 12.0)]

    found = align(pairs(FILM, cut))

    assert main_offset(found) == pytest.approx(intro - 11.0)
    (interval,) = [one for one in found if one.offset_seconds == pytest.approx(intro - 11.0)]
    assert interval.here.start_seconds == pytest.approx(11.0, abs=2.0)
    assert interval.here.stop_seconds == pytest.approx(39.0, abs=4.0)
    assert interval.there.start_seconds == pytest.approx(intro, abs=2.0)
    assert score(found, here_seconds=65, there_seconds=28 + intro) > 0.7 * 28 / (28 + intro)


def test_a_recut_without_its_middle_has_two_offsets() -> None:
    found = align(pairs(FILM, [(0, 8.0), (1, 13.0), (4, 9.0), (5, 4.0)]))

    assert placed(found) == [(0.0, 21.0, 0.0), (52.0, 65.0, -31.0)]
    assert main_offset(found) == 0.0


def test_shots_in_another_order_are_each_found() -> None:
    found = align(pairs(FILM, [(4, 9.0), (5, 4.0), (0, 8.0)]))

    assert placed(found) == [(0.0, 8.0, 13.0), (52.0, 65.0, -52.0)]


def test_chance_likenesses_do_not_move_the_offset() -> None:
    dice = np.random.default_rng(7)
    names = moments(FILM)
    noise = [
        Alike(names[dice.integers(len(names))][1], Piece(float(a), float(a) + 5.0), 0.8)
        for a in dice.uniform(0, 300, 60)
    ]

    found = align(pairs(FILM, [(9, 100.0), *FILM], noise=noise))

    assert main_offset(found) == pytest.approx(100.0)


def test_the_same_picture_all_the_time_is_matched_once() -> None:
    found = align(pairs([(0, 60.0)], [(0, 60.0)]))

    assert placed(found) == [(0.0, 60.0, 0.0)]


def test_no_second_is_used_twice_on_either_side() -> None:
    found = align(pairs([(0, 10.0), (1, 10.0)], [(0, 10.0), (0, 10.0), (0, 10.0), (1, 10.0)]))

    for side in ("here", "there"):
        pieces = sorted((getattr(one, side).start_seconds, getattr(one, side).stop_seconds) for one in found)
        assert all(stop <= start + 1e-6 for (_, stop), (start, _) in pairwise(pieces))


def test_nothing_alike_is_no_match() -> None:
    assert align([]) == []


def test_a_piece_starts_before_it_stops() -> None:
    with pytest.raises(ValueError, match="before"):
        Piece(1.0, 1.0)
