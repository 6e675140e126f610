"""A decoded frame as a player shows it: upright, square pixels, not larger than a screen needs, yuv420p."""

from __future__ import annotations

from typing import TYPE_CHECKING

from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter

from encoders.values import PictureInput
from stream.media.hdr import is_hdr
from stream.media.picture import Lens, display_size, pixel_aspect, quarter_turns

if TYPE_CHECKING:
    from av.video.stream import VideoStream

_FEWEST_PIXELS = 16
# Nothing is made of the model's input here.
_NO_INPUT = PictureInput(size=1, resize_mode="squash", interpolation="bilinear", fill=0)


class Screen:
    """Shows the frames of one stream, all in the size of the first."""

    def __init__(self, stream: VideoStream, most_height: int) -> None:
        """Show frames at most so high."""
        self._aspect = pixel_aspect(stream)
        self._most_height = most_height
        self._lens = Lens(self._aspect, _NO_INPUT)
        self._tables = VideoReformatter()
        self._size: tuple[int, int] | None = None

    def show(self, frame: VideoFrame) -> VideoFrame:
        """A frame of yuv420p, of even width and height."""
        turned = quarter_turns(frame.rotation)
        size = self._size = self._size or self._fitting(frame, turned % 2 == 1)
        if turned or is_hdr(frame):
            image, _ = self._lens.upright(frame)
            frame = VideoFrame.from_image(image)  # type: ignore[no-untyped-call]
        return self._tables.reformat(frame, *size, "yuv420p", interpolation="BILINEAR", threads=1)

    def _fitting(self, frame: VideoFrame, lying: bool) -> tuple[int, int]:
        width, height = display_size(frame.width, frame.height, self._aspect)
        if lying:
            width, height = height, width
        scale = min(1.0, self._most_height / min(width, height))
        return _even(width * scale), _even(height * scale)


def _even(pixels: float) -> int:
    return max(_FEWEST_PIXELS, round(pixels / 2) * 2)
