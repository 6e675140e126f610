"""Moments cover a span exactly and are neither crumbs nor loaves."""

import random
from itertools import pairwise

import pytest

from stream.media.shots import cut_moments


def test_moments_begin_at_cuts() -> None:
    assert cut_moments(0.0, 20.0, [6.0, 13.0]) == [(0.0, 6.0), (6.0, 13.0), (13.0, 20.0)]


def test_a_long_shot_is_divided_evenly() -> None:
    assert cut_moments(60.0, 84.0, []) == [(60.0, 68.0), (68.0, 76.0), (76.0, 84.0)]


def test_sixty_seconds_without_a_cut_are_six_moments() -> None:
    assert len(cut_moments(120.1, 180.1, [])) == 6


def test_a_crumb_joins_its_shorter_neighbour() -> None:
    assert cut_moments(0.0, 12.0, [7.0, 8.0]) == [(0.0, 7.0), (7.0, 12.0)]
    assert cut_moments(0.0, 12.0, [0.5]) == [(0.0, 6.0), (6.0, 12.0)]
    assert cut_moments(0.0, 9.0, [8.5]) == [(0.0, 9.0)]


def test_a_short_span_is_one_moment() -> None:
    assert cut_moments(60.0, 60.4, [60.2]) == [(60.0, 60.4)]


def test_an_empty_span_has_no_moments() -> None:
    assert cut_moments(5.0, 5.0, []) == []


def test_cuts_outside_the_span_do_not_count() -> None:
    assert cut_moments(10.0, 18.0, [3.0, 10.0, 18.0, 40.0]) == [(10.0, 18.0)]


@pytest.mark.parametrize(("start", "stop"), [(2.0, 1.0), (0.0, float("nan")), (0.0, float("inf"))])
def test_what_is_no_span_is_refused(start: float, stop: float) -> None:
    with pytest.raises(ValueError, match="not a span"):
        cut_moments(start, stop, [])


def test_bounds_the_wrong_way_round_are_refused() -> None:
    with pytest.raises(ValueError, match="wrong way round"):
        cut_moments(0.0, 1.0, [], shortest_seconds=5.0, longest_seconds=2.0)


@pytest.mark.parametrize("seed", range(200))
def test_any_cuts_give_moments_that_cover_the_span(seed: int) -> None:
    chance = random.Random(seed)
    start = chance.choice([0.0, 60.0, chance.uniform(0, 1e5)])
    stop = start + chance.choice([60.0, chance.uniform(0.01, 5.0), chance.uniform(0.01, 90.0)])
    cuts = [chance.uniform(start - 5, stop + 5) for _ in range(chance.randrange(60))]
    moments = cut_moments(start, stop, cuts)
    assert moments[0][0] == start and moments[-1][1] == stop
    assert all(one[1] == other[0] for one, other in pairwise(moments))
    lengths = [end - begin for begin, end in moments]
    assert all(0 < length <= 10.0 + 1e-6 for length in lengths)
    assert all(length >= 2.0 for length in lengths) or (len(moments) == 1 and stop - start < 2.0)
