"""Keyframes decoded alone, several at a time: each thread has a decoder of its own."""

from __future__ import annotations

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stream.media.frames import FrameDecoder
from stream.media.gaps import Look
from stream.media.picture import Lens

if TYPE_CHECKING:
    from av.packet import Packet
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

# Decoders to which a stream's head says all; others learn more from the container than can be handed on.
_SELF_CONTAINED = frozenset({"h264", "hevc", "vp8", "vp9", "av1", "libdav1d", "mpeg4", "mpeg2video"})


@dataclass(frozen=True, slots=True)
class _Eye:
    """What one thread sees with."""

    decoder: FrameDecoder
    lens: Lens

    def see(self, keyframe: Packet[VideoStream]) -> Look | None:
        timed = self.decoder.decode_alone(keyframe)
        return Look(*timed, self.lens.histogram(timed[1])) if timed else None


class KeyframeLooks:
    """Says what keyframes show.

    The first one is decoded by the stream's own decoder and by a second one made like it. Only where both see the same,
    turned the same way and in the same colours, other threads go on with decoders of their own.
    """

    def __init__(self, decoder: FrameDecoder, lens: Lens) -> None:
        """Look at a stream's keyframes; `decoder` and `lens` serve the calling thread."""
        self._own = _Eye(decoder, lens)
        self._local = threading.local()
        self._pool: ThreadPoolExecutor | None = None
        self._is_tried = decoder.threads < 2 or decoder.codec_name not in _SELF_CONTAINED

    @property
    def ahead(self) -> int:
        """How many keyframes should be asked for before the first is waited for."""
        return self._own.decoder.threads if self._pool is not None else 0

    def ask(self, keyframe: Packet[VideoStream]) -> Future[Look | None] | None:
        """Begin to look at a keyframe in another thread; None where there is none."""
        return self._pool.submit(self._look_aside, keyframe) if self._pool is not None else None

    def look(self, keyframe: Packet[VideoStream]) -> Look | None:
        """Look at a keyframe at once; None where it cannot be decoded alone."""
        look = self._own.see(keyframe)
        if not self._is_tried and look is not None:
            self._is_tried = True
            other = self._twin().see(keyframe)
            if other is not None and _nature(look.frame) == _nature(other.frame):
                self._pool = ThreadPoolExecutor(self._own.decoder.threads, thread_name_prefix="keyframes")
        return look

    def close(self) -> None:
        """Let the threads end."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None

    def _look_aside(self, keyframe: Packet[VideoStream]) -> Look | None:
        if not hasattr(self._local, "eye"):
            self._local.eye = self._twin()
        eye: _Eye = self._local.eye
        return eye.see(keyframe)

    def _twin(self) -> _Eye:
        return _Eye(self._own.decoder.twin(), self._own.lens.twin())


def _nature(frame: VideoFrame) -> tuple[object, ...]:
    """All that a decoder has read of a keyframe."""
    shape = (frame.format.name, frame.width, frame.height, frame.pts, frame.rotation, frame.interlaced_frame)
    colours = (frame.colorspace, frame.color_range, frame.color_primaries, frame.color_trc)
    return (shape, colours, *(hash(bytes(plane)) for plane in frame.planes))
