"""Cuts that take their time: one picture passes into the next."""

import numpy as np
import pytest
from numpy.typing import NDArray

from stream.media.cuts import CutFinder

RATE = 25
LEVELS = np.eye(16, dtype=np.float32)[:, None, :].repeat(12, axis=1)


def mixed(share: float) -> NDArray[np.float32]:
    """Between two pictures that have nothing in common."""
    return (1 - share) * (0.7 * LEVELS[2] + 0.3 * LEVELS[5]) + share * (0.7 * LEVELS[2] + 0.3 * LEVELS[12])


def cuts(start_seconds: float, fade_seconds: float, seconds: float = 6.0, share: float = 1.0) -> list[float]:
    finder = CutFinder(0.0)
    for number in range(round(seconds * RATE)):
        passed = (number / RATE - start_seconds) / fade_seconds
        finder.see(number / RATE, mixed(share * min(1.0, max(0.0, passed))))
    return finder.cut_seconds


@pytest.mark.parametrize("fade_seconds", [0.3, 0.45, 0.6])
def test_a_fade_is_a_cut_in_its_middle(fade_seconds: float) -> None:
    found = cuts(3.0, fade_seconds)
    assert found == [pytest.approx(3.0 + fade_seconds / 2, abs=0.1)]


def test_a_camera_that_keeps_turning_cuts_nothing() -> None:
    assert cuts(0.5, 5.5) == []


def test_a_slight_change_of_light_is_no_fade() -> None:
    assert cuts(3.0, 0.6, share=0.5) == []


def test_a_frame_after_a_gap_is_not_compared_with_those_before_it() -> None:
    finder = CutFinder(0.0)
    for number in range(20):
        finder.see(number / RATE, mixed(0.0))
    finder.forget()
    for number in range(40):
        finder.see(1.0 + number / RATE, mixed(1.0))
    assert not finder.cut_seconds and not finder.is_changing
