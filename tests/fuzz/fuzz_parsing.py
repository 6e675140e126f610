"""Fuzzes what reads bytes from outside: containers (opened, probed, a span decoded) and events.

`PYTHONPATH=tests:. python tests/fuzz/fuzz_parsing.py containers --seconds 60` runs atheris on small real files and
mutations of them. What may come out is a result or a refusal with a reason; everything else ends the run with the bytes
that did it, in `build/fuzz`. Nothing is sandboxed here: a crash of FFmpeg ends the run, too.
"""

from __future__ import annotations

import argparse
import io
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import atheris
from media import Video, make

with atheris.instrument_imports(include=["stream"]):
    from encoders.values import PictureInput
    from stream.errors import InvalidEvent, InvalidMedia
    from stream.events import parse_event
    from stream.media.container import open_media
    from stream.media.probing import describe
    from stream.media.sampling import SamplingBounds
    from stream.media.span_decoder import decode_span

FOUND = Path("build/fuzz")
_PICTURE = PictureInput(size=16, resize_mode="squash", interpolation="bicubic", fill=0)
_BOUNDS = SamplingBounds(max_frames=20, max_pixels=1 << 22, max_frames_per_second=100.0)
_LONGEST_BYTES = 1 << 16


def take_container(data: bytes) -> None:
    """Open a file, measure it and decode its first seconds."""
    try:
        media = open_media(io.BytesIO(data), max_streams=16, max_pixels=1 << 22, threads=1)
        described = describe(media, max_duration_seconds=86_400.0)
        media = open_media(io.BytesIO(data), max_streams=16, max_pixels=1 << 22, threads=1)
        stop_seconds = min(5.0, described["duration_seconds"])
        decode_span(media, 0.0, stop_seconds, _PICTURE, _BOUNDS, sound_padding_seconds=1.0)
    except (InvalidMedia, MemoryError):
        return


def take_event(data: bytes) -> None:
    """Parse a record as the planner does."""
    try:
        parse_event(data, {})
    except InvalidEvent:
        return


def container_seeds() -> list[bytes]:
    """Small files of several containers."""
    video = Video((0.4, 0.4), rate=5, width=32, height=32, sound_codec=None)
    seeds = []
    with TemporaryDirectory() as folder:
        for ending in ("mp4", "mkv", "avi", "flv", "ts"):
            seeds.append(make(Path(folder) / f"a.{ending}", video).read_bytes())
        sound = Video((0.4,), codec=None, sound_codec="pcm_s16le")
        seeds.append(make(Path(folder) / "a.wav", sound).read_bytes())
    return seeds


def event_seeds() -> list[bytes]:
    """One event of each shape."""
    own = {"type": "video.uploaded", "bucket": "videos", "key": "a.mp4", "title": "A", "attributes": {"n": 1}}
    thing = {"bucket": {"name": "videos"}, "object": {"key": "dir%2Fa.mp4", "size": 1, "eTag": "x"}}
    s3 = {"EventName": "s3:ObjectCreated:Put", "Records": [{"eventName": "s3:ObjectCreated:Put", "s3": thing}]}
    cloud = {"specversion": "1.0", "type": "video.uploaded", "source": "/x", "id": "1", "data": own}
    return [json.dumps(event).encode() for event in (own, s3, cloud)]


TARGETS: dict[str, tuple[Callable[[bytes], None], Callable[[], list[bytes]]]] = {
    "containers": (take_container, container_seeds),
    "events": (take_event, event_seeds),
}


def main(arguments: Sequence[str]) -> None:
    """Fuzzes one target for some time."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target", choices=sorted(TARGETS))
    parser.add_argument("--seconds", type=int, default=60)
    chosen = parser.parse_args(arguments)
    take, seeds = TARGETS[chosen.target]
    FOUND.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as corpus:
        for number, seed in enumerate(seeds()):
            (Path(corpus) / str(number)).write_bytes(seed)
        options = [f"-max_total_time={chosen.seconds}", f"-max_len={_LONGEST_BYTES}", "-rss_limit_mb=4096"]
        atheris.Setup([sys.argv[0], *options, "-timeout=60", f"-artifact_prefix={FOUND}/", corpus], take)
        atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1:])
