"""Circuit breakers: while a service is down it is asked by one probe only, and the work that needs it waits for that.

The libraries for this refuse calls while a breaker is open. Here records wait instead, so that an outage spends no
attempts; and a failure opens a breaker only if a cheap question fails too, so that one broken object or one overlong
request does not stop everything else.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

import structlog
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, wait_random_exponential

from stream.errors import Dependency, TransientError

_LOG = structlog.get_logger(__name__)
_SHORTEST_PAUSE_SECONDS = 0.2

Answer = TypeVar("Answer")
Probe = Callable[[], Awaitable[object]]
"""A cheap question to a service; TransientError or a time-out means that it is down."""


@dataclass(frozen=True, slots=True)
class Outage:
    """A service that is down: since when (UTC, ISO 8601), and what went wrong first."""

    dependency: Dependency
    since: str
    error: str


@dataclass(slots=True)
class _Watch:
    """The probing of a service that failed; there is an outage only once a probe failed, too."""

    since: str
    error: str
    task: asyncio.Task[None] | None = None
    outage: Outage | None = None


class Breakers:
    """One breaker per service that the worker needs.

    Args:
        probes: How to ask each service for a sign of life.
        longest_pause_seconds: Longest pause between two probes.
        probe_seconds: How long a probe may take.
        spread_seconds: Over how long waiting work is spread when a breaker closes.
        sleep: Waits; a test gives its own.
    """

    def __init__(
        self,
        probes: Mapping[Dependency, Probe],
        *,
        longest_pause_seconds: float,
        probe_seconds: float = 5.0,
        spread_seconds: float = 2.0,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._probes = probes
        self._longest_pause_seconds = longest_pause_seconds
        self._probe_seconds = probe_seconds
        self._spread_seconds = spread_seconds
        self._sleep = sleep
        self._watches: dict[Dependency, _Watch] = {}

    def outages(self) -> tuple[Outage, ...]:
        """Lists the services that are down now."""
        return tuple(watch.outage for watch in self._watches.values() if watch.outage is not None)

    def report(self, error: TransientError) -> None:
        """Takes note of a failure: work waits from now on until the service has answered a probe."""
        dependency = error.dependency
        if dependency is None or dependency not in self._probes or dependency in self._watches:
            return
        watch = _Watch(datetime.now(UTC).isoformat(timespec="seconds"), str(error))
        self._watches[dependency] = watch
        watch.task = asyncio.create_task(self._until_up(dependency, watch), name=f"breaker of {dependency}")

    async def closed(self, needed: Collection[Dependency]) -> None:
        """Waits until none of these services is down.

        After an outage it waits a random moment longer, so that not all work starts at once.
        """
        while watch := next((watch for name, watch in self._watches.items() if name in needed), None):
            assert watch.task is not None
            await asyncio.wait([watch.task])
            if watch.outage is not None:
                await self._sleep(random.uniform(0, self._spread_seconds))

    async def guard(self, needed: Collection[Dependency], work: Callable[[], Awaitable[Answer]]) -> Answer:
        """Does work once the services that it needs are there, and takes note if one of them goes.

        Raises:
            TransientError: As the work raises it.
        """
        await self.closed(needed)
        try:
            return await work()
        except TransientError as error:
            self.report(error)
            raise

    async def close(self) -> None:
        """Stops all probing."""
        tasks = [watch.task for watch in self._watches.values() if watch.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _until_up(self, dependency: Dependency, watch: _Watch) -> None:
        def still_down(state: RetryCallState) -> None:
            if watch.outage is None:
                watch.outage = Outage(dependency, watch.since, watch.error)
                _LOG.warning("a service is down; work waits for it", service=dependency, error=watch.error)

        try:
            async for attempt in AsyncRetrying(
                retry=retry_if_exception_type((TransientError, TimeoutError)),
                wait=wait_random_exponential(
                    multiplier=0.5, min=_SHORTEST_PAUSE_SECONDS, max=self._longest_pause_seconds
                ),
                before_sleep=still_down,
                sleep=self._sleep,
            ):
                with attempt:
                    async with asyncio.timeout(self._probe_seconds):
                        await self._probes[dependency]()
        finally:
            # Also if the probe itself is broken: work then finds out by itself.
            del self._watches[dependency]
        if watch.outage is not None:
            _LOG.info("a service is back", service=dependency, down_since=watch.since)
