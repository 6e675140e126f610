"""How a hostile file ends, and traps that notice what it does besides."""

from __future__ import annotations

import asyncio
import ctypes
import os
import socket
import struct
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from hostile import Hostile
from media import MemoryReader

from encoders.values import PictureInput
from stream.errors import InvalidMedia
from stream.look import divide
from stream.media.client import MediaDecoder
from stream.media.values import MediaLimits, SpanMedia
from stream.moments import compose

PICTURE = PictureInput(size=16, resize_mode="squash", interpolation="bicubic", fill=0)
LIMITS = MediaLimits(wall_seconds=60.0, cpu_seconds=40, memory_bytes=1 << 30, max_frames=100)
_SPAN_SECONDS = 60.0
_MOST_SPANS = 3
_IN_OPEN, _IN_ACCESS = 0x20, 0x01
_NONBLOCK = 0o4000


@dataclass(frozen=True, slots=True)
class Ending:
    """How a file ended: `moments`, `partial` or `refused`; the reason; what it cost."""

    how: str
    reason: str
    seconds: float
    bytes_read: int


async def end_of(decoder: MediaDecoder, hostile: Hostile) -> Ending:
    """Take a file the way that the worker does: probe it, then each of its spans (of many the first ones)."""
    source, began = MemoryReader(hostile.data()), time.monotonic()
    source.identity = hostile.name
    reasons: list[str] = []
    moments = done = 0
    try:
        info = await decoder.probe(source)
        spans = divide(info.duration_seconds, _SPAN_SECONDS)
    except InvalidMedia as refusal:
        reasons, spans = [_checked(refusal)], ()
    for start, stop in _some(spans):
        try:
            moments += _moments(await decoder.decode_span(source, start, stop, PICTURE), start, stop)
            done += 1
        except InvalidMedia as refusal:
            reasons.append(_checked(refusal))
    how = ("partial" if reasons else "moments") if done else "refused"
    if done and not moments and not reasons:
        how = "nothing at all"
    return Ending(how, " / ".join(reasons), time.monotonic() - began, source.bytes_read)


def _some(spans: Sequence[tuple[float, float]]) -> Sequence[tuple[float, float]]:
    return spans if len(spans) <= _MOST_SPANS else (*spans[: _MOST_SPANS - 1], spans[-1])


def _moments(span: SpanMedia, start: float, stop: float) -> int:
    assert len(span.frames) <= LIMITS.max_frames
    assert span.sound is None or np.abs(span.sound).max() <= 1.0
    vectors = np.tile(np.float32([[1.0, 0.0]]), (len(span.frames), 1)) if len(span.frames) else None
    return len(compose(span, vectors, [], start, stop)) + (span.sound is not None)


def _checked(refusal: InvalidMedia) -> str:
    """The reason, once it is one: a sentence for people, a code for counting."""
    assert refusal.reason.isidentifier(), refusal.reason
    assert refusal.message.rstrip().endswith((".", ")")) or "last words" in refusal.message, refusal.message
    # What the decoder itself did not expect is a defect.
    assert "ended with code" not in refusal.message, refusal.message
    return refusal.message


async def ends_of(hostiles: Sequence[Hostile], *, at_once: int = 2) -> dict[str, Ending]:
    """Take all files with one decoder, some at once."""
    decoder, slots = MediaDecoder(LIMITS), asyncio.Semaphore(at_once)

    async def take(hostile: Hostile) -> Ending:
        async with slots:
            return await end_of(decoder, hostile)

    try:
        return dict(zip([h.name for h in hostiles], await asyncio.gather(*map(take, hostiles)), strict=True))
    finally:
        await decoder.close()


@contextmanager
def listening() -> Iterator[tuple[str, socket.socket]]:
    """A server at which nobody should call: its address and its socket, in which calls would wait."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(100)
        server.setblocking(False)
        yield f"http://127.0.0.1:{server.getsockname()[1]}", server


def was_called(server: socket.socket) -> bool:
    """Whether anybody has called."""
    try:
        server.accept()
    except BlockingIOError:
        return False
    return True


@contextmanager
def canary(path: Path) -> Iterator[int]:
    """Watch a file by inotify: a descriptor in which each opening of it would wait."""
    libc = ctypes.CDLL(None, use_errno=True)
    watch: int = libc.inotify_init1(_NONBLOCK)
    assert watch >= 0 and libc.inotify_add_watch(watch, os.fsencode(path), _IN_OPEN | _IN_ACCESS) >= 0
    try:
        yield watch
    finally:
        os.close(watch)


def was_opened(watch: int) -> bool:
    """Whether the canary has been opened or read."""
    try:
        return len(os.read(watch, 4096)) >= struct.calcsize("iIII")
    except BlockingIOError:
        return False
