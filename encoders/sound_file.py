"""A sound file, as speech clients upload it, as samples."""

from __future__ import annotations

from typing import BinaryIO

import av
import numpy as np

from encoders.values import SAMPLES_PER_SECOND, Sound

FORMATS = ("wav", "flac", "mp3", "ogg", "mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm")
"""Containers that hold sound themselves; others could name further files to open."""


class NoSound(ValueError):
    """The file holds no sound that can be read; the message says why."""


def decode_sound(file: BinaryIO, *, max_seconds: float) -> Sound:
    """Decodes the first audio stream to mono, float32, 16 kHz, from its first sample on.

    Stops soon after `max_seconds`, so that a longer file shows by its length without being decoded whole.

    Raises:
        NoSound: The file is none of `FORMATS`, is broken, or has no audio.
    """
    options = {"format_whitelist": ",".join(FORMATS)}
    try:
        with av.open(file, "r", options=options) as container:
            if not container.streams.audio:
                raise NoSound("The file has no audio stream.")
            sound = _decode(container, max_seconds)
    except av.FFmpegError as error:
        raise NoSound(f"The file cannot be read as sound: {error.strerror}.") from error
    if not sound.size:
        raise NoSound("The file's audio stream is empty.")
    return sound


def _decode(container: av.container.InputContainer, max_seconds: float) -> Sound:
    resampler = av.AudioResampler(format="flt", layout="mono", rate=SAMPLES_PER_SECOND)
    parts: list[np.ndarray] = []
    length, enough = 0, int(max_seconds * SAMPLES_PER_SECOND) + SAMPLES_PER_SECOND
    for frame in container.decode(audio=0):
        for resampled in resampler.resample(frame):
            parts.append(resampled.to_ndarray()[0])
            length += resampled.samples
        if length > enough:
            break
    parts += [resampled.to_ndarray()[0] for resampled in resampler.resample(None)]
    return np.concatenate(parts).astype(np.float32) if parts else np.zeros(0, np.float32)
