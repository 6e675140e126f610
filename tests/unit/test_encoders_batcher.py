"""Many callers, one model: who runs with whom, in which order, and what failures do to the others."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import numpy as np
import pytest

from encoders.batch_size import BatchSize
from encoders.batcher import Batcher
from encoders.lane import LaneBlocked, LaneFull
from encoders.ports import ImageTextEncoder
from encoders.settings import EncoderSettings
from encoders.values import Frames, PictureInput, Purpose, Vectors
from encoders.waiting import BULK_PATIENCE_SECONDS, QUERY_BATCHES_IN_A_ROW

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


async def _ask(batcher: Batcher, purpose: Purpose, *numbers: int) -> asyncio.Task[Vectors]:
    """Starts a request; it waits in line when this returns."""
    task = asyncio.create_task(batcher.embed_texts([str(number) for number in numbers], purpose))
    await asyncio.sleep(0)
    return task


async def _numbers(task: asyncio.Task[Vectors]) -> list[int]:
    return [int(row[0]) for row in await asyncio.wait_for(task, 5)]


async def _occupy(batcher: Batcher, device: Device) -> asyncio.Task[Vectors]:
    task = await _ask(batcher, "query", 0)
    await device.started()
    return task


async def test_what_waits_while_the_device_is_busy_is_the_next_batch_and_no_timer_runs() -> None:
    device = Device()
    async with batching(device, linger_seconds=FOREVER, batch=3) as batcher:
        first = await _ask(batcher, "query", 1, 2, 3)
        await device.started()
        second, third = await _ask(batcher, "query", 4), await _ask(batcher, "query", 5)
        device.finish()
        await device.started()
        device.finish()
        assert [await _numbers(task) for task in (first, second, third)] == [[1, 2, 3], [4], [5]]
    assert device.batches == [("query", [1, 2, 3]), ("query", [4, 5])]


async def test_an_idle_device_waits_for_company_until_a_batch_is_full() -> None:
    device = Device()
    device.free = True
    async with batching(device, linger_seconds=FOREVER, batch=2) as batcher:
        first = await _ask(batcher, "query", 1)
        assert not await asyncio.to_thread(device._started.acquire, True, 0.1), "it waits"
        second = await _ask(batcher, "query", 2)
        assert await _numbers(first) == [1] and await _numbers(second) == [2]
    assert device.batches == [("query", [1, 2])]


async def test_an_idle_device_waits_milliseconds_only() -> None:
    device, linger_seconds = Device(), EncoderSettings().linger_seconds
    device.free = True
    assert linger_seconds <= 0.005
    async with batching(device, linger_seconds=linger_seconds) as batcher:
        assert await _numbers(await _ask(batcher, "query", 1)) == [1]


async def test_a_query_waits_for_one_bulk_batch_at_most() -> None:
    device = Device()
    async with batching(device) as batcher:
        bulk = [await _ask(batcher, "passage", *range(n, n + 8)) for n in (10, 20)]
        await device.started()
        query = await _ask(batcher, "query", 1)
        device.finish()
        await device.started()
        device.finish()
        assert await _numbers(query) == [1]
        device.run_free()
        assert [await _numbers(task) for task in bulk] == [list(range(10, 18)), list(range(20, 28))]
    assert [kind for kind, _ in device.batches] == ["passage", "query", "passage", "passage", "passage"]


async def test_queries_without_end_let_bulk_work_through_now_and_then() -> None:
    device = Device()
    async with batching(device, batch=1) as batcher:
        running = await _occupy(batcher, device)
        bulk = await _ask(batcher, "passage", 100)
        queries = [await _ask(batcher, "query", number) for number in range(1, 60)]
        for request in batcher._line._bulk:
            request.since -= BULK_PATIENCE_SECONDS
        device.run_free()
        assert await _numbers(bulk) == [100]
        await asyncio.gather(running, *queries)
    place = device.batches.index(("passage", [100]))
    assert QUERY_BATCHES_IN_A_ROW <= place < 59, "not before many queries, and not after all of them"


async def test_a_large_request_is_split_and_small_ones_run_between_its_parts() -> None:
    device = Device()
    async with batching(device, batch=2) as batcher:
        await _occupy(batcher, device)
        large = await _ask(batcher, "passage", 1, 2, 3, 4, 5)
        other = await _ask(batcher, "passage", 11, 12, 13)
        small = await _ask(batcher, "passage", 21)
        device.run_free()
        assert [await _numbers(task) for task in (large, other, small)] == [[1, 2, 3, 4, 5], [11, 12, 13], [21]]
    assert [items for _, items in device.batches[1:]] == [[1, 2], [11, 12], [21, 3], [13, 4], [5]]


async def test_texts_of_two_purposes_and_frames_never_share_a_batch() -> None:
    device = Device()
    frames = np.array([7, 8], np.uint8).reshape(2, 1, 1, 1).repeat(3, axis=3)
    async with batching(device) as batcher:
        await _occupy(batcher, device)
        passage = await _ask(batcher, "passage", 1)
        pictures = [asyncio.create_task(batcher.embed_frames(frames[n : n + 1])) for n in (0, 1)]
        later = await _ask(batcher, "passage", 2)
        query = await _ask(batcher, "query", 3)
        device.run_free()
        assert [await _numbers(task) for task in (passage, *pictures, later, query)] == [[1], [7], [8], [2], [3]]
    assert device.batches[1:] == [("query", [3]), ("passage", [1, 2]), ("frames", [7, 8])]


async def test_who_is_gone_is_left_out_also_in_the_middle_of_a_large_request() -> None:
    device = Device()
    async with batching(device, batch=2) as batcher:
        gone_halfway = await _ask(batcher, "passage", 1, 2, 3, 4)
        await device.started()
        gone, stays = await _ask(batcher, "passage", 5, 6), await _ask(batcher, "passage", 7)
        gone.cancel()
        gone_halfway.cancel()
        await asyncio.wait([gone, gone_halfway])
        device.run_free()
        assert await _numbers(stays) == [7]
    assert device.batches == [("passage", [1, 2]), ("passage", [7])]


async def test_when_memory_runs_out_batches_are_halved_and_everybody_is_answered() -> None:
    device = Device()
    device.fail = lambda items: MemoryError("too much") if len(items) > 2 else None
    async with batching(device, batch=8) as batcher:
        await _occupy(batcher, device)
        tasks = [await _ask(batcher, "passage", *numbers) for numbers in ((1, 2, 3), (4,), (5, 6, 7, 8))]
        device.run_free()
        assert [await _numbers(task) for task in tasks] == [[1, 2, 3], [4], [5, 6, 7, 8]]
        halved = len(device.batches)
        assert await _numbers(await _ask(batcher, "passage", *range(1, 6))) == [1, 2, 3, 4, 5]
    assert [items for _, items in device.batches[1:halved]] == [
        [1, 2, 3, 4, 5, 6, 7, 8],
        [1, 2, 3, 4],
        [1, 2],
        [3, 4],
        [5, 6, 7, 8],
        [5, 6],
        [7, 8],
    ]
    assert [items for _, items in device.batches[halved:]] == [[1, 2], [3, 4], [5]], "the smaller size is kept"


async def test_an_item_that_no_memory_is_enough_for_fails_alone() -> None:
    device = Device()
    device.fail = lambda items: MemoryError("too much") if 2 in items else None
    async with batching(device) as batcher:
        await _occupy(batcher, device)
        good, bad = await _ask(batcher, "query", 1), await _ask(batcher, "query", 2)
        device.run_free()
        assert await _numbers(good) == [1]
        with pytest.raises(MemoryError, match="too much"):
            await bad


def test_the_batch_size_grows_again_slowly_and_more_slowly_after_each_failure() -> None:
    def batches_until_it_grows(size: BatchSize) -> int:
        before, count = size.items, 0
        while size.items == before:
            size.worked(size.items)
            count += 1
        return count

    size = BatchSize(64)
    size.shrink(64)
    assert size.items == 32
    for _ in range(10_000):
        size.worked(31)
    assert size.items == 32, "batches that were not full prove nothing"
    first = batches_until_it_grows(size)
    assert size.items == 40 and first > 10
    size.shrink(40)
    assert size.items == 20 and batches_until_it_grows(size) > first
    for _ in range(10_000):
        size.worked(size.items)
    assert size.items == 64


async def test_an_error_reaches_the_request_that_caused_it_and_the_device_goes_on() -> None:
    device = Device()
    device.fail = lambda items: ZeroDivisionError("bad item") if 2 in items else None
    async with batching(device) as batcher:
        await _occupy(batcher, device)
        tasks = [await _ask(batcher, "query", number) for number in (1, 2, 3)]
        device.run_free()
        assert await _numbers(tasks[0]) == [1] and await _numbers(tasks[2]) == [3]
        with pytest.raises(ZeroDivisionError, match="bad item"):
            await tasks[1]
        assert await _numbers(await _ask(batcher, "query", 4)) == [4]


async def test_the_rest_of_a_large_request_that_failed_does_not_run() -> None:
    device = Device()
    device.fail = lambda items: ZeroDivisionError("bad item") if 1 in items else None
    async with batching(device, batch=1) as batcher:
        device.free = True
        with pytest.raises(ZeroDivisionError):
            await (await _ask(batcher, "query", 1, 2, 3))
        assert await _numbers(await _ask(batcher, "query", 9)) == [9]
    assert device.batches == [("query", [1]), ("query", [9])]


async def test_too_few_vectors_are_an_error_not_somebody_else_s_vectors() -> None:
    device = Device()
    device.free = True
    device.embed_texts = lambda texts, purpose: np.ones((1, 1), np.float32)  # type: ignore[method-assign]
    async with batching(device) as batcher:
        with pytest.raises(ValueError, match="1 vectors for 2 items"):
            await (await _ask(batcher, "query", 1, 2))


async def test_vectors_that_do_not_fit_together_are_that_request_s_error_only() -> None:
    device = Device()
    device.free = True
    device.embed_texts = lambda texts, purpose: np.ones((1, int(texts[0])), np.float32)  # type: ignore[method-assign]
    async with batching(device, batch=1) as batcher:
        with pytest.raises(ValueError, match="dimension"):
            await (await _ask(batcher, "query", 1, 2))
        assert (await (await _ask(batcher, "query", 3))).shape == (1, 3)


async def test_a_full_line_refuses_and_bulk_does_not_shut_queries_out() -> None:
    device = Device()
    async with batching(device, max_waiting_items=5) as batcher:
        await _occupy(batcher, device)
        large = await _ask(batcher, "passage", *range(10, 16))
        with pytest.raises(LaneFull, match="6 texts or pictures wait for the text model"):
            await (await _ask(batcher, "passage", 20))
        query = await _ask(batcher, "query", 1)
        device.run_free()
        assert await _numbers(query) == [1] and await _numbers(large) == list(range(10, 16))
        assert await _numbers(await _ask(batcher, "passage", 20)) == [20], "room again"


async def test_a_request_that_leaves_makes_room() -> None:
    device = Device()
    async with batching(device, max_waiting_items=1) as batcher:
        await _occupy(batcher, device)
        gone = await _ask(batcher, "query", 1)
        gone.cancel()
        await asyncio.wait([gone])
        stays = await _ask(batcher, "query", 2)
        device.run_free()
        assert await _numbers(stays) == [2]


async def test_who_waits_too_long_is_told_so_and_never_runs() -> None:
    device = Device()
    async with batching(device, max_wait_seconds=0.05) as batcher:
        running = await _occupy(batcher, device)
        with pytest.raises(LaneBlocked, match=r"busy for 0\.05 s"):
            await (await _ask(batcher, "query", 1))
        device.run_free()
        assert await _numbers(running) == [0], "what runs is not cut off"
    assert device.batches == [("query", [0])]


async def test_closing_finishes_the_running_batch_and_lets_nobody_wait() -> None:
    device = Device()
    batcher = Batcher("text", device, batch=1, max_waiting_items=9, max_wait_seconds=FOREVER, linger_seconds=0)
    running, waiting = await _occupy(batcher, device), await _ask(batcher, "query", 1)
    closing = asyncio.create_task(asyncio.to_thread(batcher.close))
    while not batcher._closed:
        await asyncio.sleep(0)
    device.finish()
    await closing
    assert await _numbers(running) == [0]
    with pytest.raises(asyncio.CancelledError):
        await waiting
    with pytest.raises(LaneBlocked):
        await batcher.embed_texts(["1"], "query")
    assert device.batches == [("query", [0])]
