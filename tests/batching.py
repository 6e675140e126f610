"""A model that can be held, and callers of its batcher."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import numpy as np

from encoders.batching.batcher import Batcher
from encoders.ports import ImageTextEncoder
from encoders.values import Frames, PictureInput, Purpose, Vectors

FOREVER = 60.0
"""Longer than any test runs: what waits that long never happens in it."""


class Device(ImageTextEncoder):
    """Gives each item its own number as vector; every batch waits until it is let go, unless the device runs free."""

    name, dimension = "fake", 1
    picture_input = PictureInput(size=1, resize_mode="squash", interpolation="bicubic", fill=0)

    def __init__(self) -> None:
        self.batches: list[tuple[str, list[int]]] = []
        self.fail: Callable[[list[int]], Exception | None] = lambda _: None
        self.free = False
        self._started, self._let_go = threading.Semaphore(0), threading.Semaphore(0)

    def embed_frames(self, frames: Frames) -> Vectors:
        return self._run("frames", [int(frame[0, 0, 0]) for frame in frames])

    def embed_texts(self, texts: Sequence[str], purpose: Purpose) -> Vectors:
        return self._run(purpose, [int(text) for text in texts])

    async def started(self) -> None:
        """Waits until a batch is on the device."""
        assert await asyncio.to_thread(self._started.acquire, True, 5)

    def finish(self) -> None:
        """Lets one batch go."""
        self._let_go.release()

    def run_free(self) -> None:
        """Lets this and all later batches go."""
        self.free = True
        self._let_go.release()

    def _run(self, kind: str, items: list[int]) -> Vectors:
        self.batches.append((kind, items))
        self._started.release()
        if not self.free:
            assert self._let_go.acquire(timeout=5)
        if error := self.fail(items):
            raise error
        return np.array(items, np.float32)[:, None]


@asynccontextmanager
async def batching(device: Device, **changed: Any) -> AsyncIterator[Batcher]:
    options = {"batch": 4, "max_waiting_items": 100, "max_wait_seconds": FOREVER, "linger_seconds": 0.0} | changed
    batcher = Batcher("text", device, **options)
    try:
        yield batcher
    finally:
        device.run_free()
        await asyncio.to_thread(batcher.close)


async def ask(batcher: Batcher, purpose: Purpose, *numbers: int) -> asyncio.Task[Vectors]:
    """Starts a request; it waits in line when this returns."""
    task = asyncio.create_task(batcher.embed_texts([str(number) for number in numbers], purpose))
    await asyncio.sleep(0)
    return task


async def numbers_of(task: asyncio.Task[Vectors]) -> list[int]:
    return [int(row[0]) for row in await asyncio.wait_for(task, 5)]


async def occupy(batcher: Batcher, device: Device) -> asyncio.Task[Vectors]:
    task = await ask(batcher, "query", 0)
    await device.started()
    return task
