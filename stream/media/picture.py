"""From a decoded frame to what is kept of it: the model's input, a thumbnail and a histogram."""

from __future__ import annotations

import io
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import Colorspace, Interpolation, VideoReformatter
from numpy.typing import NDArray
from PIL import Image

from encoders.framing import fit, resized_size
from stream.media.hdr import is_hdr, standard_range

if TYPE_CHECKING:
    from av.video.stream import VideoStream

    from encoders.values import PictureInput

THUMBNAIL_WIDTH = 320
_THUMBNAIL_HEIGHT = 640
_THUMBNAIL_QUALITY = 80
_SMALL_WIDTH, _SMALL_HEIGHT = 64, 36
_LEVELS = 16
_UNSPECIFIED_COLORSPACE = 2
_HD_HEIGHT = 720
_TURNS = {1: Image.Transpose.ROTATE_90, 2: Image.Transpose.ROTATE_180, 3: Image.Transpose.ROTATE_270}
# Without these, colours would be resized at half the width.
_WHOLE_COLOURS = Interpolation.FULL_CHR_H_INT | Interpolation.FULL_CHR_H_INP | Interpolation.ACCURATE_RND
_FILTERS = {
    "bicubic": Interpolation.BICUBIC | _WHOLE_COLOURS,
    "bilinear": Interpolation.BILINEAR | _WHOLE_COLOURS,
}
# Formats whose colours are looked up in a table, transparent ones among them.
_PALETTES = ("pal8",)
_RGB = frozenset({"rgb24", "bgr24", "gbrp", "rgb0", "bgr0", "0rgb", "0bgr"})
_GREY = 128
_PARTS = 16
_NOISE_LEVELS = 3.0
# Any sane file is far inside; a lie must not blow up a picture.
_LARGEST_ASPECT = 4


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """A frame that is kept.

    Args:
        seconds: when it is shown, in video time.
        pixels: uint8 S×S×3, RGB, the model's input.
        thumbnail: JPEG, upright, square pixels.
    """

    seconds: float
    pixels: NDArray[np.uint8]
    thumbnail: bytes

    def __post_init__(self) -> None:
        if self.pixels.dtype != np.uint8 or self.pixels.ndim != 3 or self.pixels.shape[2] != 3:
            raise ValueError(f"pixels must be uint8 S×S×3: {self.pixels.dtype = }, {self.pixels.shape = }")


