"""The videos of the chaos runs are what their verdict takes them for."""

import random
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from av.video.frame import VideoFrame
from chaos.contents import EDGE, Colour, choose

from encoders.values import PictureInput
from stream.media.picture import Lens, distance
from stream.media.sampling import CUT_DISTANCE

LENS = Lens(Fraction(1), PictureInput(size=EDGE, resize_mode="squash", interpolation="bicubic", fill=0))


@pytest.mark.parametrize("seed", range(10))
def test_kadr_sees_a_cut_between_the_shots_of_a_video(seed: int) -> None:
    contents = choose(60, random.Random(seed), 5)
    assert len({colour for colours in contents for colour in colours}) == 180
    pairs = [pair for colours in contents for pair in pairwise(colours)]
    assert [pair for pair in pairs if not is_cut(*pair)] == []


def is_cut(one: Colour, other: Colour) -> bool:
    frames = [VideoFrame.from_ndarray(np.full((EDGE, EDGE, 3), colour, np.uint8)) for colour in (one, other)]
    return distance(*[LENS.histogram(frame) for frame in frames]) > CUT_DISTANCE
