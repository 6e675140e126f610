"""Which frames of a span are looked at: keyframes first, everything only where it pays.

Encoders place keyframes at cuts, so two keyframes that look alike rarely have a cut between them. A gap between two
keyframes is therefore decoded only where its ends differ, where it is long, or where the file ends in it.
Packets are read once: those since the last keyframe are kept until the next one tells whether they are needed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import av
import numpy as np
from numpy.typing import NDArray

from stream.container import packet_seconds
from stream.errors import InvalidMedia
from stream.picture import Lens, Sample, distance, pixel_aspect

if TYPE_CHECKING:
    from av.packet import Packet
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

    from encoders.values import PictureInput

# Two frames this far apart in colour belong to different shots if they follow each other ...
CUT_DISTANCE = 0.30
# ... and the ends of a gap this far apart are reason enough to look inside.
DIFFER_DISTANCE = 0.20
LONG_GAP_SECONDS = 10.0
# The last gap of a file has no second end; it is decoded unless it is this short.
_SHORT_TAIL_SECONDS = 1.0
_SAMPLE_EVERY_SECONDS = 1.0
# Files with keyframes only (and strobes) are not looked at more often than this.
_NEAREST_SECONDS = 0.2
_NEAREST_KEYFRAMES_SECONDS = 0.4
_GAP_BYTES = 32 << 20
# Frames are shown in another order than they are stored, by less than this.
_REORDER_SECONDS = 1.0
# A picture that has not come back for so long, while the sound went on, has ended.
_ABSENT_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class SamplingBounds:
    """What the picture of one span may cost."""

    max_frames: int
    max_pixels: int


class PictureSampler:
    """Collects samples and cuts of one span, packet by packet."""

    def __init__(
        self,
        stream: VideoStream,
        start_seconds: float,
        stop_seconds: float,
        origin_seconds: float,
        picture: PictureInput,
        bounds: SamplingBounds,
    ) -> None:
        """Look at [start, stop) in video time; `origin_seconds` is the container's own time of video time 0."""
        self._stream = stream
        self._start_seconds = start_seconds
        self._stop_seconds = stop_seconds
        self._origin_seconds = origin_seconds
        self._lens = Lens(pixel_aspect(stream), picture)
        self._bounds = bounds
        self._gap: list[Packet[VideoStream]] = []
        self._gap_bytes = 0
        self._gap_start_seconds = -np.inf
        self._gap_open = False
        self._shown: NDArray[np.float32] | None = None
        self._held: tuple[float, VideoFrame] | None = None
        self.samples: list[Sample] = []
        self.cut_seconds: list[float] = []
        self.done = False

    def feed(self, packet: Packet[VideoStream]) -> None:
        """Take one packet of the stream."""
        if self.done:
            return
        seconds = packet_seconds(packet, self._origin_seconds)
        if packet.is_keyframe and seconds is not None and self._is_far_enough(seconds):
            self._close_gap(packet, seconds)
            return
        self._keep(packet)
        if seconds is None:
            return
        if self._gap_open and seconds >= self._stop_seconds + _REORDER_SECONDS:
            self.finish()
        elif seconds - self._gap_start_seconds > LONG_GAP_SECONDS and seconds > self._start_seconds:
            self._open_gap()

    def pass_time(self, seconds: float) -> None:
        """Hear from another stream how far the file has been read."""
        if seconds >= self._stop_seconds + _ABSENT_SECONDS:
            self.finish()

    def finish(self) -> None:
        """Close the span where the file ends, or where nothing after it is needed."""
        if self.done:
            return
        self.done = True
        if self._gap and not self._gap_open:
            self._close_last_gap()
        if self._gap_open:
            self._look_at_all(self._decode(None))
            self._drop_ended()
            self._release_held()
            self._stop_decoding()

    def _is_far_enough(self, seconds: float) -> bool:
        return seconds - self._gap_start_seconds >= _NEAREST_KEYFRAMES_SECONDS or not self._gap

    def _keep(self, packet: Packet[VideoStream]) -> None:
        if self._gap_open:
            self._look_at_all(self._decode(packet))
            return
        self._gap.append(packet)
        self._gap_bytes += packet.size
        if self._gap_bytes > _GAP_BYTES:
            self._open_gap()

    def _close_gap(self, keyframe: Packet[VideoStream], seconds: float) -> None:
        """Settle what lies before a keyframe, then begin the next gap with it."""
        if seconds > self._start_seconds:
            if self._gap_open:
                self._close_open_gap()
            elif self._gap:
                self._settle_gap(keyframe)
            self.done = seconds >= self._stop_seconds
        elif self._gap_open:
            self._stop_decoding()
        self._gap, self._gap_bytes, self._gap_start_seconds = [keyframe], keyframe.size, seconds

    def _settle_gap(self, keyframe: Packet[VideoStream]) -> None:
        """Show the gap's first frame for all of it, or decode it whole."""
        first = self._decode_alone(self._gap[0])
        last = self._decode_alone(keyframe)
        if first and last and distance(self._lens.histogram(first[1]), self._lens.histogram(last[1])) < DIFFER_DISTANCE:
            self._look_at_all([first])
            self._release_held()
        else:
            self._open_gap()
            self._close_open_gap()

    def _close_last_gap(self) -> None:
        first = self._decode_alone(self._gap[0])
        stamps = [packet_seconds(packet, self._origin_seconds) for packet in self._gap]
        last_seconds = max((stamp for stamp in stamps if stamp is not None), default=self._start_seconds)
        if first and min(last_seconds, self._stop_seconds) - self._gap_start_seconds <= _SHORT_TAIL_SECONDS:
            self._look_at_all([first])
            self._drop_ended()
            self._release_held()
        else:
            self._open_gap()

    def _open_gap(self) -> None:
        """Decode what was kept, and from here on every packet as it comes."""
        self._gap_open = True
        kept, self._gap, self._gap_bytes = self._gap, [], 0
        for packet in kept:
            self._look_at_all(self._decode(packet))

    def _close_open_gap(self) -> None:
        self._look_at_all(self._decode(None))
        self._release_held()
        self._stop_decoding()

    def _stop_decoding(self) -> None:
        self._stream.codec_context.flush_buffers()
        self._gap_open = False

    def _decode_alone(self, keyframe: Packet[VideoStream]) -> tuple[float, VideoFrame] | None:
        """Decode one keyframe without its neighbours."""
        frames = [*self._decode(keyframe), *self._decode(None)]
        self._stream.codec_context.flush_buffers()
        return frames[0] if frames else None

    def _decode(self, packet: Packet[VideoStream] | None) -> list[tuple[float, VideoFrame]]:
        try:
            frames = self._stream.codec_context.decode(packet)
        except av.error.MemoryError:
            raise
        except av.error.FFmpegError:
            return []  # A damaged packet is a gap in the picture, not the end of it.
        return list(self._timed(frames))

    def _timed(self, frames: list[VideoFrame]) -> Iterator[tuple[float, VideoFrame]]:
        for frame in frames:
            if frame.width * frame.height > self._bounds.max_pixels:
                raise InvalidMedia("too_large", f"A frame is {frame.width}×{frame.height}, more than is allowed.")
            stamp = frame.dts if frame.pts is None else frame.pts
            if stamp is not None and frame.time_base is not None:
                yield float(stamp * frame.time_base) - self._origin_seconds, frame

    def _look_at_all(self, frames: list[tuple[float, VideoFrame]]) -> None:
        """Look at frames of the span; of those before it only the last counts, which is what its start shows."""
        for seconds, frame in frames:
            if seconds <= self._start_seconds:
                self._held = (seconds, frame)
                continue
            self._release_held()
            if seconds < self._stop_seconds:
                self._look_at(seconds, frame)

    def _release_held(self) -> None:
        held, self._held = self._held, None
        if held is not None:
            self._look_at(self._start_seconds, held[1])

    def _drop_ended(self) -> None:
        """Forget the file's last frame if it is no longer shown where the span starts."""
        if self._held is None or self._held[0] == self._start_seconds:
            return
        seconds, frame = self._held
        if seconds + float(frame.duration * (frame.time_base or 0)) <= self._start_seconds:
            self._held = None

    def _look_at(self, seconds: float, frame: VideoFrame) -> None:
        """Compare a frame with the one shown before it, and keep it where it begins a shot or a second has passed."""
        shown = self._lens.histogram(frame)
        since = seconds - self.samples[-1].seconds if self.samples else np.inf
        is_cut = self._shown is not None and distance(self._shown, shown) > CUT_DISTANCE
        self._shown = shown
        last_cut = self.cut_seconds[-1] if self.cut_seconds else self._start_seconds
        if is_cut and seconds - last_cut >= _NEAREST_SECONDS:
            self.cut_seconds.append(seconds)
        begins_gap = not self._gap_open
        wanted = (is_cut and since >= _NEAREST_SECONDS) or begins_gap or since >= _SAMPLE_EVERY_SECONDS
        if wanted and since > 0 and len(self.samples) < self._bounds.max_frames:
            self.samples.append(self._lens.keep(seconds, frame))
