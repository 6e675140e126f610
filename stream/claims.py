"""Claims of spans: what a run of this process has taken, and gives back if it cannot finish (LEDGER: CLAIM)."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from stream.entry import Entry
from stream.errors import SourceChanged, TransientError
from stream.failpoints import passed
from stream.ledger import Ledger
from stream.outbox import SpanMessage
from stream.record import Record

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Try:
    """A run of this process that has claimed a span, or may have: the answer can be lost."""

    record: Record
    message: SpanMessage
    run: str


@dataclass(frozen=True, slots=True)
class Claim(Try):
    """A span that a run of this process has claimed."""

    entry: Entry

    @property
    def lost(self) -> int:
        return self.entry.spans[self.message.span].lost


class Claims:
    """Takes claims and gives them back; what could not be given back is owed until its record is claimed again.

    A claim that is neither done nor given back counts as a worker that died, so that no outage may leave one behind.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._owed: dict[str, Try] = {}

    async def take(self, record: Record, message: SpanMessage) -> Claim | None:
        """Claims a span for a new run; None if there is nothing to do.

        Raises:
            TransientError: The ledger does not answer; whatever it did is undone, now or before the next claim.
        """
        if record.name in self._owed:
            await self.give_back(self._owed[record.name])
        attempt = Try(record, message, secrets.token_hex(8))
        names = (message.video_id, message.revision, message.span)
        async with self.given_back_on_trouble(attempt):
            entry = await _to_the_end(self._ledger.claim(*names, record=record.name, run=attempt.run))
            passed("span.claim")
        return Claim(record, message, attempt.run, entry) if entry is not None else None

    @asynccontextmanager
    async def given_back_on_trouble(self, attempt: Try) -> AsyncIterator[None]:
        """Gives a claim back if the block is cancelled, or meets an outage or a changed object."""
        try:
            yield
        except (TransientError, SourceChanged, asyncio.CancelledError):
            with suppress(TransientError):
                await asyncio.shield(self.give_back(attempt))
            raise

    async def give_back(self, attempt: Try) -> None:
        """Gives a claim back, so that it does not count as lost."""
        message = attempt.message
        self._owed[attempt.record.name] = attempt
        await self._ledger.release(message.video_id, message.revision, message.span, run=attempt.run)
        self._owed.pop(attempt.record.name, None)


async def _to_the_end(request: Coroutine[Any, Any, Answer]) -> Answer:
    """Waits for a request also if cancelled meanwhile: only then what it did can be undone."""
    task = asyncio.create_task(request)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise
