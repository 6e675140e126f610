"""The tracks of a file that is made for players: copied packet by packet, or decoded and encoded anew."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from typing import Any, Protocol

import av
from av.audio.stream import AudioStream
from av.container.output import OutputContainer
from av.packet import Packet
from av.video.frame import PictureType, VideoFrame
from av.video.stream import VideoStream

from stream.media.container import packet_seconds
from stream.media.playing_picture import Screen

COPY_SLACK_SECONDS = 0.5
"""So much earlier than asked a copied picture may begin."""
_TICKS = 90_000
_KEYFRAME_SECONDS = 2.0
_MOST_WAITING = 2000
_MOST_RATE, _USUAL_RATE = 60, 25
_SOUND_RATE, _SOUND_BITS = 48_000, 128_000
_ENCODING = {"preset": "superfast", "tune": "zerolatency", "crf": "23", "threads": "2"}


class Output:
    """The file that is written; packets wait until all tracks are declared, as the header does."""

    def __init__(self, container: OutputContainer, undeclared: int) -> None:
        self.container = container
        self._undeclared = undeclared
        self._waiting: list[Packet[Any]] = []

    def declare(self) -> None:
        """One more track is known."""
        self._undeclared -= 1

    def mux(self, made: Iterable[Packet[Any]]) -> None:
        """Write packets, or keep them for a while."""
        self._waiting += made
        if self._undeclared <= 0 or len(self._waiting) > _MOST_WAITING:
            self.flush()

    def flush(self) -> None:
        """Write what waits."""
        waiting, self._waiting = self._waiting, []
        for packet in waiting:
            self.container.mux(packet)


class Track(Protocol):
    def take(self, packet: Packet[Any]) -> None: ...

    def finish(self) -> None: ...


class CopiedTrack:
    """Packets as they are, from the first one on that can be decoded."""

    def __init__(self, output: Output, stream: VideoStream | AudioStream, shift_seconds: float) -> None:
        self._output = output
        self._to = output.container.add_stream_from_template(stream, opaque=True)
        output.declare()
        self._shift_seconds = shift_seconds
        self._last: int | None = None
        self._begun = False
        self._is_picture = isinstance(stream, VideoStream)

    def take(self, packet: Packet[Any]) -> None:
        seconds = packet_seconds(packet, self._shift_seconds)
        if not self._begun:
            early = -COPY_SLACK_SECONDS / 2 if self._is_picture else -0.03
            self._begun = seconds is not None and seconds >= early and (packet.is_keyframe or not self._is_picture)
            if not self._begun:
                return
        shift = round(self._shift_seconds / packet.time_base)
        dts = packet.dts if packet.dts is not None else packet.pts
        if dts is None:
            return
        dts -= shift
        if self._last is not None and dts <= self._last:
            dts = self._last + 1
        self._last = dts
        packet.pts = max(dts, packet.pts - shift) if packet.pts is not None else dts
        packet.dts = dts
        packet.stream = self._to
        self._output.mux([packet])

    def finish(self) -> None:
        """Nothing is held back."""


class PictureTrack:
    """Decoded, turned, made smaller and encoded as H.264; begins with what is shown at time 0."""

    def __init__(self, output: Output, stream: VideoStream, shift_seconds: float, most_height: int) -> None:
        self._output = output
        self._from = stream
        self._base = stream.time_base or Fraction(1, av.time_base)
        self._shift_seconds = shift_seconds
        self._screen = Screen(stream, most_height)
        self._rate = _rate(stream)
        self._to: VideoStream | None = None
        self._before: VideoFrame | None = None
        self._last = -1

    def take(self, packet: Packet[Any]) -> None:
        for frame in _decoded(lambda: self._from.decode(packet)):
            self._show(frame)

    def finish(self) -> None:
        for frame in _decoded(lambda: self._from.decode(None)):
            self._show(frame)
        if self._before is not None:
            self._encode(self._before, 0)
        if self._to is not None:
            self._output.mux(self._to.encode(None))

    def _show(self, frame: VideoFrame) -> None:
        if frame.pts is None:
            return
        # The last frames, which the decoder held back, do not say in what they count.
        seconds = float(frame.pts * (frame.time_base or self._base)) - self._shift_seconds
        if seconds < 0:
            self._before = frame
            return
        if self._before is not None:
            # What was shown last stays until the next one comes.
            if seconds > 1e-3:
                self._encode(self._before, 0)
            self._before = None
        self._encode(frame, round(seconds * _TICKS))

    def _encode(self, frame: VideoFrame, pts: int) -> None:
        if pts <= self._last:
            return
        self._last = pts
        shown = self._screen.show(frame)
        if self._to is None:
            self._to = self._output.container.add_stream("libx264", rate=self._rate, options=_ENCODING)
            self._to.width, self._to.height, self._to.pix_fmt = shown.width, shown.height, "yuv420p"
            self._to.codec_context.time_base = Fraction(1, _TICKS)
            self._to.codec_context.gop_size = max(1, round(self._rate * _KEYFRAME_SECONDS))
            self._output.declare()
        # What the frame was in the file must not say what it becomes.
        shown.pict_type = PictureType.NONE
        shown.pts, shown.time_base = pts, Fraction(1, _TICKS)
        self._output.mux(self._to.encode(shown))


class SoundTrack:
    """Decoded and encoded as AAC, in two channels at most."""

    def __init__(self, output: Output, stream: AudioStream, shift_seconds: float) -> None:
        self._output = output
        self._from = stream
        self._base = stream.time_base or Fraction(1, av.time_base)
        self._shift_seconds = shift_seconds
        self._to = output.container.add_stream("aac", rate=_SOUND_RATE)
        output.declare()
        self._to.bit_rate = _SOUND_BITS
        self._to.layout = "mono" if stream.codec_context.channels == 1 else "stereo"
        self._resampler = av.AudioResampler(format="fltp", layout=self._to.layout, rate=_SOUND_RATE)
        self._next: int | None = None

    def take(self, packet: Packet[Any]) -> None:
        for frame in _decoded(lambda: self._from.decode(packet)):
            self._hear(frame)

    def finish(self) -> None:
        for frame in _decoded(lambda: self._from.decode(None)):
            self._hear(frame)
        self._output.mux(self._to.encode(None))

    def _hear(self, frame: av.AudioFrame) -> None:
        if frame.pts is not None and not frame.time_base:
            frame.time_base = self._base
        for made in self._resampler.resample(frame):
            pts = self._place(made)
            if pts < 0:
                continue
            self._next = pts + made.samples
            made.pts, made.time_base = pts, Fraction(1, _SOUND_RATE)
            self._output.mux(self._to.encode(made))

    def _place(self, frame: av.AudioFrame) -> int:
        """Where a frame goes, in samples: after the one before it, unless there is a gap that is heard."""
        if frame.pts is None:
            return self._next or 0
        stamp = round((float(frame.pts * (frame.time_base or self._base)) - self._shift_seconds) * _SOUND_RATE)
        if self._next is not None and abs(stamp - self._next) < _SOUND_RATE // 5:
            return self._next
        return max(stamp, self._next or stamp)


def _decoded(decode: Callable[[], list[Any]]) -> Iterator[Any]:
    """The frames of a packet; one that is broken gives none, and the next one may be sound again."""
    try:
        yield from decode()
    except av.error.MemoryError:
        raise
    except av.error.FFmpegError:
        return


def _rate(stream: VideoStream) -> Fraction:
    rate = stream.average_rate or stream.guessed_rate
    return rate if rate and 1 <= rate <= _MOST_RATE else Fraction(_USUAL_RATE)
