"""What a worker knows of its own state, put together for its watchdog and for those who ask over HTTP."""

import asyncio
import faulthandler
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

import structlog

from stream.breaker import Breakers
from stream.errors import TransientError
from stream.health import Health
from stream.intake import Intake
from stream.lag import GroupOffsets
from stream.producer import WatchedProducer
from stream.transport import StrictApp
from stream.watchdog import Course, Glimpse, Watchdog, taken_by_another

_LOG = structlog.get_logger(__name__)
_LONGEST_PAUSE_SECONDS = 15.0
_SHORTEST_BLOCK_SECONDS = 30.0


class Vigil:
    """Looks at the consumer, the intakes and the breakers of one worker.

    Args:
        name: The worker's own name in its group; empty if it has none.
        intakes: The intake of each topic.
        patience_seconds: How long the worker may be without progress although something waits for it.
        join_seconds: How much longer it may be without a place in its group.
        end: Ends a worker that is stuck.
        producer: What it sends with.
    """

    def __init__(
        self,
        *,
        name: str,
        app: StrictApp,
        intakes: Mapping[str, Intake],
        breakers: Breakers,
        offsets: GroupOffsets,
        patience_seconds: float,
        join_seconds: float,
        end: Callable[[], None],
        producer: WatchedProducer,
    ) -> None:
        self._name = name
        self._app = app
        self._intakes = intakes
        self._breakers = breakers
        self._offsets = offsets
        self._watchdog = Watchdog(patience_seconds, join_seconds=join_seconds)
        self._patience_seconds = patience_seconds
        self._end = end
        self._producer = producer

    def health(self) -> Health:
        """Says how the worker is, without asking anybody."""
        return Health(
            complaint=self._watchdog.complaint,
            in_group=self._app.in_group,
            partitions=len(self._app.partitions()),
            outages=self._breakers.outages(),
        )

    async def _glimpse(self) -> Glimpse:
        """Looks at the worker for its watchdog; that Kafka does not answer is an outage like any other."""
        try:
            lag, committed = await self._offsets.lag_and_committed(self._app.partitions())
            rival = self._name if await self._is_replaced() else ""
        except TransientError as error:
            self._breakers.report(error)
            return Glimpse(outage=True)
        courses = {
            topic: Course(lag.get(topic, 0), intake.busy, committed.get(topic, 0), intake.admitted)
            for topic, intake in self._intakes.items()
        }
        return Glimpse(bool(self._breakers.outages()), self._app.in_group, courses, rival, self._producer.broken)

    async def _is_replaced(self) -> bool:
        member = self._app.member
        if not self._name or not member:
            return False
        return taken_by_another(self._name, member, await self._offsets.members()) and self._app.member == member

    @asynccontextmanager
    async def kept(self) -> AsyncIterator[None]:
        """Keeps watch for as long as the block lasts."""
        _end_when_blocked(max(self._patience_seconds, _SHORTEST_BLOCK_SECONDS))
        watching = asyncio.create_task(self._watch(), name="watchdog")
        watching.add_done_callback(self._end_unwatched)
        try:
            yield
        finally:
            watching.cancel()

    async def _watch(self) -> None:
        pause_seconds = min(self._patience_seconds / 10, _LONGEST_PAUSE_SECONDS)
        while True:
            if complaint := self._watchdog.look(await self._glimpse(), time.monotonic()):
                _LOG.error("the worker is stuck and ends", why=complaint)
                self._end()
            await asyncio.sleep(pause_seconds)

    def _end_unwatched(self, watching: asyncio.Task[None]) -> None:
        if not watching.cancelled() and (defect := watching.exception()) is not None:
            _LOG.error("the watchdog failed, so the worker ends", exc_info=defect)
            self._end()


def _end_when_blocked(seconds: float) -> None:
    """Ends the process, with every thread's traceback, if its event loop stands still for so long."""
    faulthandler.dump_traceback_later(seconds, exit=True)
    asyncio.get_running_loop().call_later(seconds / 4, _end_when_blocked, seconds)
