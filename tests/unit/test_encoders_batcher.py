"""Many callers, one model: who runs with whom, in which order, and what failures do to the others."""

import asyncio

import numpy as np
import pytest
from batching import FOREVER, Device, ask, batching, numbers_of, occupy

from encoders.batching.batcher import Batcher
from encoders.batching.lane import LaneBlocked, LaneFull
from encoders.batching.waiting import BULK_PATIENCE_SECONDS, QUERY_BATCHES_IN_A_ROW
from encoders.settings import EncoderSettings


async def test_what_waits_while_the_device_is_busy_is_the_next_batch_and_no_timer_runs() -> None:
    device = Device()
    async with batching(device, linger_seconds=FOREVER, batch=3) as batcher:
        first = await ask(batcher, "query", 1, 2, 3)
        await device.started()
        second, third = await ask(batcher, "query", 4), await ask(batcher, "query", 5)
        device.finish()
        await device.started()
        device.finish()
        assert [await numbers_of(task) for task in (first, second, third)] == [[1, 2, 3], [4], [5]]
    assert device.batches == [("query", [1, 2, 3]), ("query", [4, 5])]


async def test_an_idle_device_waits_for_company_until_a_batch_is_full() -> None:
    device = Device()
    device.free = True
    async with batching(device, linger_seconds=FOREVER, batch=2) as batcher:
        first = await ask(batcher, "query", 1)
        assert not await asyncio.to_thread(device._started.acquire, True, 0.1), "it waits"
        second = await ask(batcher, "query", 2)
        assert await numbers_of(first) == [1] and await numbers_of(second) == [2]
    assert device.batches == [("query", [1, 2])]


async def test_an_idle_device_waits_milliseconds_only() -> None:
    device, linger_seconds = Device(), EncoderSettings().linger_seconds
    device.free = True
    assert linger_seconds <= 0.005
    async with batching(device, linger_seconds=linger_seconds) as batcher:
        assert await numbers_of(await ask(batcher, "query", 1)) == [1]


async def test_a_query_waits_for_one_bulk_batch_at_most() -> None:
    device = Device()
    async with batching(device) as batcher:
        bulk = [await ask(batcher, "passage", *range(n, n + 8)) for n in (10, 20)]
        await device.started()
        query = await ask(batcher, "query", 1)
        device.finish()
        await device.started()
        device.finish()
        assert await numbers_of(query) == [1]
        device.run_free()
        assert [await numbers_of(task) for task in bulk] == [list(range(10, 18)), list(range(20, 28))]
    assert [kind for kind, _ in device.batches] == ["passage", "query", "passage", "passage", "passage"]


async def test_queries_without_end_let_bulk_work_through_now_and_then() -> None:
    device = Device()
    async with batching(device, batch=1) as batcher:
        running = await occupy(batcher, device)
        bulk = await ask(batcher, "passage", 100)
        queries = [await ask(batcher, "query", number) for number in range(1, 60)]
        for request in batcher._line._bulk:
            request.since -= BULK_PATIENCE_SECONDS
        device.run_free()
        assert await numbers_of(bulk) == [100]
        await asyncio.gather(running, *queries)
    place = device.batches.index(("passage", [100]))
    assert QUERY_BATCHES_IN_A_ROW <= place < 59, "not before many queries, and not after all of them"


async def test_a_large_request_is_split_and_small_ones_run_between_its_parts() -> None:
    device = Device()
    async with batching(device, batch=2) as batcher:
        await occupy(batcher, device)
        large = await ask(batcher, "passage", 1, 2, 3, 4, 5)
        other = await ask(batcher, "passage", 11, 12, 13)
        small = await ask(batcher, "passage", 21)
        device.run_free()
        assert [await numbers_of(task) for task in (large, other, small)] == [[1, 2, 3, 4, 5], [11, 12, 13], [21]]
    assert [items for _, items in device.batches[1:]] == [[1, 2], [11, 12], [21, 3], [13, 4], [5]]


