"""What spoils a recording, added to its mel: gain, noise, hum, faint music, a codec's lost treble, masked bands."""

from __future__ import annotations

import numpy as np

from encoders.training.speech.mel import BANDS, SILENCE, Mel

_LN10 = np.float32(np.log(10.0))


def spoiled(mel: Mel, random: np.random.Generator) -> Mel:
    """A new mel [frames, 80], as from `log_mel`, about as hard to hear as an everyday recording."""
    mel = np.maximum(mel + np.float32(random.uniform(-1.5, 0.4)), np.float32(SILENCE))
    loudness = float(np.percentile(mel.max(1), 90))
    additions = []
    if random.random() < 0.2:
        additions.append(noise(len(mel), loudness - random.uniform(1.3, 4.5), random))
    if random.random() < 0.08:
        additions.append(music(len(mel), loudness - random.uniform(1.2, 3.5), random))
    if additions:
        power = np.exp(mel * _LN10) + sum(np.exp(addition * _LN10) for addition in additions)
        mel = np.log(power) / _LN10
    if random.random() < 0.12:
        mel = _without_treble(mel, random)
    if random.random() < 0.12:
        first = int(random.integers(0, BANDS - 10))
        mel = mel.copy()
        mel[:, first : first + int(random.integers(2, 9))] = mel.mean()
    return np.maximum(mel, np.float32(SILENCE))


def noise(frames: int, level: float, random: np.random.Generator) -> Mel:
    """Log power of a steady noise of some colour."""
    tilt = np.linspace(0, random.uniform(-2.0, 1.0), BANDS)
    colour = level + tilt + 0.1 * np.cumsum(random.normal(size=BANDS))
    flicker = np.log10(random.exponential(size=(frames, BANDS)) + 1e-5)
    return np.asarray(colour + flicker, np.float32)


def music(frames: int, level: float, random: np.random.Generator) -> Mel:
    """Log power of tones that change now and then, or of a hum that does not."""
    mel = np.full((frames, BANDS), SILENCE, np.float32)
    for _ in range(int(random.integers(1, 4))):
        beat = int(random.integers(15, 80)) if random.random() < 0.7 else frames
        for start in range(0, frames, beat):
            band = int(random.integers(1, 55))
            strength = level + random.uniform(-1.0, 0.3)
            fading = -random.uniform(0.0, 0.02) * np.arange(min(beat, frames - start))
            for distance, weaker in ((0, 0.0), (-1, 0.8), (1, 0.8), (2, 2.5)):
                tone = mel[start : start + beat, min(max(band + distance, 0), BANDS - 1)]
                np.maximum(tone, strength - weaker + fading, out=tone)
    return mel


def _without_treble(mel: Mel, random: np.random.Generator) -> Mel:
    first = int(random.integers(50, BANDS))
    slope = np.zeros(BANDS, np.float32)
    slope[first:] = -random.uniform(0.3, 2.0) * np.arange(1, BANDS - first + 1)
    return np.asarray(mel + slope, np.float32)
