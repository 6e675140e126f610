import asyncio

import pytest

from stream.slots import Slots


async def test_no_more_than_the_number_at_once() -> None:
    slots, running, most = Slots(2), 0, 0

    async def work() -> None:
        nonlocal running, most
        async with slots.one():
            running += 1
            most = max(most, running)
            await asyncio.sleep(0)
            running -= 1

    await asyncio.gather(*(work() for _ in range(9)))
    assert most == 2


async def test_all_waits_for_the_others_and_keeps_them_out() -> None:
    slots, trace = Slots(2), []

    async def one(name: str) -> None:
        async with slots.one():
            trace.append(f"+{name}")
            await asyncio.sleep(0.01)
            trace.append(f"-{name}")

    async def alone() -> None:
        async with slots.all():
            trace.append("+alone")
            await asyncio.sleep(0.01)
            trace.append("-alone")

    await asyncio.gather(one("a"), alone(), alone(), one("b"))
    for start in (i for i, step in enumerate(trace) if step == "+alone"):
        assert trace[start + 1] == "-alone"
    assert len(trace) == 8


async def test_a_cancelled_wait_for_all_gives_back_what_it_took() -> None:
    slots = Slots(2)
    async with slots.one():
        waiting = asyncio.create_task(slots.all().__aenter__())
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
    async with asyncio.timeout(1), slots.one(), slots.one():
        pass


def test_needs_a_slot() -> None:
    with pytest.raises(ValueError, match="number = 0"):
        Slots(0)
