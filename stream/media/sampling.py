"""Which frames of a span are looked at: keyframes first, everything only where it pays.

Encoders place keyframes at cuts, so two keyframes that look alike rarely have a cut between them. A gap between two
keyframes is therefore decoded only where its ends differ and the later one is not itself the cut, where it is long, or
where the file ends in it.
Packets are read once: those since the last keyframe are kept until the next one tells whether they are needed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from stream.media.container import packet_seconds
from stream.media.frames import FrameDecoder, TimedFrame
from stream.media.picture import Lens, Sample, distance, pixel_aspect

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
NEAREST_CUT_SECONDS = 0.2
_NEAREST_KEYFRAMES_SECONDS = 0.4
_GAP_BYTES = 32 << 20
# Encoders place keyframes so many frames apart where nothing happens (seconds of 24 to 60 frames, and FFmpeg's own).
_USUAL_DISTANCES = frozenset(rate * seconds for rate in (12, 24, 25, 30, 50, 60) for seconds in (1, 2, 3, 4, 5, 8, 10))
_HIDDEN_CUT_SHARE = 0.5
# Frames are shown in another order than they are stored, by less than this.
REORDER_SECONDS = 1.0
# A picture that has not come back for so long, while the sound went on, has ended.
_ABSENT_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class SamplingBounds:
    """What the picture of one span may cost.

    `frames_per_second` more than 0 asks for exactly so many samples a second, see stream.media.exact_sampling.
    """

    max_frames: int
    max_pixels: int
    frames_per_second: float = 0.0
    max_frames_per_second: float = 1000.0


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
        self._start_seconds = start_seconds
        self._stop_seconds = stop_seconds
        self._origin_seconds = origin_seconds
        self._decoder = FrameDecoder(
            stream, origin_seconds, max_pixels=bounds.max_pixels, max_rate=bounds.max_frames_per_second
        )
        self._lens = Lens(pixel_aspect(stream), picture)
        self._bounds = bounds
        self._gap: list[Packet[VideoStream]] = []
        self._gap_bytes = 0
        self._gap_start_seconds = -np.inf
        self._gap_open = False
        self._shown: NDArray[np.float32] | None = None
        self._kept_seconds = -np.inf
        self._distances: set[int] = set()
        self._held: TimedFrame | None = None
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
        if self._gap_open and seconds >= self._stop_seconds + REORDER_SECONDS:
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
            self._look_at_all(self._decoder.decode(None))
            self._drop_ended()
            self._release_held()
            self._stop_decoding()

    def _is_far_enough(self, seconds: float) -> bool:
        return seconds - self._gap_start_seconds >= _NEAREST_KEYFRAMES_SECONDS or not self._gap

    def _keep(self, packet: Packet[VideoStream]) -> None:
        if self._gap_open:
            self._look_at_all(self._decoder.decode(packet))
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
        first = self._decoder.decode_alone(self._gap[0])
        last = self._decoder.decode_alone(keyframe)
        if first and last and (self._is_alike(first[1], last[1]) or self._ends_at_cut()):
            self._look_at_all([first])
            self._release_held()
        else:
            self._open_gap()
            self._close_open_gap()

    def _is_alike(self, first: VideoFrame, last: VideoFrame) -> bool:
        return distance(self._lens.histogram(first), self._lens.histogram(last)) < DIFFER_DISTANCE

    def _ends_at_cut(self) -> bool:
        """Whether the keyframe after the gap stands where it does because the picture changes there.

        One at an unusual distance does, unless a packet within the gap is nearly as large as a keyframe: a picture that
        changes there, too.
        """
        count, largest = len(self._gap), max((packet.size for packet in self._gap[1:]), default=0)
        is_usual = count in _USUAL_DISTANCES or count in self._distances
        self._distances.add(count)
        return not is_usual and largest < _HIDDEN_CUT_SHARE * self._gap[0].size

    def _close_last_gap(self) -> None:
        first = self._decoder.decode_alone(self._gap[0])
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
            self._look_at_all(self._decoder.decode(packet))

    def _close_open_gap(self) -> None:
        self._look_at_all(self._decoder.decode(None))
        self._release_held()
        self._stop_decoding()

    def _stop_decoding(self) -> None:
        self._decoder.flush()
        self._gap_open = False

    def _look_at_all(self, frames: list[TimedFrame]) -> None:
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
        is_cut = self._shown is not None and distance(self._shown, shown) > CUT_DISTANCE
        self._shown = shown
        last_cut = self.cut_seconds[-1] if self.cut_seconds else self._start_seconds
        if is_cut and seconds - last_cut >= NEAREST_CUT_SECONDS:
            self.cut_seconds.append(seconds)
        since = seconds - self._kept_seconds
        begins_gap = not self._gap_open
        if is_cut and since >= NEAREST_CUT_SECONDS:
            self._keep_sample(seconds, frame, unlike=None)
        elif since > 0 and (begins_gap or since >= _SAMPLE_EVERY_SECONDS):
            self._keep_sample(seconds, frame, unlike=self.samples[-1] if self.samples else None)

    def _keep_sample(self, seconds: float, frame: VideoFrame, *, unlike: Sample | None) -> None:
        """Keep a frame, unless there are enough, or it looks like the one before it."""
        self._kept_seconds = seconds
        if len(self.samples) < self._bounds.max_frames:
            sample = self._lens.keep(seconds, frame, unlike=unlike)
            self.samples += [sample] if sample is not None else []
