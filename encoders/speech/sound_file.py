"""A sound file, as speech clients upload it, as samples."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

import av
import numpy as np

from encoders.values import SAMPLES_PER_SECOND, Sound

FORMATS = ("wav", "flac", "mp3", "ogg", "mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm")
"""Containers that hold sound themselves; others could name further files to open."""

# Timestamps may be off by rounding (and by a frame in sloppy files) without a gap in the sound.
_TOLERANCE_SECONDS = 0.05


class NoSound(ValueError):
    """The file holds no sound that can be read; the message says why."""


def decode_sound(file: BinaryIO, *, max_seconds: float) -> Sound:
    """Decodes the first audio stream to mono, float32, 16 kHz, from the beginning of the file on.

    Sound that starts later than the file, as it does in many videos, and gaps in it are silence, so that a sample's
    place is its time in the file. Stops soon after `max_seconds`, so that a longer file shows by its length without
    being decoded whole.

    Raises:
        NoSound: The file is none of `FORMATS`, is broken, or has no audio.
    """
    options = {"format_whitelist": ",".join(FORMATS)}
    try:
        with av.open(file, "r", options=options) as container:
            if not container.streams.audio:
                raise NoSound("The file has no audio stream.")
            sound = _decode(container, int((max_seconds + 1.0) * SAMPLES_PER_SECOND))
    except av.FFmpegError as error:
        raise NoSound(f"The file cannot be read as sound: {error.strerror}.") from error
    if not sound.size:
        raise NoSound("The file's audio stream is empty.")
    return sound


def _decode(container: av.container.InputContainer, enough: int) -> Sound:
    origin_seconds = (container.start_time or 0) / av.time_base
    parts: list[np.ndarray] = []
    length = 0
    for piece in _pieces(container, origin_seconds, enough):
        parts.append(piece)
        length += len(piece)
        if length > enough:
            break
    return np.concatenate(parts).astype(np.float32) if parts else np.zeros(0, np.float32)


def _pieces(container: av.container.InputContainer, origin_seconds: float, enough: int) -> Iterator[np.ndarray]:
    """Samples in order, silence where time runs on without any (`enough` of it at most)."""
    resampler, passed_seconds = _resampler(), 0.0
    for frame in container.decode(audio=0):
        if not (frame.samples and frame.sample_rate):
            continue
        seconds = passed_seconds if frame.time is None else frame.time - origin_seconds
        if seconds > passed_seconds + _TOLERANCE_SECONDS:
            yield from _samples(resampler, None)
            yield np.zeros(min(enough + 1, round((seconds - passed_seconds) * SAMPLES_PER_SECOND)), np.float32)
            resampler, passed_seconds = _resampler(), seconds
        passed_seconds += frame.samples / frame.sample_rate
        yield from _samples(resampler, frame)
    yield from _samples(resampler, None)


def _resampler() -> av.AudioResampler:
    return av.AudioResampler(format="flt", layout="mono", rate=SAMPLES_PER_SECOND)


def _samples(resampler: av.AudioResampler, frame: av.AudioFrame | None) -> Iterator[np.ndarray]:
    for resampled in resampler.resample(frame):
        yield resampled.to_ndarray()[0]
