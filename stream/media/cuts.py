"""Cuts: where a picture is suddenly another one, or passes into another one."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stream.media.picture import distance

# Two frames this far apart in colour belong to different shots if they follow each other ...
CUT_DISTANCE = 0.20
# ... unless the picture has moved nearly as much the moment before: that is a camera that turns.
_SUDDEN_TIMES = 2.0
# A picture that has changed by so much within a time, faster than a camera turns (a slower fade is taken for that), and
# changes less than half as fast now, has passed into another.
_FADE_DISTANCE = 0.25
_FADE_PACE = 0.12
_LONGEST_FADE_SECONDS = 1.5
_PACE_SECONDS = 0.2
_CALMER = 0.45
# Strobes are not cut more often than this.
NEAREST_CUT_SECONDS = 0.2


@dataclass(frozen=True, slots=True, eq=False)
class _Seen:
    """A frame, and how far it is from the one a moment before it."""

    seconds: float
    histogram: NDArray[np.float32]
    pace: float


class CutFinder:
    """Compares frames with the ones shown before them."""

    def __init__(self, start_seconds: float) -> None:
        """Find cuts after a time."""
        self._start_seconds = start_seconds
        self._shown: NDArray[np.float32] | None = None
        self._moved = 0.0
        self._recent: deque[_Seen] = deque()
        self.cut_seconds: list[float] = []

    @property
    def shown(self) -> NDArray[np.float32] | None:
        """Histogram of the last frame."""
        return self._shown

    def forget(self) -> None:
        """What comes next does not follow what was seen last."""
        self._shown, self._moved = None, 0.0
        self._recent.clear()

    def see(self, seconds: float, histogram: NDArray[np.float32], *, begins_shot: bool | None = None) -> bool:
        """Take the next frame, and say whether it begins a shot; None: as its looks say."""
        moved, cut_seconds = 0.0, None
        if begins_shot is None:
            moved = 0.0 if self._shown is None else distance(self._shown, histogram)
            is_sudden = moved > CUT_DISTANCE and moved > _SUDDEN_TIMES * self._moved
            cut_seconds = seconds if is_sudden else self._end_of_fade(seconds, histogram)
        elif begins_shot:
            cut_seconds = seconds
        self._moved = moved if cut_seconds is None else 0.0
        self._shown = histogram
        if begins_shot is not None or cut_seconds is not None:
            self._recent.clear()
        if cut_seconds is not None:
            self._note(cut_seconds)
        return cut_seconds is not None

    @property
    def is_changing(self) -> bool:
        """Whether the picture may be passing into another one just now."""
        return bool(self._recent) and distance(self._recent[0].histogram, self._recent[-1].histogram) > _FADE_DISTANCE

    def _end_of_fade(self, seconds: float, histogram: NDArray[np.float32]) -> float | None:
        """The middle of a change that has just come to its end."""
        lately = next((seen for seen in reversed(self._recent) if seconds - seen.seconds >= _PACE_SECONDS), None)
        self._recent.append(_Seen(seconds, histogram, distance(lately.histogram, histogram) if lately else 0.0))
        while seconds - self._recent[0].seconds > _LONGEST_FADE_SECONDS:
            self._recent.popleft()
        before = self._recent[0].histogram
        changed = distance(before, histogram)
        fastest = max(seen.pace for seen in self._recent)
        if changed <= _FADE_DISTANCE or fastest < _FADE_PACE or self._recent[-1].pace > _CALMER * fastest:
            return None
        return next(seen.seconds for seen in self._recent if distance(before, seen.histogram) >= changed / 2)

    def _note(self, seconds: float) -> None:
        last = self.cut_seconds[-1] if self.cut_seconds else self._start_seconds
        if seconds - last >= NEAREST_CUT_SECONDS:
            self.cut_seconds.append(seconds)
