"""Work that one worker of the group does again and again."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Protocol

import structlog

from stream.errors import TransientError

_LOG = structlog.get_logger(__name__)


class Report(Protocol):
    """What a piece of work found."""

    def body(self) -> dict[str, Any]:
        """Returns it as JSON values."""


@dataclass(frozen=True, slots=True)
class Periodic:
    """A piece of work and how often it is done.

    Attributes:
        every_seconds: Pause before the first and between two times; 0: never.
        retry_seconds: Pause after an outage.
        leads: Says whether this worker is the one. Two workers that both believe so for a moment do no harm.
    """

    name: str
    work: Callable[[], Awaitable[Report]]
    every_seconds: float
    retry_seconds: float
    leads: Callable[[], bool]

    async def run(self) -> None:
        """Works until it is cancelled."""
        pause = self.every_seconds
        while self.every_seconds:
            await asyncio.sleep(pause)
            pause = await self._turn() if self.leads() else self.every_seconds

    async def _turn(self) -> float:
        try:
            report = await self.work()
        except TransientError as error:
            _LOG.warning("waiting for a service", work=self.name, error=str(error))
            return min(self.retry_seconds, self.every_seconds)
        except Exception:  # the boundary of a background task: what escapes it would end it silently
            _LOG.exception("defect", work=self.name)
        else:
            _LOG.info(self.name, **report.body())
        return self.every_seconds


@asynccontextmanager
async def running(works: Sequence[Periodic]) -> AsyncIterator[None]:
    """Does periodic work for as long as the block lasts."""
    tasks = [asyncio.create_task(work.run(), name=work.name) for work in works]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
