"""Cuts: where a picture is suddenly another one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from stream.media.picture import distance

# Two frames this far apart in colour belong to different shots if they follow each other ...
CUT_DISTANCE = 0.20
# ... unless the picture has moved nearly as much the moment before: that is a camera that turns.
_SUDDEN_TIMES = 2.0
# Strobes are not cut more often than this.
NEAREST_CUT_SECONDS = 0.2


class CutFinder:
    """Compares frames with the ones shown before them."""

    def __init__(self, start_seconds: float) -> None:
        """Find cuts after a time."""
        self._start_seconds = start_seconds
        self._shown: NDArray[np.float32] | None = None
        self._moved = 0.0
        self.cut_seconds: list[float] = []

    @property
    def shown(self) -> NDArray[np.float32] | None:
        """Histogram of the last frame."""
        return self._shown

    def forget(self) -> None:
        """What comes next does not follow what was seen last."""
        self._shown, self._moved = None, 0.0

    def see(self, seconds: float, histogram: NDArray[np.float32], *, begins_shot: bool | None = None) -> bool:
        """Take the next frame, and say whether it begins a shot; None: as its looks say."""
        moved = 0.0
        if begins_shot is None:
            moved = 0.0 if self._shown is None else distance(self._shown, histogram)
            begins_shot = moved > CUT_DISTANCE and moved > _SUDDEN_TIMES * self._moved
        self._moved = 0.0 if begins_shot else moved
        self._shown = histogram
        if begins_shot:
            self._note(seconds)
        return begins_shot

    def _note(self, seconds: float) -> None:
        last = self.cut_seconds[-1] if self.cut_seconds else self._start_seconds
        if seconds - last >= NEAREST_CUT_SECONDS:
            self.cut_seconds.append(seconds)
