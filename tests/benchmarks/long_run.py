"""Decodes a file span by span, as a worker does, and prints the peak of its and its child's memory in bytes."""

from __future__ import annotations

import asyncio
import resource
import sys
from pathlib import Path

from encoders.values import PictureInput
from stream.look import divide
from stream.media.client import MediaDecoder
from stream.media.values import MediaLimits

PICTURE = PictureInput(size=256, resize_mode="squash", interpolation="bicubic", fill=0)
SPAN_SECONDS = 60.0


class FileReader:
    """A file as the object store would give it out; counts what is read."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.identity = str(path)
        self.size = path.stat().st_size
        self.bytes_read = 0

    async def read(self, offset: int, length: int) -> bytes:
        self.bytes_read += length
        with self._path.open("rb") as file:
            file.seek(offset)
            return file.read(length)


async def decode_and_forget(path: Path) -> None:
    """Decode all spans of a file, one after the other."""
    decoder, source = MediaDecoder(MediaLimits()), FileReader(path)
    info = await decoder.probe(source)
    for start, stop in divide(info.duration_seconds, SPAN_SECONDS):
        await decoder.decode_span(source, start, stop, PICTURE)
    await decoder.close()


if __name__ == "__main__":
    asyncio.run(decode_and_forget(Path(sys.argv[1])))
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    print(sum(resource.getrusage(kind).ru_maxrss for kind in kinds) * 1024)
