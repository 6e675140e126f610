"""What the media path takes and gives: limits, what a file holds, and what a span of it holds."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class MediaLimits:
    """What one call of the decoder may cost; a file that needs more is refused.

    `frames_per_second` is no limit: more than 0, exactly so many frames a second are looked at, not keyframes first.
    """

    wall_seconds: float = 120.0
    cpu_seconds: int = 240
    memory_bytes: int = 3 << 30
    max_duration_seconds: float = 24 * 3600.0
    frames_per_second: float = 0.0
    max_frames_per_second: float = 1000.0
    max_channels: int = 64
    requests_per_child: int = 20
    max_span_seconds: float = 600.0
    max_pixels: int = 8192 * 4608
    max_streams: int = 64
    max_frames: int = 400
    threads: int = 2

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            if not (math.isfinite(value) and (value > 0 or (value == 0 and name == "frames_per_second"))):
                raise ValueError(f"{name} must be more than 0: {value = }")


@dataclass(frozen=True, slots=True)
class MediaInfo:
    """What a file holds.

    Args:
        duration_seconds: end of the last packet, from the file's own start; more than 0.
        width: as shown (square pixels, turned); 0 without a picture.
        language: ISO 639-1, of the sound track that is used; None where the file does not say.
        container: FFmpeg's name of the format.
    """

    duration_seconds: float
    has_picture: bool
    has_sound: bool
    width: int
    height: int
    language: str | None
    container: str

    def __post_init__(self) -> None:
        if not (math.isfinite(self.duration_seconds) and self.duration_seconds > 0):
            raise ValueError(f"duration must be finite and more than 0: {self.duration_seconds = }")
        if self.width < 0 or self.height < 0 or self.has_picture != (self.width * self.height > 0):
            raise ValueError(f"size does not fit: {self.has_picture = }, {self.width = }, {self.height = }")
        if not (self.has_picture or self.has_sound):
            raise ValueError("a file without picture and without sound is no media")


@dataclass(frozen=True, slots=True)
class Cue:
    """A subtitle, shown in `[start_seconds, stop_seconds)` of video time."""

    start_seconds: float
    stop_seconds: float
    text: str

    def __post_init__(self) -> None:
        if not (math.isfinite(self.stop_seconds) and 0 <= self.start_seconds < self.stop_seconds):
            raise ValueError(f"a subtitle needs 0 <= start < stop: {self.start_seconds = }, {self.stop_seconds = }")
        if not (isinstance(self.text, str) and self.text.strip()):
            raise ValueError(f"a subtitle has a text: {self.text = }")


@dataclass(frozen=True, slots=True, eq=False)
class SpanMedia:
    """What a span of a file holds, all times in seconds of video time.

    Args:
        frames: uint8 N×S×S×3, RGB, the model's input; N is 0 where the span has no picture.
        frame_seconds: float64 N, rising; the first may be shown from before the span and counts from the span's start.
        thumbnails: one JPEG for each frame.
        cut_seconds: where shots begin inside the span, rising.
        sound: float32, mono, 16 kHz, the span padded by a second at each side; None where there is none.
        sound_start_seconds: time of the sound's first sample.
        cues: the file's own subtitles of what is spoken that begin in the span, in order; none where it has none.
    """

    frames: NDArray[np.uint8]
    frame_seconds: NDArray[np.float64]
    thumbnails: tuple[bytes, ...]
    cut_seconds: tuple[float, ...]
    sound: NDArray[np.float32] | None
    sound_start_seconds: float
    cues: tuple[Cue, ...] = ()

    def __post_init__(self) -> None:
        shape = self.frames.shape
        if self.frames.dtype != np.uint8 or len(shape) != 4 or shape[1] != shape[2] or shape[3] != 3:
            raise ValueError(f"frames must be uint8 N×S×S×3: {self.frames.dtype = }, {self.frames.shape = }")
        if self.frame_seconds.shape != shape[:1] or self.frame_seconds.dtype != np.float64:
            raise ValueError(f"one float64 time for each frame: {self.frame_seconds.shape = }, {self.frames.shape = }")
        if len(self.thumbnails) != shape[0]:
            raise ValueError(f"one thumbnail for each frame: {len(self.thumbnails) = }, {self.frames.shape = }")
        _check_rising("frame_seconds", self.frame_seconds)
        _check_rising("cut_seconds", np.asarray(self.cut_seconds, np.float64))
        if not math.isfinite(self.sound_start_seconds):
            raise ValueError(f"sound must start at a time: {self.sound_start_seconds = }")
        if self.sound is not None:
            _check_sound(self.sound)


def _check_rising(name: str, seconds: NDArray[np.float64]) -> None:
    if not np.isfinite(seconds).all() or (np.diff(seconds) <= 0).any():
        raise ValueError(f"{name} must be finite and rising: {seconds[:10] = }")


def _check_sound(sound: NDArray[np.float32]) -> None:
    if sound.dtype != np.float32 or sound.ndim != 1 or not len(sound):
        raise ValueError(f"sound must be float32, one-dimensional, not empty: {sound.dtype = }, {sound.shape = }")
    if not np.isfinite(sound).all():
        raise ValueError("sound must be finite")
