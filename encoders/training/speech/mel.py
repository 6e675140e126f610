"""Whisper's picture of a sound: 80 mel bands of log power, 100 frames a second, as faster-whisper computes it."""

from __future__ import annotations

from functools import cache

import numpy as np
from faster_whisper.feature_extractor import FeatureExtractor
from numpy.typing import NDArray

SAMPLES_PER_SECOND = 16_000
FRAMES_PER_SECOND = 100
BANDS = 80
# Whisper always looks at 30 s; the encoder halves the frames.
WINDOW_FRAMES = 3000
WINDOW_POSITIONS = WINDOW_FRAMES // 2
# Log power of digital silence.
SILENCE = -10.0

_FFT = 400
_HOP = 160

Mel = NDArray[np.float32]


def log_mel(samples: NDArray[np.float32]) -> Mel:
    """Log10 power of each band, shape [frames, 80], before Whisper's scaling.

    Args:
        samples: float32, mono, 16 kHz, at least 201 samples.
    """
    filters, hann = _filters()
    padded = np.pad(np.pad(samples, (0, _HOP)), (_FFT // 2, _FFT // 2), mode="reflect")
    pieces = np.lib.stride_tricks.sliding_window_view(padded, _FFT)[::_HOP][:-1]
    power = np.abs(np.fft.rfft(pieces * hann, axis=1)).astype(np.float32) ** 2
    return np.asarray(np.log10(np.maximum(power @ filters, 10.0**SILENCE)), np.float32)


def scaled(mel: Mel, headroom: float = 0.0) -> Mel:
    """What the encoder sees: a range of 8 powers of ten under the loudest point, moved and shrunk to about -1 to 1.

    Args:
        mel: From `log_mel`, shape [frames, 80].
        headroom: How far, in powers of ten, another part of the same file is louder than this one; the library takes
            the loudest point of the whole file.
    """
    return np.asarray((np.maximum(mel, mel.max() + headroom - 8.0) + 4.0) / 4.0, np.float32)


@cache
def _filters() -> tuple[Mel, Mel]:
    filters = FeatureExtractor.get_mel_filters(SAMPLES_PER_SECOND, _FFT, BANDS).astype(np.float32)
    return np.ascontiguousarray(filters.T), np.hanning(_FFT + 1)[:-1].astype(np.float32)
