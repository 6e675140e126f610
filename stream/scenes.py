"""Cuts that colours do not show: two takes of one room look alike to a histogram, but not to the picture model."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

# Neighbouring frames with a cut between them are this far apart (one minus the cosine) ...
_FAR = 0.25
# ... and so many times as far as frames of one shot are in this span: a model may find all of a film alike, or nothing.
_TIMES_THE_USUAL = 4.0


def scene_changes(
    frame_seconds: NDArray[np.float64], vectors: NDArray[np.float32] | None, cut_seconds: Sequence[float]
) -> list[float]:
    """Where the picture becomes another one between two frames, though no cut is known between them.

    Args:
        frame_seconds: When each frame is shown, float64 of shape (frames,), ascending.
        vectors: Float32 of shape (frames, dimension), L2-normalised rows; None without a picture.
        cut_seconds: The cuts that are known.

    Returns:
        The later of two such frames, in order: where frames are far from each other, it is a keyframe, and encoders
        place those where the picture changes.
    """
    if vectors is None or len(vectors) < 3:
        return []
    apart = 1.0 - np.einsum("ij,ij->i", vectors[:-1], vectors[1:])
    shots = np.searchsorted(np.sort(np.asarray(cut_seconds, np.float64)), frame_seconds, side="right")
    within = shots[:-1] == shots[1:]
    if not within.any():
        return []
    far = max(_FAR, _TIMES_THE_USUAL * float(np.median(apart[within])))
    found = np.flatnonzero(within & (apart > far))
    return [float(frame_seconds[at + 1]) for at in found]
