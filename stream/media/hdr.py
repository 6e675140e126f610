"""High dynamic range (PQ and HLG, ITU-R BT.2100) brought to what models and screens take."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import ColorTrc, VideoReformatter
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Callable

# Larger than any model's input and any thumbnail; the arithmetic is per pixel.
_LARGEST_WIDTH = 768
# ITU-R BT.2408: where a white sheet of paper lies.
_PAPER_NITS = 203.0
_HLG_PEAK_NITS = 1000.0
_HLG_GAMMA = 1.2
# Up to here of a white sheet's light nothing is changed.
_KNEE = 0.6
_BT2020_TO_BT709 = np.array(
    [[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]], np.float32
)
_BT2020_LIGHT = np.array([0.2627, 0.6780, 0.0593], np.float32)
_CODES = 1 << 16


def is_hdr(frame: VideoFrame) -> bool:
    """Whether a frame says that its values are PQ or HLG."""
    return frame.color_trc in (ColorTrc.SMPTE2084, ColorTrc.ARIB_STD_B67)


def standard_range(frame: VideoFrame, reformatter: VideoReformatter) -> VideoFrame:
    """Tone-map a frame to sRGB (rgb24), at most 768 pixels wide."""
    scale = min(1.0, _LARGEST_WIDTH / frame.width)
    width, height = max(1, round(frame.width * scale)), max(1, round(frame.height * scale))
    codes = reformatter.reformat(frame, width, height, "rgb48le", interpolation="AREA").to_ndarray()
    is_hlg = frame.color_trc == ColorTrc.ARIB_STD_B67
    light = _table(_hlg_scene_light if is_hlg else _pq_light)[codes]
    if is_hlg:
        light *= _hlg_system_gain(light)
    pixels = _srgb(_compress(np.maximum(light @ _BT2020_TO_BT709.T, 0.0)))
    return VideoFrame.from_ndarray(pixels, format="rgb24")


def _pq_light(code: NDArray[np.float64]) -> NDArray[np.float64]:
    """SMPTE ST 2084: from a code (0-1) to light, 1 for a white sheet."""
    m1, m2, c1, c2, c3 = 0.1593017578125, 78.84375, 0.8359375, 18.8515625, 18.6875
    root = code ** (1 / m2)
    return (np.maximum(root - c1, 0.0) / (c2 - c3 * root)) ** (1 / m1) * (10_000 / _PAPER_NITS)


def _hlg_scene_light(code: NDArray[np.float64]) -> NDArray[np.float64]:
    """ARIB STD-B67: from a code (0-1) to the light of the scene (0-1)."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    return np.where(code <= 0.5, code**2 / 3, (np.exp((code - c) / a) + b) / 12)


def _hlg_system_gain(scene: NDArray[np.float32]) -> NDArray[np.float32]:
    """What a screen of 1000 nits does with the light of the scene, 1 for a white sheet."""
    light = np.maximum(scene @ _BT2020_LIGHT, 1e-6)[..., None]
    gain: NDArray[np.float32] = light ** np.float32(_HLG_GAMMA - 1) * np.float32(_HLG_PEAK_NITS / _PAPER_NITS)
    return gain


def _compress(light: NDArray[np.float32]) -> NDArray[np.float32]:
    """Bend what is brighter than the knee below 1, all three colours alike, so that hues stay."""
    brightest = np.maximum(light.max(axis=-1, keepdims=True), 1e-6)
    bent = np.where(brightest <= _KNEE, brightest, 1 - (1 - _KNEE) * np.exp(-(brightest - _KNEE) / (1 - _KNEE))).astype(
        np.float32
    )
    return np.asarray(light * (bent / brightest), np.float32)


def _srgb(light: NDArray[np.float32]) -> NDArray[np.uint8]:
    curved = np.where(light <= 0.0031308, 12.92 * light, 1.055 * np.maximum(light, 1e-6) ** (1 / 2.4) - 0.055)
    return np.asarray(np.clip(np.rint(curved * 255), 0, 255), np.uint8)


@cache
def _table(curve: Callable[[NDArray[np.float64]], NDArray[np.float64]]) -> NDArray[np.float32]:
    return curve(np.arange(_CODES) / (_CODES - 1)).astype(np.float32)
