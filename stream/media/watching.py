"""What is seen of a span: frames are compared, cuts noted, samples kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stream.media.cuts import NEAREST_CUT_SECONDS, CutFinder
from stream.media.picture import Lens, Sample

if TYPE_CHECKING:
    from av.video.frame import VideoFrame
    from numpy.typing import NDArray

    from stream.media.frames import TimedFrame
    from stream.media.gaps import Look

_SAMPLE_EVERY_SECONDS = 1.0


class Watcher:
    """Looks at a span's frames in their order.

    Of those before the span only the last counts: it is what the span's start shows.
    """

    def __init__(self, lens: Lens, start_seconds: float, stop_seconds: float, max_frames: int) -> None:
        """Look at what is shown in [start, stop)."""
        self._lens = lens
        self._start_seconds = start_seconds
        self._stop_seconds = stop_seconds
        self._max_frames = max_frames
        self._finder = CutFinder(start_seconds)
        self._kept_seconds = -np.inf
        self._held: TimedFrame | None = None
        self.samples: list[Sample] = []

    @property
    def cut_seconds(self) -> list[float]:
        return self._finder.cut_seconds

    @property
    def shown(self) -> NDArray[np.float32] | None:
        """Histogram of the last frame that was compared."""
        return self._finder.shown

    @property
    def is_changing(self) -> bool:
        """Whether the picture may be passing into another one just now."""
        return self._finder.is_changing

    def forget(self) -> None:
        """What comes next begins no shot."""
        self._finder.forget()

    def show_all(self, frames: list[TimedFrame]) -> None:
        """See frames that follow each other without a gap."""
        for seconds, frame in frames:
            if seconds <= self._start_seconds:
                self._held = (seconds, frame)
                continue
            self.release()
            if seconds < self._stop_seconds:
                self._see(seconds, frame)

    def show_keyframe(self, look: Look, *, begins_shot: bool | None) -> None:
        """See a frame that stands for all that follows it up to the next one; None: it is to be compared."""
        if look.seconds < self._stop_seconds:
            self._held = None
            seconds = max(self._start_seconds, look.seconds)
            is_cut = self._finder.see(seconds, look.histogram, begins_shot=begins_shot)
            self._consider(seconds, look.frame, is_cut=is_cut, always=True)

    def release(self) -> None:
        """Nothing else is shown where the span starts than what was seen last."""
        held, self._held = self._held, None
        if held is not None:
            self._see(self._start_seconds, held[1])

    def drop_ended(self) -> None:
        """Forget the file's last frame if it is no longer shown where the span starts."""
        if self._held is None or self._held[0] == self._start_seconds:
            return
        seconds, frame = self._held
        if seconds + float(frame.duration * (frame.time_base or 0)) <= self._start_seconds:
            self._held = None

    def _see(self, seconds: float, frame: VideoFrame) -> None:
        is_cut = self._finder.see(seconds, self._lens.histogram(frame))
        self._consider(seconds, frame, is_cut=is_cut, always=False)

    def _consider(self, seconds: float, frame: VideoFrame, *, is_cut: bool, always: bool) -> None:
        """Keep a frame where it begins a shot or a second has passed."""
        since = seconds - self._kept_seconds
        if is_cut and since >= NEAREST_CUT_SECONDS:
            self._keep(seconds, frame, unlike=None)
        elif since > 0 and (always or since >= _SAMPLE_EVERY_SECONDS):
            self._keep(seconds, frame, unlike=self.samples[-1] if self.samples else None)

    def _keep(self, seconds: float, frame: VideoFrame, *, unlike: Sample | None) -> None:
        """Keep a frame, unless there are enough, or it looks like the one before it."""
        self._kept_seconds = seconds
        if len(self.samples) < self._max_frames:
            sample = self._lens.keep(seconds, frame, unlike=unlike)
            self.samples += [sample] if sample is not None else []
