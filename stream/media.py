"""Media as the stream sees it: probe a file, decode a span of it, both in a sandboxed child process."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from encoders.values import PictureInput
from stream.child import ChildFailure, RangeReader, decoder_child
from stream.errors import InvalidMedia
from stream.wire import Message

__all__ = ["MediaDecoder", "MediaInfo", "MediaLimits", "RangeReader", "SpanMedia"]

SOUND_RATE = 16_000
SOUND_PADDING_SECONDS = 1.0
_ATTEMPTS = 2
_THUMBNAIL_BYTES = 256 << 10
_SPARE_READ_BYTES = 64 << 20


@dataclass(frozen=True, slots=True)
class MediaLimits:
    """What one call of the decoder may cost; a file that needs more is refused."""

    wall_seconds: float = 120.0
    cpu_seconds: int = 240
    memory_bytes: int = 3 << 30
    max_duration_seconds: float = 24 * 3600.0
    max_span_seconds: float = 600.0
    max_pixels: int = 8192 * 4608
    max_streams: int = 64
    max_frames: int = 400
    threads: int = 2

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            if not (math.isfinite(value) and value > 0):
                raise ValueError(f"{name} must be more than 0: {value = }")


@dataclass(frozen=True, slots=True)
class MediaInfo:
    """What a file holds.

    Args:
        duration_seconds: end of the last packet, from the file's own start; more than 0.
        width: as shown (square pixels, turned); 0 without a picture.
        language: ISO 639-1, of the sound track that is used; None where the file does not say.
        container: FFmpeg's name of the format.
    """

    duration_seconds: float
    has_picture: bool
    has_sound: bool
    width: int
    height: int
    language: str | None
    container: str

    def __post_init__(self) -> None:
        if not (math.isfinite(self.duration_seconds) and self.duration_seconds > 0):
            raise ValueError(f"duration must be finite and more than 0: {self.duration_seconds = }")
        if self.width < 0 or self.height < 0 or self.has_picture != (self.width * self.height > 0):
            raise ValueError(f"size does not fit: {self.has_picture = }, {self.width = }, {self.height = }")
        if not (self.has_picture or self.has_sound):
            raise ValueError("a file without picture and without sound is no media")


@dataclass(frozen=True, slots=True, eq=False)
class SpanMedia:
    """What a span of a file holds, all times in seconds of video time.

    Args:
        frames: uint8 N×S×S×3, RGB, the model's input; N is 0 where the span has no picture.
        frame_seconds: float64 N, rising; the first may be shown from before the span and counts from the span's start.
        thumbnails: one JPEG for each frame.
        cut_seconds: where shots begin inside the span, rising.
        sound: float32, mono, 16 kHz, the span padded by a second at each side; None where there is none.
        sound_start_seconds: time of the sound's first sample.
    """

    frames: NDArray[np.uint8]
    frame_seconds: NDArray[np.float64]
    thumbnails: tuple[bytes, ...]
    cut_seconds: tuple[float, ...]
    sound: NDArray[np.float32] | None
    sound_start_seconds: float

    def __post_init__(self) -> None:
        shape = self.frames.shape
        if self.frames.dtype != np.uint8 or len(shape) != 4 or shape[1] != shape[2] or shape[3] != 3:
            raise ValueError(f"frames must be uint8 N×S×S×3: {self.frames.dtype = }, {self.frames.shape = }")
        if self.frame_seconds.shape != shape[:1] or self.frame_seconds.dtype != np.float64:
            raise ValueError(f"one float64 time for each frame: {self.frame_seconds.shape = }, {self.frames.shape = }")
        if len(self.thumbnails) != shape[0]:
            raise ValueError(f"one thumbnail for each frame: {len(self.thumbnails) = }, {self.frames.shape = }")
        _check_rising("frame_seconds", self.frame_seconds)
        _check_rising("cut_seconds", np.asarray(self.cut_seconds, np.float64))
        if not math.isfinite(self.sound_start_seconds):
            raise ValueError(f"sound must start at a time: {self.sound_start_seconds = }")
        if self.sound is not None:
            _check_sound(self.sound)


def _check_rising(name: str, seconds: NDArray[np.float64]) -> None:
    if not np.isfinite(seconds).all() or (np.diff(seconds) <= 0).any():
        raise ValueError(f"{name} must be finite and rising: {seconds[:10] = }")


def _check_sound(sound: NDArray[np.float32]) -> None:
    if sound.dtype != np.float32 or sound.ndim != 1 or not len(sound):
        raise ValueError(f"sound must be float32, one-dimensional, not empty: {sound.dtype = }, {sound.shape = }")
    if not np.isfinite(sound).all():
        raise ValueError("sound must be finite")


class MediaDecoder:
    """Decodes hostile files, each call in a child process of its own."""

    def __init__(self, limits: MediaLimits) -> None:
        self._limits = limits

    async def probe(self, source: RangeReader) -> MediaInfo:
        """Say what a file holds and how long it really is.

        Raises:
            InvalidMedia: it is no media that kadr takes, or it breaks the decoder.
            SourceChanged, TransientError: as the source raises them.
        """
        answer = await self._ask("probe", {}, source, max_body_bytes=0)
        try:
            return MediaInfo(**answer.fields)
        except (TypeError, ValueError) as error:
            raise _nonsense(error) from error

    async def decode_span(
        self, source: RangeReader, start_seconds: float, stop_seconds: float, picture: PictureInput
    ) -> SpanMedia:
        """Sample the picture of [start, stop) and take its sound.

        Raises:
            InvalidMedia: it is no media that kadr takes, or it breaks the decoder.
            SourceChanged, TransientError: as the source raises them.
        """
        length = stop_seconds - start_seconds
        if not (0 <= start_seconds < stop_seconds and length <= self._limits.max_span_seconds):
            raise ValueError(f"not a span: {start_seconds = }, {stop_seconds = }, {self._limits.max_span_seconds = }")
        sound_bytes = 4 * round((length + 2 * SOUND_PADDING_SECONDS + 1) * SOUND_RATE)
        frame_bytes = 3 * picture.size**2 + _THUMBNAIL_BYTES
        fields = {
            "start_seconds": start_seconds,
            "stop_seconds": stop_seconds,
            "picture": asdict(picture),
            "max_frames": self._limits.max_frames,
            "sound_padding_seconds": SOUND_PADDING_SECONDS,
        }
        max_body_bytes = self._limits.max_frames * frame_bytes + sound_bytes
        answer = await self._ask("span", fields, source, max_body_bytes=max_body_bytes)
        try:
            return _unpack_span(answer, picture.size)
        except (KeyError, TypeError, ValueError) as error:
            raise _nonsense(error) from error

    async def _ask(self, kind: str, fields: Mapping[str, Any], source: RangeReader, *, max_body_bytes: int) -> Message:
        """Ask a child, and a second one if the first one breaks."""
        limits = self._limits
        common = {
            "parent_pid": os.getpid(),
            "size": source.size,
            "cpu_seconds": limits.cpu_seconds,
            "memory_bytes": limits.memory_bytes,
            "max_pixels": limits.max_pixels,
            "max_streams": limits.max_streams,
            "max_duration_seconds": limits.max_duration_seconds,
            "threads": limits.threads,
        }
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                async with decoder_child() as child:
                    return await child.converse(
                        Message(kind, common | dict(fields)),
                        source,
                        wall_seconds=limits.wall_seconds,
                        max_body_bytes=max_body_bytes,
                        max_read_bytes=2 * source.size + _SPARE_READ_BYTES,
                    )
            except ChildFailure as failure:
                if attempt == _ATTEMPTS:
                    raise InvalidMedia(failure.reason, f"{_STAGES[kind]}: {failure.message}") from failure
        raise AssertionError("unreachable")


_STAGES = {"probe": "Opening the file failed twice", "span": "Decoding the file failed twice"}


def _nonsense(error: Exception) -> InvalidMedia:
    return InvalidMedia("decoder_broken", f"The decoder gave an answer that makes no sense: {error}")


def _unpack_span(answer: Message, size: int) -> SpanMedia:
    """Divide an answer's body into frames, thumbnails and sound."""
    fields, body = answer.fields, memoryview(answer.body)
    count, lengths = len(fields["frame_seconds"]), fields["thumbnail_bytes"]
    pixel_bytes = count * size * size * 3
    frames = np.frombuffer(body[:pixel_bytes], np.uint8).reshape(count, size, size, 3)
    edges = [pixel_bytes, *(pixel_bytes + np.cumsum(lengths, dtype=np.int64)).tolist()]
    thumbnails = tuple(bytes(body[begin:end]) for begin, end in pairwise(edges))
    samples = fields["sound_samples"]
    return SpanMedia(
        frames=frames,
        frame_seconds=np.asarray(fields["frame_seconds"], np.float64),
        thumbnails=thumbnails,
        cut_seconds=tuple(fields["cut_seconds"]),
        sound=None if samples is None else np.frombuffer(body[edges[-1] :], np.float32, count=samples),
        sound_start_seconds=fields["sound_start_seconds"],
    )
