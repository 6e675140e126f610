"""Frames of unusual light, transparency and lines look to a model as they look to people."""

from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest
from av.video.frame import VideoFrame
from av.video.reformatter import ColorTrc, VideoReformatter
from numpy.typing import NDArray

from encoders.values import PictureInput
from stream.media.hdr import is_hdr, standard_range
from stream.media.picture import Lens, is_near_duplicate, over_grey

PICTURE = PictureInput(32, "squash", "bicubic", 0)
_LIMITED_RANGE, _BT2020 = 1, 9


def _ten_bit(light: float, transfer: ColorTrc, *, width: int = 64, height: int = 64) -> VideoFrame:
    """A grey frame of 10 bits: `light` of the range from black to white."""
    frame = VideoFrame(width, height, "yuv420p10le")
    for number, plane in enumerate(frame.planes):
        level = round(64 + 876 * light) if number == 0 else 512
        plane.update(np.full(plane.buffer_size // 2, level, np.uint16).tobytes())
    frame.color_trc, frame.color_primaries = transfer, _BT2020
    frame.colorspace, frame.color_range = _BT2020, _LIMITED_RANGE
    return frame


def _grey(frame: VideoFrame) -> float:
    return float(Lens(Fraction(1), PICTURE).model_input(frame).mean())


@pytest.mark.parametrize(("transfer", "paper"), [(ColorTrc.SMPTE2084, 0.58), (ColorTrc.ARIB_STD_B67, 0.75)])
def test_paper_is_white_and_lamps_are_not_grey_in_high_dynamic_range(transfer: ColorTrc, paper: float) -> None:
    assert is_hdr(_ten_bit(paper, transfer))
    assert _grey(_ten_bit(0.0, transfer)) < 2
    assert 225 < _grey(_ten_bit(paper, transfer)) < 245
    assert _grey(_ten_bit(1.0, transfer)) >= 250
    levels = [_grey(_ten_bit(paper * part / 8, transfer)) for part in range(9)]
    assert levels == sorted(levels) and levels[4] > 40


def test_large_frames_are_made_small_before_the_arithmetic() -> None:
    small = standard_range(_ten_bit(0.5, ColorTrc.SMPTE2084, width=1536, height=864), VideoReformatter())
    assert (small.width, small.height) == (768, 432)


def test_ten_bits_of_ordinary_light_are_just_rounded() -> None:
    assert _grey(_ten_bit(0.5, ColorTrc.BT709)) == pytest.approx(128, abs=2)


def test_what_is_transparent_shows_grey() -> None:
    rgba = np.zeros((2, 2, 4), np.uint8)
    rgba[0, 0] = (255, 0, 0, 255)
    rgba[0, 1] = (255, 0, 0, 0)
    rgba[1, 0] = (255, 255, 255, 128)
    assert over_grey(rgba).tolist() == [[[255, 0, 0], [128, 128, 128]], [[192, 192, 192], [128, 128, 128]]]
    clear = VideoFrame.from_ndarray(np.zeros((64, 64, 4), np.uint8), format="rgba")
    assert _grey(clear) == pytest.approx(128, abs=1)


class _Interlaced:
    """A frame whose two fields were taken at two times; PyAV makes none from arrays."""

    def __init__(self, frame: VideoFrame) -> None:
        self._frame = frame
        self.interlaced_frame = True

    def __getattr__(self, name: str) -> object:
        return getattr(self._frame, name)


def test_of_an_interlaced_frame_one_field_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    fields: NDArray[np.uint8] = np.zeros((64, 64, 3), np.uint8)
    fields[::2] = 250
    frame = VideoFrame.from_ndarray(fields, format="rgb24")
    lens = Lens(Fraction(1), PICTURE)
    assert lens.model_input(frame).mean() == pytest.approx(125, abs=3)
    monkeypatch.setattr(lens, "_large", SimpleNamespace(reformat=lambda frame, **_: frame._frame))
    assert lens.model_input(_Interlaced(frame)).mean() == 250  # type: ignore[arg-type]
    assert lens.upright(_Interlaced(frame))[1] == (64, 64)  # type: ignore[arg-type]


def test_noise_is_no_news_and_a_small_change_is() -> None:
    chance = np.random.default_rng(0)
    picture = chance.integers(20, 230, (256, 256, 3), dtype=np.uint8)
    noisy = (picture + chance.integers(-2, 3, picture.shape)).astype(np.uint8)
    assert is_near_duplicate(picture, noisy)
    changed = noisy.copy()
    changed[100:120, 100:120] = 255 - changed[100:120, 100:120]
    assert not is_near_duplicate(picture, changed)
