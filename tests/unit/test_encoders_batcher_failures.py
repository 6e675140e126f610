"""What failures of a batch do: to the next batch, and to whom they do not concern."""

import numpy as np
import pytest
from batching import Device, ask, batching, numbers_of, occupy

from encoders.batching.batch_size import BatchSize


async def test_when_memory_runs_out_batches_are_halved_and_everybody_is_answered() -> None:
    device = Device()
    device.fail = lambda items: MemoryError("too much") if len(items) > 2 else None
    async with batching(device, batch=8) as batcher:
        await occupy(batcher, device)
        tasks = [await ask(batcher, "passage", *numbers) for numbers in ((1, 2, 3), (4,), (5, 6, 7, 8))]
        device.run_free()
        assert [await numbers_of(task) for task in tasks] == [[1, 2, 3], [4], [5, 6, 7, 8]]
        halved = len(device.batches)
        assert await numbers_of(await ask(batcher, "passage", *range(1, 6))) == [1, 2, 3, 4, 5]
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
        await occupy(batcher, device)
        good, bad = await ask(batcher, "query", 1), await ask(batcher, "query", 2)
        device.run_free()
        assert await numbers_of(good) == [1]
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
        await occupy(batcher, device)
        tasks = [await ask(batcher, "query", number) for number in (1, 2, 3)]
        device.run_free()
        assert await numbers_of(tasks[0]) == [1] and await numbers_of(tasks[2]) == [3]
        with pytest.raises(ZeroDivisionError, match="bad item"):
            await tasks[1]
        assert await numbers_of(await ask(batcher, "query", 4)) == [4]


async def test_the_rest_of_a_large_request_that_failed_does_not_run() -> None:
    device = Device()
    device.fail = lambda items: ZeroDivisionError("bad item") if 1 in items else None
    async with batching(device, batch=1) as batcher:
        device.free = True
        with pytest.raises(ZeroDivisionError):
            await (await ask(batcher, "query", 1, 2, 3))
        assert await numbers_of(await ask(batcher, "query", 9)) == [9]
    assert device.batches == [("query", [1]), ("query", [9])]


async def test_too_few_vectors_are_an_error_not_somebody_else_s_vectors() -> None:
    device = Device()
    device.free = True
    device.embed_texts = lambda texts, purpose: np.ones((1, 1), np.float32)  # type: ignore[method-assign]
    async with batching(device) as batcher:
        with pytest.raises(ValueError, match="1 vectors for 2 items"):
            await (await ask(batcher, "query", 1, 2))


async def test_vectors_that_do_not_fit_together_are_that_request_s_error_only() -> None:
    device = Device()
    device.free = True
    device.embed_texts = lambda texts, purpose: np.ones((1, int(texts[0])), np.float32)  # type: ignore[method-assign]
    async with batching(device, batch=1) as batcher:
        with pytest.raises(ValueError, match="dimension"):
            await (await ask(batcher, "query", 1, 2))
        assert (await (await ask(batcher, "query", 3))).shape == (1, 3)