async def test_texts_of_two_purposes_and_frames_never_share_a_batch() -> None:
    device = Device()
    frames = np.array([7, 8], np.uint8).reshape(2, 1, 1, 1).repeat(3, axis=3)
    async with batching(device) as batcher:
        await occupy(batcher, device)
        passage = await ask(batcher, "passage", 1)
        pictures = [asyncio.create_task(batcher.embed_frames(frames[n : n + 1])) for n in (0, 1)]
        later = await ask(batcher, "passage", 2)
        query = await ask(batcher, "query", 3)
        device.run_free()
        assert [await numbers_of(task) for task in (passage, *pictures, later, query)] == [[1], [7], [8], [2], [3]]
    assert device.batches[1:] == [("query", [3]), ("passage", [1, 2]), ("frames", [7, 8])]


async def test_a_picture_that_searches_goes_before_frames_that_are_to_be_found() -> None:
    device = Device()
    frames = np.array([7, 8, 9], np.uint8).reshape(3, 1, 1, 1).repeat(3, axis=3)
    async with batching(device) as batcher:
        await occupy(batcher, device)
        bulk = asyncio.create_task(batcher.embed_frames(frames[:2]))
        await asyncio.sleep(0)
        searching = asyncio.create_task(batcher.embed_frames(frames[2:], "query"))
        await asyncio.sleep(0)
        device.run_free()
        assert [await numbers_of(task) for task in (searching, bulk)] == [[9], [7, 8]]
    assert device.batches[1:] == [("frames", [9]), ("frames", [7, 8])]


async def test_who_is_gone_is_left_out_also_in_the_middle_of_a_large_request() -> None:
    device = Device()
    async with batching(device, batch=2) as batcher:
        gone_halfway = await ask(batcher, "passage", 1, 2, 3, 4)
        await device.started()
        gone, stays = await ask(batcher, "passage", 5, 6), await ask(batcher, "passage", 7)
        gone.cancel()
        gone_halfway.cancel()
        await asyncio.wait([gone, gone_halfway])
        device.run_free()
        assert await numbers_of(stays) == [7]
    assert device.batches == [("passage", [1, 2]), ("passage", [7])]


async def test_a_full_line_refuses_and_bulk_does_not_shut_queries_out() -> None:
    device = Device()
    async with batching(device, max_waiting_items=5) as batcher:
        await occupy(batcher, device)
        large = await ask(batcher, "passage", *range(10, 16))
        with pytest.raises(LaneFull, match="6 texts or pictures wait for the text model"):
            await (await ask(batcher, "passage", 20))
        query = await ask(batcher, "query", 1)
        device.run_free()
        assert await numbers_of(query) == [1] and await numbers_of(large) == list(range(10, 16))
        assert await numbers_of(await ask(batcher, "passage", 20)) == [20], "room again"


async def test_a_request_that_leaves_makes_room() -> None:
    device = Device()
    async with batching(device, max_waiting_items=1) as batcher:
        await occupy(batcher, device)
        gone = await ask(batcher, "query", 1)
        gone.cancel()
        await asyncio.wait([gone])
        stays = await ask(batcher, "query", 2)
        device.run_free()
        assert await numbers_of(stays) == [2]


async def test_who_waits_too_long_is_told_so_and_never_runs() -> None:
    device = Device()
    async with batching(device, max_wait_seconds=0.05) as batcher:
        running = await occupy(batcher, device)
        with pytest.raises(LaneBlocked, match=r"busy for 0\.05 s"):
            await (await ask(batcher, "query", 1))
        device.run_free()
        assert await numbers_of(running) == [0], "what runs is not cut off"
    assert device.batches == [("query", [0])]


async def test_closing_finishes_the_running_batch_and_lets_nobody_wait() -> None:
    device = Device()
    batcher = Batcher("text", device, batch=1, max_waiting_items=9, max_wait_seconds=FOREVER, linger_seconds=0)
    running, waiting = await occupy(batcher, device), await ask(batcher, "query", 1)
    closing = asyncio.create_task(asyncio.to_thread(batcher.close))
    while not batcher._closed:
        await asyncio.sleep(0)
    device.finish()
    await closing
    assert await numbers_of(running) == [0]
    with pytest.raises(asyncio.CancelledError):
        await waiting
    with pytest.raises(LaneBlocked):
        await batcher.embed_texts(["1"], "query")
    assert device.batches == [("query", [0])]
