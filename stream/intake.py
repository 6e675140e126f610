"""Takes records from a Faust agent and works on them, many at once, until each is finished. Nothing escapes it."""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from typing import Any, Protocol

import structlog
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, wait_random_exponential

from stream.breaker import Breakers
from stream.errors import Dependency, TransientError
from stream.record import Record

_LOG = structlog.get_logger(__name__)
_TRIES_OF_DEFECTS = 3


class Handler(Protocol):
    """What an intake needs of the planner or the span worker."""

    async def accept(self, record: Record) -> None:
        """Works until the record needs no more work; TransientError means: later."""

    async def give_up(self, record: Record, error: Exception) -> None:
        """Puts aside a record that a defect of kadr keeps from being accepted."""


@dataclass(slots=True)
class _Running:
    message: Any
    worker: asyncio.Task[None]


class Intake:
    """Bounded concurrent work on records.

    A record that is delivered again while its work still runs (after a rebalance) joins that work.

    Args:
        finish: Tells the consumer that a message needs no more work.
        breakers: Told of failures; no try is made while a needed service is down.
        needed: The services that the handler cannot do without.
        limit: Records that are worked on or wait for a service at once.
        longest_pause_seconds: Longest pause between two tries of a record.

    Attributes:
        admitted: How many messages have been taken so far.
    """

    def __init__(
        self,
        handler: Handler,
        finish: Callable[[Any], bool],
        *,
        breakers: Breakers,
        needed: Collection[Dependency],
        limit: int,
        longest_pause_seconds: float,
    ) -> None:
        self.admitted = 0
        self._handler = handler
        self._finish = finish
        self._breakers = breakers
        self._needed = frozenset(needed)
        self._places = asyncio.Semaphore(limit)
        self._longest_pause_seconds = longest_pause_seconds
        self._running: dict[str, _Running] = {}

    async def admit(self, message: Any) -> None:
        """Waits for a place and starts to work on a message."""
        self.admitted += 1
        record = Record.of(message)
        if record.name in self._running:
            self._running[record.name].message = message
            return
        await self._places.acquire()
        worker = asyncio.create_task(self._work(record), name=record.name)
        self._running[record.name] = _Running(message, worker)

    @property
    def busy(self) -> int:
        """Counts the records at hand: those that are worked on, and those that wait for something."""
        return len(self._running)

    async def keep_only(self, partitions: Collection[tuple[str, int]]) -> None:
        """Stops the work on records of partitions that now belong to another worker."""
        lost = [
            running
            for running in self._running.values()
            if (running.message.topic, running.message.partition) not in partitions
        ]
        await _cancel([running.worker for running in lost])

    async def close(self) -> None:
        """Stops all work; claims are given back on the way."""
        await _cancel([running.worker for running in self._running.values()])

    async def _work(self, record: Record) -> None:
        try:
            await self._until_accepted(record)
            self._finish(self._running[record.name].message)
        finally:
            del self._running[record.name]
            self._places.release()

    async def _until_accepted(self, record: Record) -> None:
        for attempt in range(_TRIES_OF_DEFECTS):
            try:
                await self._through_outages(lambda: self._handler.accept(record))
                return
            except Exception as error:  # the boundary of an agent: what escapes it would be lost by Faust
                _LOG.exception("defect", record=record.name, attempt=attempt + 1)
                defect = error
        await self._through_outages(lambda: self._handler.give_up(record, defect))

    async def _through_outages(self, work: Callable[[], Awaitable[None]]) -> None:
        async for attempt in AsyncRetrying(
            retry=retry_if_exception_type(TransientError),
            wait=wait_random_exponential(multiplier=0.5, max=self._longest_pause_seconds),
            before_sleep=self._report_failure,
            reraise=True,
        ):
            with attempt:
                await self._breakers.closed(self._needed)
                await work()

    def _report_failure(self, state: RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        _LOG.warning("trying again later", error=str(error), tries=state.attempt_number)
        if isinstance(error, TransientError):
            self._breakers.report(error)


async def _cancel(workers: list[asyncio.Task[None]]) -> None:
    for worker in workers:
        worker.cancel()
    await asyncio.gather(*workers, return_exceptions=True)
