"""Which frames of a span are looked at: keyframes first, everything only where it pays.

Encoders place keyframes at cuts, so two keyframes that look alike rarely have a cut between them. Of keyframes that
stand close together only one every few seconds is decoded while they look alike. A gap between two that differ is
decoded only where the later one is not itself the cut, as far as the sizes of the packets tell, and only up to the cut;
a gap that is long, or in which the file ends, is decoded whole.
Packets are read once: those since the last keyframe are kept until the next one tells whether they are needed.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from stream.media.container import packet_seconds
from stream.media.cuts import CUT_DISTANCE
from stream.media.frames import FrameDecoder
from stream.media.gaps import Distances, Gap, Look
from stream.media.keyframes import KeyframeLooks
from stream.media.picture import Lens, Sample, distance, pixel_aspect
from stream.media.watching import Watcher

if TYPE_CHECKING:
    from av.packet import Packet
    from av.video.stream import VideoStream

    from encoders.values import PictureInput

# The ends of a gap this far apart show that something happens between them, be it slowly.
_OTHER_DISTANCE = 0.30
# Films have 24 frames a second, and their encoders' keyframes stand 250 apart.
LONG_GAP_SECONDS = 10.5
# The last gap of a file has no second end; it is decoded unless it is this short.
_SHORT_TAIL_SECONDS = 1.0
# Keyframes nearer to each other are skipped while the picture stays alike: shots so short are no moments ...
_STRIDE_SECONDS = 2.0
# ... so of keyframes as near as this, the later ones are not decoded before they turn out to be needed ...
_ASK_SECONDS = 1.0
# ... and where it does not, these are looked at.
_NEAREST_KEYFRAMES_SECONDS = 0.2
_GAP_BYTES = 32 << 20
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
            stream.codec_context,
            stream.time_base,
            origin_seconds,
            max_pixels=bounds.max_pixels,
            max_rate=bounds.max_frames_per_second,
        )
        self._lens = Lens(pixel_aspect(stream), picture)
        self._looks = KeyframeLooks(self._decoder, self._lens)
        self._asked_seconds = -np.inf
        self._watcher = Watcher(self._lens, start_seconds, stop_seconds, bounds.max_frames)
        self._distances = Distances()
        self._gaps: list[Gap] = []
        self._gap_bytes = 0
        self._gap_start_seconds = -np.inf
        self._is_open = False
        self.done = False

    @property
    def samples(self) -> list[Sample]:
        return self._watcher.samples

    @property
    def cut_seconds(self) -> list[float]:
        return self._watcher.cut_seconds

    def feed(self, packet: Packet[VideoStream]) -> None:
        """Take one packet of the stream."""
        if self.done:
            return
        seconds = packet_seconds(packet, self._origin_seconds)
        if packet.is_keyframe and seconds is not None and self._is_far_enough(seconds):
            self._begin_gap(packet, seconds)
            return
        self._keep(packet)
        if seconds is None:
            return
        if self._is_open and seconds >= self._stop_seconds + REORDER_SECONDS:
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
        self._settle(to_the_last=True)
        if self._gaps:
            self._close_last_gap(self._gaps[0])
        self._looks.close()
        if self._is_open:
            self._watcher.show_all(self._decoder.decode(None))
            self._watcher.drop_ended()
            self._watcher.release()
            self._stop_decoding()

    def _is_far_enough(self, seconds: float) -> bool:
        return seconds - self._gap_start_seconds >= _NEAREST_KEYFRAMES_SECONDS or not (self._gaps or self._is_open)

    def _keep(self, packet: Packet[VideoStream]) -> None:
        if self._is_open:
            self._watcher.show_all(self._decoder.decode(packet))
            return
        if not self._gaps:
            self._gaps.append(Gap(-np.inf, []))
        self._gaps[-1].packets.append(packet)
        self._gap_bytes += packet.size
        if self._gap_bytes > _GAP_BYTES:
            self._settle(to_the_last=True)
        if self._gap_bytes > _GAP_BYTES:
            self._open_gap()

    def _begin_gap(self, keyframe: Packet[VideoStream], seconds: float) -> None:
        """Begin the next gap with a keyframe, and settle what lies before it as far as it can be."""
        gap = Gap(seconds, [keyframe])
        self._gap_start_seconds = seconds
        self._gap_bytes += keyframe.size
        if seconds <= self._start_seconds:
            # Nothing before it is shown in the span.
            self._gaps, self._gap_bytes = [], keyframe.size
            if self._is_open:
                self._stop_decoding()
        elif self._is_open:
            self._end_decoding()
        self._gaps.append(gap)
        if seconds > self._start_seconds:
            self._ask_ahead()
        self.done = seconds >= self._stop_seconds
        self._settle(to_the_last=self.done)
        if self.done:
            self._looks.close()

    def _ask_ahead(self) -> None:
        """Have the last keyframe looked at, unless the ones before it are likely to be enough."""
        gap = self._gaps[-1]
        if gap.start_seconds - self._asked_seconds >= _ASK_SECONDS:
            self._asked_seconds = gap.start_seconds
            gap.coming = self._looks.ask(gap.packets[0])

    def _settle(self, *, to_the_last: bool = False) -> None:
        """Show what lies before the last keyframe, in strides."""
        while len(self._gaps) > 1:
            first = self._gaps[0].start_seconds
            if not to_the_last and self._gaps[-1].start_seconds - first < _STRIDE_SECONDS * (1 + self._looks.ahead):
                return
            near = sum(gap.start_seconds - first <= _STRIDE_SECONDS for gap in self._gaps)
            self._stride(max(1, near - 1))

    def _stride(self, reach: int) -> None:
        """Show all gaps before one of them; those between are looked at only if something has changed."""
        passed, end = self._gaps[:reach], self._gaps[reach]
        one, other = self._look(passed[0]), self._look(end)
        if reach > 1 and one and other and one.is_like(other):
            self._show(passed[0])
            end.begins_shot = False
        else:
            for gap, following in pairwise([*passed, end]):
                self._settle_gap(gap, following)
        self._gap_bytes -= sum(gap.size_bytes for gap in passed)
        del self._gaps[:reach]

    def _settle_gap(self, gap: Gap, following: Gap) -> None:
        """Show the gap's first frame for all of it, or decode it."""
        is_regular = self._distances.is_regular(len(gap.packets))
        one, other = self._look(gap), self._look(following)
        if one is None or other is None:
            self._decode_gap(gap)
            return
        if one.is_like(other):
            self._show(gap)
            following.begins_shot = False
            return
        sign = gap.last_sign_of_cut(is_reordered=self._decoder.reorders)
        is_slow = (
            is_regular
            and following.start_seconds - gap.start_seconds > _STRIDE_SECONDS
            and distance(one.histogram, other.histogram) < _OTHER_DISTANCE
        )
        if sign or (is_regular and not is_slow):
            is_whole = self._decode_gap(gap, other, sign, is_at_cut=not is_regular)
            following.begins_shot = None if is_whole else not self._looks_as(other)
        else:
            self._show(gap)
            following.begins_shot = not is_slow

    def _show(self, gap: Gap) -> None:
        assert gap.look is not None
        self._watcher.show_keyframe(gap.look, begins_shot=gap.begins_shot)

    def _look(self, gap: Gap) -> Look | None:
        """What the gap's keyframe shows."""
        if not gap.is_tried:
            gap.is_tried = True
            gap.look = gap.coming.result() if gap.coming is not None else self._looks.look(gap.packets[0])
        return gap.look

    def _decode_gap(self, gap: Gap, end: Look | None = None, sign: int = 0, *, is_at_cut: bool = False) -> bool:
        """See a gap's frames one after the other, and say whether all were seen.

        With an `end`, only until nothing more is to be expected: past the last sign of a cut, where the picture
        looks as it does at the end, or the end `is_at_cut` itself.
        """
        if gap.begins_shot is False:
            self._watcher.forget()
        is_whole, past = True, sign + 1 + self._decoder.most_delayed
        for number, packet in enumerate(gap.packets):
            self._watcher.show_all(self._decoder.decode(packet))
            if end is not None and number >= past and (is_at_cut or self._looks_as(end)):
                is_whole = False
                break
        else:
            self._watcher.show_all(self._decoder.decode(None))
        self._watcher.release()
        self._stop_decoding()
        return is_whole

    def _looks_as(self, end: Look) -> bool:
        shown = self._watcher.shown
        is_like = shown is not None and distance(shown, end.histogram) < CUT_DISTANCE
        return is_like and not self._watcher.is_changing

    def _close_last_gap(self, gap: Gap) -> None:
        look = self._look(gap)
        stamps = [packet_seconds(packet, self._origin_seconds) for packet in gap.packets]
        last_seconds = max((stamp for stamp in stamps if stamp is not None), default=self._start_seconds)
        if look is None or min(last_seconds, self._stop_seconds) - gap.start_seconds > _SHORT_TAIL_SECONDS:
            self._open_gap()
        elif look.seconds > self._start_seconds:
            self._show(gap)
        else:
            self._watcher.show_all([(look.seconds, look.frame)])
            self._watcher.drop_ended()
            self._watcher.release()

    def _open_gap(self) -> None:
        """Decode the last gap as far as it was kept, and from here on every packet as it comes."""
        self._settle(to_the_last=True)
        if not self._gaps:
            return
        gap = self._gaps.pop()
        self._gap_bytes, self._is_open = 0, True
        if gap.begins_shot is False:
            self._watcher.forget()
        for packet in gap.packets:
            self._watcher.show_all(self._decoder.decode(packet))

    def _end_decoding(self) -> None:
        self._watcher.show_all(self._decoder.decode(None))
        self._watcher.release()
        self._stop_decoding()

    def _stop_decoding(self) -> None:
        self._decoder.flush()
        self._is_open = False
