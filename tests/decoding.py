"""Spans decoded in the test's own process: for files of the test's own making, and quick."""

from __future__ import annotations

from pathlib import Path

from encoders.values import PictureInput
from stream.media.container import open_media
from stream.media.sampling import SamplingBounds
from stream.media.span_decoder import DecodedSpan, decode_span

PICTURE = PictureInput(size=32, resize_mode="squash", interpolation="bicubic", fill=0)
BOUNDS = SamplingBounds(max_frames=400, max_pixels=10_000_000)


def decoded(
    path: Path,
    start_seconds: float,
    stop_seconds: float,
    bounds: SamplingBounds = BOUNDS,
    language: str | None = None,
    threads: int = 1,
) -> DecodedSpan:
    """Decode a span of a file."""
    with path.open("rb") as source:
        media = open_media(source, max_streams=16, max_pixels=bounds.max_pixels, threads=threads, language=language)
        return decode_span(media, start_seconds, stop_seconds, PICTURE, bounds, sound_padding_seconds=1.0)
