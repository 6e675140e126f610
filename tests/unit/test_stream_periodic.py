import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from stream.errors import TransientError
from stream.periodic import Periodic, running


class Report:
    def body(self) -> dict[str, Any]:
        return {"found": 1}


def periodic(
    work: Callable[[], Awaitable[Report]], leads: Callable[[], bool] = lambda: True, every_seconds: float = 0.01
) -> Periodic:
    return Periodic("work", work, every_seconds, 0.005, leads)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.005)


async def test_work_is_done_again_and_again_whatever_goes_wrong() -> None:
    outcomes: list[Exception | None] = [TransientError("away"), RuntimeError("a defect"), None]
    times = 0

    async def work() -> Report:
        nonlocal times
        times += 1
        error = outcomes[times % 3]
        if error:
            raise error
        return Report()

    async with running([periodic(work)]):
        await until(lambda: times > 6)
    stopped = times
    await asyncio.sleep(0.05)
    assert times == stopped, "it goes on after its end"


async def test_only_the_worker_that_leads_works() -> None:
    leads, times, asked = False, 0, 0

    def ask() -> bool:
        nonlocal asked
        asked += 1
        return leads

    async def work() -> Report:
        nonlocal times
        times += 1
        return Report()

    async with running([periodic(work, ask)]):
        await until(lambda: asked > 3)
        assert times == 0
        leads = True
        await until(lambda: times > 0)


async def test_a_pause_of_zero_means_never() -> None:
    async def work() -> Report:
        raise AssertionError("never")

    await asyncio.wait_for(periodic(work, every_seconds=0).run(), 1)


async def test_work_under_way_is_stopped() -> None:
    started, stopped = asyncio.Event(), asyncio.Event()

    async def work() -> Report:
        started.set()
        try:
            await asyncio.sleep(60)
        finally:
            stopped.set()
        return Report()

    async with running([periodic(work)]):
        await asyncio.wait_for(started.wait(), 5)
    assert stopped.is_set()