class Lens:
    """Looks at the frames of one stream; keeps the tables of its conversions from frame to frame."""

    def __init__(self, aspect: Fraction, picture: PictureInput) -> None:
        """Look at frames whose pixels are `aspect` times as wide as high."""
        self._aspect = aspect
        self._picture = picture
        self._small = VideoReformatter()
        self._large = VideoReformatter()
        self._resizing = VideoReformatter()
        self._shrinking = VideoReformatter()

    def twin(self) -> Lens:
        """The same with tables of its own, for another thread."""
        return Lens(self._aspect, self._picture)

    def keep(self, seconds: float, frame: VideoFrame, *, unlike: Sample | None = None) -> Sample | None:
        """Make a sample of a frame; None where it shows nothing that `unlike` does not."""
        plain, display = self._plain(frame), self._upright_size(frame, frame.rotation)
        pixels = self._model_input(plain, frame.rotation, display)
        if unlike is not None and is_near_duplicate(pixels, unlike.pixels):
            return None
        return Sample(seconds, pixels, self._thumbnail(plain, frame.rotation, display))

    def model_input(self, frame: VideoFrame) -> NDArray[np.uint8]:
        """Resize (antialiased), turn, and crop or fill to the model's own input, as its training did: uint8 S×S×3.

        FFmpeg resizes two to three times as fast as Pillow does for open_clip, and on average less than one level of
        256 apart from it.
        """
        return self._model_input(self._plain(frame), frame.rotation, self._upright_size(frame, frame.rotation))

    def upright(self, frame: VideoFrame) -> tuple[Image.Image, tuple[int, int]]:
        """Convert a frame to RGB and turn it as the file says.

        Returns:
            The image with its pixels as they were coded, and the width and height at which it is to be shown.
        """
        return _upright(self._rgb(frame), frame.rotation), self._upright_size(frame, frame.rotation)

    def _plain(self, frame: VideoFrame) -> VideoFrame:
        """The frame as it is where it can be resized at once, as most can; as rgb24 else."""
        return self._rgb(frame) if is_hdr(frame) or _has_alpha(frame) or frame.interlaced_frame else frame

    def _rgb(self, frame: VideoFrame) -> VideoFrame:
        """The frame as rgb24, opaque, of one moment in time; its size may differ, what it shows does not."""
        if is_hdr(frame):
            return standard_range(frame, self._large)
        colorspace = _meant_colorspace(frame)
        if _has_alpha(frame):
            rgba = self._large.reformat(frame, format="rgba", src_colorspace=colorspace).to_ndarray()
            rgb = VideoFrame.from_ndarray(over_grey(rgba.astype(np.uint8, copy=False)), format="rgb24")
        else:
            rgb = self._large.reformat(frame, format="rgb24", src_colorspace=colorspace)
        return _one_field(rgb) if frame.interlaced_frame else rgb

    def _upright_size(self, frame: VideoFrame, rotation: int) -> tuple[int, int]:
        width, height = display_size(frame.width, frame.height, self._aspect)
        return (height, width) if quarter_turns(rotation) % 2 else (width, height)

    def _model_input(self, plain: VideoFrame, rotation: int, display: tuple[int, int]) -> NDArray[np.uint8]:
        size = resized_size(display, self._picture)
        interpolation = _FILTERS[self._picture.interpolation]
        return fit(_resized(self._resizing, plain, rotation, size, interpolation), self._picture)

    def _thumbnail(self, plain: VideoFrame, rotation: int, display: tuple[int, int]) -> bytes:
        return _jpeg(_resized(self._shrinking, plain, rotation, thumbnail_size(display), Interpolation.AREA))

    def histogram(self, frame: VideoFrame) -> NDArray[np.float32]:
        """Colour histogram of a frame: 4 quarters × 3 colours × 16 levels, each quarter's colour sums to 1.

        Quarters are kept apart so that two takes of one scene from two sides differ too.
        """
        # More threads cost more than they bring at this size.
        small = self._small.reformat(frame, _SMALL_WIDTH, _SMALL_HEIGHT, "rgb24", interpolation="AREA", threads=1)
        height, width = _SMALL_HEIGHT // 2, _SMALL_WIDTH // 2
        quarters = small.to_ndarray().reshape(2, height, 2, width, 3).transpose(0, 2, 4, 1, 3).reshape(12, -1)
        rows = np.arange(12, dtype=np.int64)[:, None] * _LEVELS
        counts = np.bincount((quarters // (256 // _LEVELS) + rows).ravel(), minlength=12 * _LEVELS)
        return (counts.reshape(12, _LEVELS) / (height * width)).astype(np.float32)


def _meant_colorspace(frame: VideoFrame) -> Colorspace | None:
    """Files of high definition that name no matrix mean BT.709; FFmpeg would take BT.601 for all."""
    is_unspecified = frame.colorspace == _UNSPECIFIED_COLORSPACE and frame.format.name not in _RGB
    return Colorspace.ITU709 if is_unspecified and frame.height >= _HD_HEIGHT else None


def _resized(
    tables: VideoReformatter, plain: VideoFrame, rotation: int, size: tuple[int, int], interpolation: int
) -> Image.Image:
    """A frame at an upright size, in one step from its own colours."""
    turns = quarter_turns(rotation)
    width, height = reversed(size) if turns % 2 else size
    # More threads cost more than they bring at this size.
    small = tables.reformat(
        plain,
        width,
        height,
        "rgb24",
        src_colorspace=_meant_colorspace(plain),
        interpolation=interpolation,
        threads=1,
    )
    image = Image.fromarray(small.to_ndarray())
    return image.transpose(_TURNS[turns]) if turns else image


def _upright(rgb: VideoFrame, rotation: int) -> Image.Image:
    image = Image.fromarray(rgb.to_ndarray())
    turns = quarter_turns(rotation)
    return image.transpose(_TURNS[turns]) if turns else image


def _has_alpha(frame: VideoFrame) -> bool:
    return frame.format.name in _PALETTES or any(component.is_alpha for component in frame.format.components)


def over_grey(rgba: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Lay a picture over grey, before which black letters are seen and white ones too."""
    alpha = rgba[..., 3:].astype(np.uint16)
    mixed = rgba[..., :3] * alpha + np.uint16(_GREY) * (255 - alpha)
    return ((mixed + 127) // 255).astype(np.uint8)


def _one_field(rgb: VideoFrame) -> VideoFrame:
    """Every other line of an interlaced frame: the rest was taken a fiftieth of a second apart."""
    lines = rgb.to_ndarray().astype(np.uint8, copy=False)[::2]
    return VideoFrame.from_ndarray(np.ascontiguousarray(lines), format="rgb24")


def is_near_duplicate(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> bool:
    """Whether two model inputs look the same: no part of them, however small, differs by more than noise does."""
    difference = np.abs(one.astype(np.int16) - other)
    edge = max(1, len(one) // _PARTS)
    whole = len(one) // edge * edge
    parts = difference[:whole, :whole].reshape(whole // edge, edge, whole // edge, edge * 3).mean(axis=(1, 3))
    return bool(parts.max() <= _NOISE_LEVELS)


def quarter_turns(rotation: int) -> int:
    """Counter-clockwise quarter turns, 0-3, nearest to a rotation in degrees (counter-clockwise, as PyAV gives it)."""
    return round(rotation / 90) % 4


def pixel_aspect(stream: VideoStream) -> Fraction:
    """Width of a pixel divided by its height; 1 where the file does not say."""
    return stream.sample_aspect_ratio or Fraction(1)


def display_size(width: int, height: int, aspect: Fraction) -> tuple[int, int]:
    """Width and height with square pixels, before turning; a nonsensical aspect is ignored."""
    if not (Fraction(1, _LARGEST_ASPECT) <= aspect <= _LARGEST_ASPECT):
        return width, height
    return max(1, round(width * aspect)), height


def thumbnail_size(display: tuple[int, int]) -> tuple[int, int]:
    """At most 320×640 pixels, never larger than the picture itself."""
    width, height = display
    scale = min(1.0, THUMBNAIL_WIDTH / width, _THUMBNAIL_HEIGHT / height)
    return max(1, round(width * scale)), max(1, round(height * scale))


def _jpeg(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=_THUMBNAIL_QUALITY)
    return out.getvalue()


def distance(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """How much two histograms differ, 0 (same) to 1 (nothing in common)."""
    # Blurred over neighbouring levels, so that a slight change of light does not count.
    difference = one - other
    blurred = 0.5 * difference
    blurred[:, 1:] += 0.25 * difference[:, :-1]
    blurred[:, :-1] += 0.25 * difference[:, 1:]
    blurred[:, [0, -1]] += 0.25 * difference[:, [0, -1]]
    return float(np.abs(blurred).sum() / (2 * len(one)))
