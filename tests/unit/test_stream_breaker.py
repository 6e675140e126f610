import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from stream import breaker
from stream.breaker import Breakers
from stream.errors import Dependency, TransientError

EVERY: tuple[Dependency, ...] = ("opensearch", "object store", "encoder", "kafka")


class Clock:
    """Time that passes only while somebody sleeps; what sleeps longer wakes later."""

    def __init__(self) -> None:
        self.pauses: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        await asyncio.sleep(0)


class Service:
    """Something that a probe can ask."""

    def __init__(self, up_after: int) -> None:
        self.asked = 0
        self.up_after = up_after

    async def probe(self) -> None:
        self.asked += 1
        if self.asked <= self.up_after:
            raise TransientError("no answer", dependency="encoder")


def failure(dependency: Dependency | None = "encoder") -> TransientError:
    return TransientError("the encoder does not answer", dependency=dependency)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def guard(clock: Clock) -> Callable[..., Breakers]:
    def build(service: Any, **options: Any) -> Breakers:
        return Breakers({"encoder": service.probe}, longest_pause_seconds=8.0, sleep=clock.sleep, **options)

    return build


async def test_work_waits_until_a_probe_is_answered(guard: Callable[..., Breakers], clock: Clock) -> None:
    service = Service(up_after=12)
    breakers = guard(service)
    breakers.report(failure())
    await breakers.closed(EVERY)
    assert service.asked == 13
    assert breakers.outages() == ()
    *probing, spread = clock.pauses
    assert max(probing) <= 8.0
    assert min(probing) >= 0.2
    assert len(set(probing)) > 6, "no jitter between probes"
    assert 0 <= spread <= 2.0


async def test_it_says_what_is_down_since_when_and_why(guard: Callable[..., Breakers]) -> None:
    service = Service(up_after=10_000)
    breakers = guard(service)
    assert breakers.outages() == ()
    breakers.report(failure())
    while service.asked < 5:
        await asyncio.sleep(0)
    (outage,) = breakers.outages()
    assert (outage.dependency, outage.error) == ("encoder", "the encoder does not answer")
    assert outage.since.endswith("+00:00")
    await breakers.close()


async def test_one_probe_at_a_time_however_many_fail(guard: Callable[..., Breakers]) -> None:
    service = Service(up_after=3)
    breakers = guard(service)
    for _ in range(50):
        breakers.report(failure())
    await asyncio.gather(*(breakers.closed(EVERY) for _ in range(50)))
    assert service.asked == 4


async def test_those_that_waited_do_not_start_at_once(guard: Callable[..., Breakers], clock: Clock) -> None:
    breakers = guard(Service(up_after=1), spread_seconds=5.0)
    breakers.report(failure())
    clock.pauses.clear()
    await asyncio.gather(*(breakers.closed(EVERY) for _ in range(20)))
    spread = clock.pauses[-20:]
    assert len(set(spread)) == 20
    assert max(spread) - min(spread) > 1.0


async def test_a_failure_while_the_service_answers_opens_nothing(guard: Callable[..., Breakers], clock: Clock) -> None:
    breakers = guard(Service(up_after=0))
    breakers.report(failure())
    assert breakers.outages() == ()
    await breakers.closed(EVERY)
    assert clock.pauses == []


async def test_a_failure_of_one_thing_only_asks_nobody(guard: Callable[..., Breakers]) -> None:
    service = Service(up_after=10)
    breakers = guard(service)
    breakers.report(failure(None))
    breakers.report(failure("kafka"))
    await breakers.closed(EVERY)
    assert service.asked == 0


async def test_a_probe_that_hangs_counts_as_no_answer(guard: Callable[..., Breakers]) -> None:
    asked = 0

    class Hanging:
        async def probe(self) -> None:
            nonlocal asked
            asked += 1
            if asked == 1:
                await asyncio.Event().wait()

    breakers = guard(Hanging(), probe_seconds=0.02)
    breakers.report(failure())
    await breakers.closed(EVERY)
    assert asked == 2


async def test_a_probe_with_a_defect_keeps_nobody_waiting(guard: Callable[..., Breakers]) -> None:
    class Broken:
        async def probe(self) -> None:
            raise ZeroDivisionError

    breakers = guard(Broken())
    breakers.report(failure())
    async with asyncio.timeout(1):
        await breakers.closed(EVERY)


async def test_work_that_waits_for_two_services_waits_for_both(clock: Clock) -> None:
    encoder, store = Service(up_after=2), Service(up_after=30)
    breakers = breaker.Breakers(
        {"encoder": encoder.probe, "object store": store.probe}, longest_pause_seconds=1.0, sleep=clock.sleep
    )
    breakers.report(failure())
    breakers.report(failure("object store"))
    await breakers.closed(EVERY)
    assert (encoder.asked, store.asked) == (3, 31)


async def test_work_does_not_wait_for_a_service_that_it_does_not_need(
    guard: Callable[..., Breakers], clock: Clock
) -> None:
    service = Service(up_after=10**9)
    breakers = guard(service)
    breakers.report(failure())
    async with asyncio.timeout(1):
        await breakers.closed(["opensearch", "kafka"])
    await breakers.close()


async def test_guarded_work_waits_for_an_outage_and_reports_the_next(guard: Callable[..., Breakers]) -> None:
    service, did = Service(up_after=3), 0
    breakers = guard(service)
    breakers.report(failure())

    async def work() -> int:
        nonlocal did
        did += 1
        assert service.asked == 4, "it did not wait for the service"
        return 7

    async def failing() -> None:
        raise failure()

    assert (await breakers.guard(EVERY, work), did) == (7, 1)
    with pytest.raises(TransientError):
        await breakers.guard(EVERY, failing)
    await breakers.closed(EVERY)
    assert service.asked > 4, "the failure was not reported"
