"""Sizes of packets tell where a picture changes, and distances of keyframes whether they were called for."""

import numpy as np
import pytest

from stream.media.cuts import CutFinder
from stream.media.gaps import Distances, _last_large, _last_sign


def test_even_packets_show_no_sign_of_a_cut() -> None:
    chance = np.random.default_rng(0)
    assert _last_sign([150_000, *chance.integers(60_000, 62_000, 100).tolist()]) == 0
    assert _last_sign([150_000]) == 0


@pytest.mark.parametrize("size", [140_000, 72_000, 50_000])
def test_a_packet_unlike_its_neighbours_is_a_sign(size: int) -> None:
    sizes = [150_000, *np.random.default_rng(0).integers(60_000, 62_000, 100).tolist()]
    sizes[30] = size
    assert _last_sign(sizes) in (30, 31)


def test_large_and_small_packets_by_turns_are_no_sign_but_a_keyframes_size_is() -> None:
    sizes = [40_000, *[9_000, 1_500, 1_200] * 30]
    assert _last_sign(sizes) == 0
    sizes[40] = 38_000
    assert _last_sign(sizes) >= 40


def test_among_reordered_packets_only_a_large_one_is_a_sign() -> None:
    sizes = [80_000, *[18_000, 7_000, 1_100, 2_300, 13_000, 4_500, 900, 2_800] * 12]
    assert _last_large(sizes) == 0
    sizes[43] = 61_000
    assert _last_large(sizes) == 43
    assert _last_large([80_000]) == 0


def test_keyframes_are_regular_at_usual_distances_or_as_often_seen() -> None:
    distances = Distances()
    assert distances.is_regular(250)
    assert not distances.is_regular(108)
    assert not distances.is_regular(50)
    others = Distances()
    assert [others.is_regular(37) for _ in range(4)] == [False, False, True, True]


def test_a_turning_camera_is_no_cut_and_a_sudden_change_is() -> None:
    levels = np.eye(16, dtype=np.float32)[:, None, :].repeat(12, axis=1)
    still = 0.5 * levels[0] + 0.5 * levels[4]
    finder = CutFinder(0.0)
    assert not finder.see(0.0, still)
    assert not finder.see(0.5, 0.85 * still + 0.15 * levels[10])
    assert not finder.see(1.0, 0.62 * still + 0.38 * levels[10])
    assert finder.see(2.0, levels[15])
    assert finder.cut_seconds == [2.0]
