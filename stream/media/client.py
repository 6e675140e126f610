"""Media as the stream sees it: probe a file, decode a span of it, both in a sandboxed child process."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import asdict
from itertools import pairwise
from typing import Any

import numpy as np

from encoders.values import PictureInput
from stream.errors import InvalidMedia
from stream.media.child import ChildFailure, RangeReader
from stream.media.pool import ChildPool
from stream.media.values import Cue, MediaInfo, MediaLimits, SpanMedia
from stream.media.wire import Message

SOUND_RATE = 16_000
SOUND_PADDING_SECONDS = 1.0
_ATTEMPTS = 2
_THUMBNAIL_BYTES = 256 << 10
_SPARE_READ_BYTES = 64 << 20


class NoBytes:
    """A source with nothing in it."""

    size = 0
    identity = None

    async def read(self, offset: int, length: int) -> bytes:
        """Never asked: there is nothing to read."""
        return b""


class MediaDecoder:
    """Decodes hostile files in child processes, each of which sees one content only."""

    def __init__(self, limits: MediaLimits) -> None:
        self._limits = limits
        self._pool = ChildPool(most_requests=limits.requests_per_child)

    async def close(self) -> None:
        """End the children that wait for another request."""
        await self._pool.close()

    async def confinement(self) -> tuple[str, ...]:
        """Say what the kernel keeps from children of this process: `namespace`, `seccomp`, `files`.

        Raises:
            InvalidMedia, TransientError: children do not even start.
        """
        answer = await self._ask("report", {}, NoBytes(), max_body_bytes=0)
        return tuple(str(name) for name in answer.fields.get("confinement", ()))

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
        self,
        source: RangeReader,
        start_seconds: float,
        stop_seconds: float,
        picture: PictureInput,
        *,
        language: str | None = None,
    ) -> SpanMedia:
        """Sample the picture of [start, stop) and take its sound and its subtitles.

        Args:
            language: ISO 639-1, preferred among several tracks.

        Raises:
            InvalidMedia: it is no media that kadr takes, or it breaks the decoder.
            SourceChanged, TransientError: as the source raises them.
        """
        length = stop_seconds - start_seconds
        if not (0 <= start_seconds < stop_seconds and length <= self._limits.max_span_seconds):
            raise ValueError(f"not a span: {start_seconds = }, {stop_seconds = }, {self._limits.max_span_seconds = }")
        sound_bytes = 4 * round((length + 2 * SOUND_PADDING_SECONDS + 1) * SOUND_RATE)
        limits = self._limits
        max_frames = max(limits.max_frames, math.ceil(length * limits.frames_per_second) + 1)
        frame_bytes = 3 * picture.size**2 + _THUMBNAIL_BYTES
        fields = {
            "start_seconds": start_seconds,
            "stop_seconds": stop_seconds,
            "picture": asdict(picture),
            "max_frames": max_frames,
            "frames_per_second": limits.frames_per_second,
            "language": language,
            "sound_padding_seconds": SOUND_PADDING_SECONDS,
        }
        max_body_bytes = max_frames * frame_bytes + sound_bytes
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
            "max_frames_per_second": limits.max_frames_per_second,
            "max_channels": limits.max_channels,
            "threads": limits.threads,
        }
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                async with self._pool.child(source.identity if attempt == 1 else None) as child:
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


_STAGES = {
    "probe": "Opening the file failed twice",
    "span": "Decoding the file failed twice",
    "report": "The decoder does not say how it is confined",
}


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
        cues=tuple(Cue(start, stop, text) for start, stop, text in fields["cues"]),
    )
