"""Texts, pictures and a sound that are the same everywhere: what a model makes of them tells whether it is the same."""

from __future__ import annotations

import numpy as np

from encoders.values import SAMPLES_PER_SECOND, Frames, Sound

TEXTS = (
    "A red car drives through the rain.",
    "Красная машина едет под дождём.",
    "Who said that the bridge is closed?",
)
_SOUND_SECONDS = 4


def known_frames(size: int) -> Frames:
    """Two pictures, uint8 2×`size`×`size`×3, by whole numbers only: a disc before a gradient, and a chessboard."""
    across = np.broadcast_to(np.arange(size, dtype=np.int64) * 255 // max(1, size - 1), (size, size))
    down = across.T
    disc = (across - 90) ** 2 + (down - 140) ** 2 < 60**2
    scene = np.stack([np.where(disc, 220, across), np.where(disc, 40, down), np.where(disc, 30, 255 - across)], -1)
    board = np.repeat((((across // 32 + down // 32) % 2) * 200 + 20)[..., None], 3, -1)
    return np.stack([scene, board]).astype(np.uint8)


def known_sound() -> Sound:
    """Four seconds that rise from 200 to 2,000 Hz in bursts, float32, 16 kHz."""
    at = np.arange(_SOUND_SECONDS * SAMPLES_PER_SECOND) / SAMPLES_PER_SECOND
    rising = np.sin(2 * np.pi * (200.0 * at + 225.0 * at**2))
    bursts = (at * 3.0) % 1.0 < 0.7
    return (0.3 * rising * bursts).astype(np.float32)
