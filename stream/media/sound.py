"""Speech of a span: one sound track as 16 kHz mono, each sample at its own time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from numpy.typing import NDArray

from stream.media.container import packet_seconds

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.packet import Packet

SOUND_RATE = 16_000
# Timestamps may be off by rounding (and by a frame in sloppy files) without a gap in the sound.
_TOLERANCE_SECONDS = 0.05
# Decoders of compressed sound need some packets before the first sample that is right.
WARM_UP_SECONDS = 0.25


@dataclass(slots=True)
class _Run:
    """Sound without a gap, of one sample format."""

    start_seconds: float
    shape: tuple[str, str, int]
    resampler: AudioResampler
    taken_seconds: float = 0.0
    pieces: list[NDArray[np.float32]] = field(default_factory=list)

    @property
    def next_seconds(self) -> float:
        return self.start_seconds + self.taken_seconds


class SoundTrack:
    """Collects the sound of one span, packet by packet."""

    def __init__(self, stream: AudioStream, start_seconds: float, stop_seconds: float, origin_seconds: float) -> None:
        """Take sound of [start, stop) in video time; `origin_seconds` is the stream's own time of video time 0."""
        self._stream = stream
        self._start_seconds = start_seconds
        self._stop_seconds = stop_seconds
        self._origin_seconds = origin_seconds
        self._runs: list[_Run] = []
        self.done = False

    def feed(self, packet: Packet[AudioStream]) -> None:
        """Decode one packet of the stream; packets outside the span are cheap."""
        seconds = packet_seconds(packet, self._origin_seconds)
        if seconds is not None and seconds >= self._stop_seconds:
            self.done = True
        if self.done or (seconds is not None and seconds < self._start_seconds - WARM_UP_SECONDS):
            return
        self._decode(packet)

    def finish(self) -> tuple[NDArray[np.float32], float] | None:
        """Close the track.

        Returns:
            Samples (float32, mono, 16 kHz, silence where the file has a gap) and the video time of the first one;
            None where the span has no sound.
        """
        self.done = True
        self._decode(None)
        for run in self._runs:
            run.pieces += _samples(run.resampler.resample(None))
        return self._join()

    def _decode(self, packet: Packet[AudioStream] | None) -> None:
        try:
            frames = self._stream.codec_context.decode(packet)
        except av.error.MemoryError:
            raise
        except av.error.FFmpegError:
            return  # A damaged packet is a gap in the sound, not the end of it.
        for frame in frames:
            self._take(frame)

    def _take(self, frame: AudioFrame) -> None:
        if not frame.samples or not frame.sample_rate:
            return
        run = self._run_for(frame)
        if run is None:
            return
        run.taken_seconds += frame.samples / frame.sample_rate
        frame.pts = None
        run.pieces += _samples(run.resampler.resample(mono_if_strange(frame)))

    def _run_for(self, frame: AudioFrame) -> _Run | None:
        """Continue the last run, or start one where time jumps or the format changes; None outside the span."""
        last = self._runs[-1] if self._runs else None
        seconds = None if frame.time is None else frame.time - self._origin_seconds
        if seconds is None:
            seconds = last.next_seconds if last else self._start_seconds
        if seconds >= self._stop_seconds or seconds + frame.samples / frame.sample_rate <= self._start_seconds:
            return None
        shape = (frame.format.name, frame.layout.name, frame.sample_rate)
        if last and last.shape == shape and abs(seconds - last.next_seconds) <= _TOLERANCE_SECONDS:
            return last
        self._runs.append(_Run(seconds, shape, AudioResampler("flt", "mono", SOUND_RATE)))
        return self._runs[-1]

    def _join(self) -> tuple[NDArray[np.float32], float] | None:
        """Lay every run at its own time into silence and cut to the span."""
        length = round((self._stop_seconds - self._start_seconds) * SOUND_RATE)
        sound = np.zeros(length, dtype=np.float32)
        first, last = length, 0
        for run in self._runs:
            samples = np.concatenate([*run.pieces, np.empty(0, np.float32)])
            at = round((run.start_seconds - self._start_seconds) * SOUND_RATE)
            begin, end = max(0, at), min(length, at + len(samples))
            if begin < end:
                sound[begin:end] = samples[begin - at : end - at]
                first, last = min(first, begin), max(last, end)
        if first >= last:
            return None
        # Damaged float streams hold infinities and worse, which no recognizer takes.
        kept = np.nan_to_num(sound[first:last], nan=0.0, posinf=1.0, neginf=-1.0)
        return np.clip(kept, -1.0, 1.0), self._start_seconds + first / SOUND_RATE


def _samples(frames: Iterable[AudioFrame]) -> list[NDArray[np.float32]]:
    return [frame.to_ndarray().reshape(-1).astype(np.float32, copy=False) for frame in frames if frame.samples]


def mono_if_strange(frame: AudioFrame) -> AudioFrame:
    """Mix channels by their mean where no layout says what they are (FFmpeg then knows no mix of its own)."""
    if frame.layout.nb_channels <= 2 or not _is_unknown(frame.layout.name):
        return frame
    samples = frame.to_ndarray()
    if not frame.format.is_planar:
        samples = samples.reshape(-1, frame.layout.nb_channels).T
    scale = 1.0 if samples.dtype.kind == "f" else 2.0 ** (8 * samples.dtype.itemsize - 1)
    silence = 128.0 if samples.dtype == np.uint8 else 0.0
    mean = ((samples.mean(axis=0, dtype=np.float64) - silence) / scale).astype(np.float32)
    mono = AudioFrame.from_ndarray(mean[None, :], format="fltp", layout="mono")
    mono.sample_rate = frame.sample_rate
    mono.time_base = frame.time_base
    return mono


def _is_unknown(layout: str) -> bool:
    return "channels" in layout
