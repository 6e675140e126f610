"""Exactly N frames a second: everything is decoded, and each sample is what is shown at its time."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from stream.media.container import packet_seconds
from stream.media.cuts import CutFinder
from stream.media.frames import FrameDecoder, TimedFrame
from stream.media.picture import Lens, Sample, pixel_aspect
from stream.media.sampling import REORDER_SECONDS, SamplingBounds

if TYPE_CHECKING:
    from av.packet import Packet
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

    from encoders.values import PictureInput

_HAIR_SECONDS = 1e-6


class ExactSampler:
    """Collects samples at the times k / N of the video, so that spans join without a seam, and all cuts."""

    def __init__(
        self,
        stream: VideoStream,
        start_seconds: float,
        stop_seconds: float,
        origin_seconds: float,
        picture: PictureInput,
        bounds: SamplingBounds,
    ) -> None:
        """Look at [start, stop) in video time; `origin_seconds` is the container's own time of video time 0."""
        self._start_seconds = start_seconds
        self._stop_seconds = stop_seconds
        self._origin_seconds = origin_seconds
        self._decoder = FrameDecoder(
            stream.codec_context,
            stream.time_base,
            origin_seconds,
            max_pixels=bounds.max_pixels,
            max_rate=bounds.max_frames_per_second,
        )
        self._lens = Lens(pixel_aspect(stream), picture)
        self._bounds = bounds
        self._shown: TimedFrame | None = None
        self._finder = CutFinder(start_seconds)
        self._number = math.ceil(start_seconds * bounds.frames_per_second - _HAIR_SECONDS)
        self.samples: list[Sample] = []
        self.done = False

    @property
    def cut_seconds(self) -> list[float]:
        return self._finder.cut_seconds

    def feed(self, packet: Packet[VideoStream]) -> None:
        """Take one packet of the stream."""
        if self.done:
            return
        self._show_all(self._decoder.decode(packet))
        seconds = packet_seconds(packet, self._origin_seconds)
        if seconds is not None and seconds >= self._stop_seconds + REORDER_SECONDS:
            self.finish()

    def pass_time(self, seconds: float) -> None:
        """Hear from another stream how far the file has been read: here, nothing follows from it."""

    def finish(self) -> None:
        """Close the span where the file ends, or where nothing after it is needed."""
        if self.done:
            return
        self.done = True
        self._show_all(self._decoder.decode(None))
        if self._shown is not None:
            seconds, frame = self._shown
            length = float(frame.duration * (frame.time_base or 0)) or 1 / self._bounds.frames_per_second
            self._sample_until(min(seconds + length, self._stop_seconds))
        self._decoder.flush()

    def _show_all(self, frames: list[TimedFrame]) -> None:
        for seconds, frame in frames:
            # Nothing is shown before the first frame; what is asked for there is that one.
            if self._shown is not None:
                self._sample_until(min(seconds, self._stop_seconds))
            if self._start_seconds <= seconds < self._stop_seconds:
                self._compare(seconds, frame)
            self._shown = (seconds, frame)

    def _sample_until(self, stop_seconds: float) -> None:
        """Take what is shown now for each time of the grid before `stop_seconds`."""
        assert self._shown is not None
        while (seconds := self._number / self._bounds.frames_per_second) < stop_seconds - _HAIR_SECONDS:
            self._number += 1
            if len(self.samples) >= self._bounds.max_frames:
                return
            sample = self._lens.keep(seconds, self._shown[1])
            assert sample is not None
            self.samples.append(sample)

    def _compare(self, seconds: float, frame: VideoFrame) -> None:
        if self._finder.shown is None and self._shown is not None:
            self._finder.see(self._shown[0], self._lens.histogram(self._shown[1]))
        self._finder.see(seconds, self._lens.histogram(frame))
