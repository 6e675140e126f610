"""One pass over a span of a file, inside the decoder child: picture and sound together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from stream.media.container import OpenMedia, packet_seconds, packets, seek
from stream.media.exact_sampling import ExactSampler
from stream.media.picture import Sample
from stream.media.sampling import PictureSampler, SamplingBounds
from stream.media.sound import WARM_UP_SECONDS, SoundTrack
from stream.media.subtitles import CueTrack

if TYPE_CHECKING:
    from av.packet import Packet

    from encoders.values import PictureInput

# A sound that has not come back for so long, while the picture went on, has ended.
_ABSENT_SECONDS = 5.0
# Files store sound a little apart from the picture it belongs to.
_INTERLEAVING_SECONDS = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class DecodedSpan:
    """What one span yields; see stream.media.values.SpanMedia."""

    samples: tuple[Sample, ...]
    cut_seconds: tuple[float, ...]
    sound: tuple[NDArray[np.float32], float] | None
    cues: tuple[tuple[float, float, str], ...] = ()

    def fields(self) -> Mapping[str, Any]:
        """The answer's header: what the parent needs to divide the body again."""
        sound, sound_start_seconds = self.sound or (None, 0.0)
        return {
            "frame_seconds": [sample.seconds for sample in self.samples],
            "thumbnail_bytes": [len(sample.thumbnail) for sample in self.samples],
            "cut_seconds": list(self.cut_seconds),
            "sound_samples": None if sound is None else len(sound),
            "sound_start_seconds": sound_start_seconds,
            "cues": self.cues,
        }

    def parts(self) -> list[bytes | memoryview]:
        """The answer's body: pixels of all frames, then all thumbnails, then the sound (float32, native order)."""
        pixels = [np.ascontiguousarray(sample.pixels).data.cast("B") for sample in self.samples]
        thumbnails = [sample.thumbnail for sample in self.samples]
        sound = [] if self.sound is None else [np.ascontiguousarray(self.sound[0]).data.cast("B")]
        return [*pixels, *thumbnails, *sound]


def decode_span(
    media: OpenMedia,
    start_seconds: float,
    stop_seconds: float,
    picture: PictureInput,
    bounds: SamplingBounds,
    *,
    sound_padding_seconds: float,
) -> DecodedSpan:
    """Sample the picture of [start, stop) and take its sound, padded at both sides."""
    span = _SpanPass(media, start_seconds, stop_seconds, picture, bounds, sound_padding_seconds)
    return span.run()


class _SpanPass:
    """Hands packets to the picture and to the sound until neither wants more."""

    def __init__(
        self,
        media: OpenMedia,
        start_seconds: float,
        stop_seconds: float,
        picture: PictureInput,
        bounds: SamplingBounds,
        sound_padding_seconds: float,
    ) -> None:
        self._media = media
        origin = media.origin_seconds
        sound_start = max(0.0, start_seconds - sound_padding_seconds)
        self._sound_stop_seconds = stop_seconds + sound_padding_seconds
        self._seek_seconds = start_seconds
        self._sampler: PictureSampler | ExactSampler | None = None
        self._track: SoundTrack | None = None
        self._cues: CueTrack | None = None
        self._picture_index = None if media.picture is None else media.picture.index
        if media.picture is not None:
            sampler = ExactSampler if bounds.frames_per_second else PictureSampler
            self._sampler = sampler(media.picture, start_seconds, stop_seconds, origin, picture, bounds)
        if media.sound is not None:
            self._track = SoundTrack(media.sound, sound_start, self._sound_stop_seconds, origin)
            self._seek_seconds = sound_start - WARM_UP_SECONDS - _INTERLEAVING_SECONDS
        if media.subtitles is not None:
            self._cues = CueTrack(media.subtitles, start_seconds, stop_seconds, origin)

    def run(self) -> DecodedSpan:
        # A file that has just been opened stands at its beginning, also where its index is too damaged to go there.
        if self._seek_seconds > 0.0:
            seek(self._media, self._seek_seconds)
        wanted = [*self._media.streams, *([self._media.subtitles] if self._media.subtitles is not None else [])]
        for packet in packets(self._media, wanted):
            self._feed(packet)
            if self._is_done():
                break
        sound = self._track.finish() if self._track is not None else None
        cues = tuple(self._cues.finish()) if self._cues is not None else ()
        if self._sampler is None:
            return DecodedSpan((), (), sound, cues)
        self._sampler.finish()
        return DecodedSpan(tuple(self._sampler.samples), tuple(self._sampler.cut_seconds), sound, cues)

    def _feed(self, packet: Packet[Any]) -> None:
        if self._cues is not None and packet.stream == self._media.subtitles:
            self._cues.feed(packet)
            return
        if self._sampler is not None and packet.stream_index == self._picture_index:
            self._sampler.feed(packet)
            if self._track is not None and (seconds := self._seconds(packet)) is not None:
                self._track.done |= seconds >= self._sound_stop_seconds + _ABSENT_SECONDS
        elif self._track is not None:
            self._track.feed(packet)
            if self._sampler is not None and (seconds := self._seconds(packet)) is not None:
                self._sampler.pass_time(seconds)

    def _seconds(self, packet: Packet[Any]) -> float | None:
        return packet_seconds(packet, self._media.origin_seconds)

    def _is_done(self) -> bool:
        return (self._sampler is None or self._sampler.done) and (self._track is None or self._track.done)
