import asyncio
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any

from stream.breaker import Breakers
from stream.errors import TransientError
from stream.intake import Intake
from stream.record import Record


def message(offset: int, partition: int = 0) -> Any:
    return SimpleNamespace(
        topic="t", partition=partition, offset=offset, timestamp=1.5, key=b"k", value=b"v", headers=None
    )


class Handler:
    def __init__(self, work: Callable[[Record], Awaitable[None]]) -> None:
        self._work = work
        self.given_up: list[str] = []

    async def accept(self, record: Record) -> None:
        await self._work(record)

    async def give_up(self, record: Record, error: Exception) -> None:
        self.given_up.append(f"{record.name}: {error}")


def intake(handler: Handler, finished: list[Any], limit: int = 10, breakers: Breakers | None = None) -> Intake:
    def finish(message: Any) -> bool:
        finished.append(message)
        return True

    return Intake(
        handler,
        finish,
        breakers=breakers or Breakers({}, longest_pause_seconds=0),
        needed=("opensearch", "encoder"),
        limit=limit,
        longest_pause_seconds=0.01,
    )


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.005)


async def test_finishes_what_was_accepted() -> None:
    async def work(record: Record) -> None:
        assert record.timestamp_ms == 1500

    finished: list[Any] = []
    one = message(1)
    await intake(Handler(work), finished).admit(one)
    await until(lambda: finished == [one])


async def test_waits_through_an_outage_and_gives_nothing_up() -> None:
    tries = 0

    async def work(record: Record) -> None:
        nonlocal tries
        tries += 1
        if tries < 8:
            raise TransientError("down")

    finished: list[Any] = []
    handler = Handler(work)
    await intake(handler, finished).admit(message(1))
    await until(lambda: len(finished) == 1)
    assert tries == 8
    assert handler.given_up == []


async def test_a_service_that_is_down_is_not_asked_by_every_record() -> None:
    down, tries, probes = True, 0, 0

    async def work(record: Record) -> None:
        nonlocal tries
        tries += 1
        if down:
            raise TransientError("down", dependency="encoder")

    async def probe() -> None:
        nonlocal probes
        probes += 1
        if down:
            raise TransientError("still down", dependency="encoder")

    breakers = Breakers({"encoder": probe}, longest_pause_seconds=0.01, spread_seconds=0.01)
    finished: list[Any] = []
    handler = Handler(work)
    taker = intake(handler, finished, breakers=breakers)
    for offset in range(10):
        await taker.admit(message(offset))
    await until(lambda: probes >= 20)
    assert tries <= 10, "a record asked although the breaker was open"
    assert taker.busy == 10
    down = False
    await until(lambda: len(finished) == 10)
    assert handler.given_up == []
    assert tries <= 20


async def test_a_defect_is_tried_again_then_put_aside_and_later_records_go_on() -> None:
    tries: list[int] = []

    async def work(record: Record) -> None:
        tries.append(record.offset)
        if record.offset == 1:
            raise ZeroDivisionError("oops")

    finished: list[Any] = []
    handler = Handler(work)
    taker = intake(handler, finished)
    await taker.admit(message(1))
    await taker.admit(message(2))
    await until(lambda: len(finished) == 2)
    assert sorted(tries) == [1, 1, 1, 2]
    assert handler.given_up == ["t:0:1: oops"]


async def test_a_record_delivered_again_joins_the_work_that_still_runs() -> None:
    go, runs = asyncio.Event(), 0

    async def work(record: Record) -> None:
        nonlocal runs
        runs += 1
        await go.wait()

    finished: list[Any] = []
    taker = intake(Handler(work), finished)
    old, new = message(1), message(1)
    await taker.admit(old)
    await taker.admit(new)
    go.set()
    await until(lambda: bool(finished))
    assert finished[0] is new
    assert runs == 1


async def test_work_on_partitions_that_went_elsewhere_stops_unfinished() -> None:
    cancelled: list[str] = []

    async def work(record: Record) -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cancelled.append(record.name)
            raise

    finished: list[Any] = []
    taker = intake(Handler(work), finished)
    await taker.admit(message(1, partition=0))
    await taker.admit(message(1, partition=1))
    await asyncio.sleep(0)
    await taker.keep_only({("t", 1)})
    assert cancelled == ["t:0:1"]
    await taker.close()
    assert sorted(cancelled) == ["t:0:1", "t:1:1"]
    assert finished == []
