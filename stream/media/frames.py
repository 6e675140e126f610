"""Packets of a picture to frames with their times; a damaged packet costs its frame and no more."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, cast

import av
from av.codec.context import CodecContext

from stream.errors import InvalidMedia

if TYPE_CHECKING:
    from fractions import Fraction

    from av.packet import Packet
    from av.video.codeccontext import VideoCodecContext
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

TimedFrame = tuple[float, "VideoFrame"]
"""When a frame is shown, in video time, and the frame."""

_SPARE = 2


class FrameDecoder:
    """Decodes the packets of one stream."""

    def __init__(
        self,
        context: VideoCodecContext,
        time_base: Fraction | None,
        origin_seconds: float,
        *,
        max_pixels: int,
        max_rate: float,
    ) -> None:
        """Decode with a stream's context; `origin_seconds` is the container's own time of video time 0."""
        self._context = context
        self._time_base = time_base
        self._origin_seconds = origin_seconds
        self._max_pixels = max_pixels
        self._max_rate = max_rate
        self._count = 0
        self._first_seconds = math.inf
        self._last_seconds = -math.inf

    @property
    def most_delayed(self) -> int:
        """How many packets later than its own a frame may come, at most."""
        return self._context.reorder_depth + self._context.thread_count - 1

    def twin(self) -> FrameDecoder:
        """Another decoder of one thread, of which only that is known that stands in the head of the stream."""
        context = cast("VideoCodecContext", CodecContext.create(self._context.codec, "r"))
        context.extradata = self._context.extradata
        context.options = {"max_pixels": str(self._max_pixels)}
        context.thread_count = 1
        return FrameDecoder(
            context, self._time_base, self._origin_seconds, max_pixels=self._max_pixels, max_rate=self._max_rate
        )

    @property
    def threads(self) -> int:
        return self._context.thread_count

    @property
    def codec_name(self) -> str:
        return self._context.codec.name

    @property
    def reorders(self) -> bool:
        """Whether frames are shown in another order than they are stored."""
        return self._context.reorder_depth > 0

    def decode(self, packet: Packet[VideoStream] | None) -> list[TimedFrame]:
        """Give the decoder a packet (None: the end); it may hold frames back.

        Raises:
            InvalidMedia: a frame is larger than allowed or there are more a second, whatever the header said.
        """
        try:
            frames = self._context.decode(packet)
        except av.error.MemoryError:
            raise
        except av.error.FFmpegError:
            return []  # A damaged packet is a gap in the picture, not the end of it.
        return [(seconds, frame) for frame in frames if (seconds := self._seconds(frame)) is not None]

    def decode_alone(self, keyframe: Packet[VideoStream]) -> TimedFrame | None:
        """Decode one keyframe without its neighbours."""
        frames = [*self.decode(keyframe), *self.decode(None)]
        self.flush()
        return frames[0] if frames else None

    def flush(self) -> None:
        """Forget what the decoder holds back, to begin anew at a keyframe."""
        self._context.flush_buffers()

    def _seconds(self, frame: VideoFrame) -> float | None:
        if frame.width * frame.height > self._max_pixels:
            raise InvalidMedia("too_large", f"A frame is {frame.width}×{frame.height}, more than is allowed.")
        stamp = frame.dts if frame.pts is None else frame.pts
        if not frame.time_base and self._time_base:
            # So come those out that the decoder held back.
            frame.time_base = self._time_base
        base = frame.time_base
        if stamp is None or not base:
            return None
        seconds = stamp * base.numerator / base.denominator - self._origin_seconds
        self._count_one(seconds)
        return seconds

    def _count_one(self, seconds: float) -> None:
        self._count += 1
        self._first_seconds = min(self._first_seconds, seconds)
        self._last_seconds = max(self._last_seconds, seconds)
        # Gaps are decoded twice where they pay, and some files hold a second's worth of frames at one time.
        if self._count > _SPARE * self._max_rate * (self._last_seconds - self._first_seconds + 1.0):
            message = (
                f"The picture has more than {self._max_rate:g} frames a second, which is the most that is allowed."
            )
            raise InvalidMedia("too_large", message)
