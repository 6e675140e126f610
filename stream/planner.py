"""The planner agent: looks at the object that an event names and plans its spans (LEDGER: LOOK)."""

import asyncio
import random
from contextlib import nullcontext
from datetime import datetime
from typing import Any

import structlog

from stream.entry import Entry, Source, blank
from stream.errors import InvalidEvent, InvalidMedia, SourceChanged
from stream.events import Look, parse_event
from stream.failpoints import passed
from stream.ledger import Ledger
from stream.look import (
    Plan,
    Verdict,
    asks_to_resend,
    divide,
    fields_of_absence,
    fields_of_failure,
    fields_of_metadata,
    fields_of_resend,
    fields_of_revision,
    fields_of_same,
    fields_of_withdrawal,
    verdict,
)
from stream.media.client import MediaDecoder
from stream.outbox import Outbox
from stream.progress import Progress
from stream.record import Record
from stream.slots import Slots
from stream.store import Store
from stream.sweeper import Sweeper

_LOG = structlog.get_logger(__name__)
_MOST_ATTEMPTS = 5


class Planner:
    """Handles records of `kadr.uploads`. When `accept` returns, the record needs no more work."""

    def __init__(
        self,
        *,
        ledger: Ledger,
        store: Store,
        decoder: MediaDecoder,
        outbox: Outbox,
        progress: Progress,
        sweeper: Sweeper,
        slots: Slots,
        buckets: tuple[str, ...],
        spans_topic: str,
        span_seconds: float,
    ) -> None:
        self._ledger = ledger
        self._store = store
        self._decoder = decoder
        self._outbox = outbox
        self._progress = progress
        self._sweeper = sweeper
        self._slots = slots
        self._buckets = buckets
        self._spans_topic = spans_topic
        self._span_seconds = span_seconds
        self._counted: dict[tuple[str, int], int] = {}

    async def accept(self, record: Record) -> None:
        """Makes every look that a record asks for; what cannot be one is a dead letter.

        Raises:
            TransientError: A service is down; the same record may be accepted later.
        """
        try:
            looks = parse_event(record.value, record.headers)
        except InvalidEvent as error:
            await self._outbox.send_dead_letter(record, stage="event", reason=error.reason, message=str(error))
            return
        for look in looks:
            await self._accept_look(record, look)

    async def give_up(self, record: Record, error: Exception) -> None:
        """Puts a record aside that a defect of kadr keeps from being accepted."""
        await self._outbox.send_dead_letter(record, stage="planner", reason="internal_error", message=repr(error))

    async def _accept_look(self, record: Record, look: Look) -> None:
        if look.bucket not in self._buckets:
            message = f"kadr does not serve the bucket {look.bucket}; it serves {', '.join(self._buckets)}"
            await self._outbox.send_dead_letter(record, stage="event", reason="foreign_bucket", message=message)
            return
        before, after = await self._look(record, look)
        if not after.emitted:
            await self._emit(after)
        if not after.emitted or after.metadata_version != before.metadata_version:
            await self._sweeper.sweep(after)
            passed("look.sweep")
        _LOG.info("looked", video_id=after.video_id, key=look.key, status=after.status, revision=after.revision)

    async def _emit(self, entry: Entry) -> None:
        """Tells others of a new revision and sends its spans. Only the mark at the end keeps it from being repeated."""
        await self._outbox.send_status(entry)
        passed("look.status")
        await self._outbox.send_spans(entry)
        passed("look.send")
        await self._ledger.emitted(entry.video_id, entry.revision)
        passed("look.emitted")

    async def _look(self, record: Record, look: Look) -> tuple[Entry, Entry]:
        """Reads the ledger, stats the object and writes under the guard, until no other look comes between."""
        while True:
            before = await self._entry(look)
            passed("look.read")
            source = await self._store.stat(look.bucket, look.key)
            passed("look.stat")
            found = verdict(before, source, look, record.received)
            try:
                fields = await self._fields(record, look, before, source, found)
            except SourceChanged:
                fields = None
            after = await self._ledger.look(before, fields) if fields is not None else None
            if after is not None:
                passed("look.write")
                self._counted.pop((before.video_id, before.revision), None)
                return before, after
            await asyncio.sleep(random.uniform(0, 0.2))

    async def _entry(self, look: Look) -> Entry:
        entry = await self._ledger.read(look.video_id)
        if entry is None:
            body = blank(look.bucket, look.key, look.video_id)
            entry = Entry.of(body) if await self._ledger.create(body) else await self._ledger.read(look.video_id)
        assert entry is not None, "ledger documents are never deleted"
        return entry

    async def _fields(
        self, record: Record, look: Look, entry: Entry, source: Source | None, found: Verdict
    ) -> dict[str, Any] | None:
        """Returns what to write; None if another look came between."""
        metadata = fields_of_metadata(entry, look, record.received, found)
        if source is None:
            return fields_of_absence(entry, found) | metadata
        match found:
            case Verdict.WITHDRAWN:
                return fields_of_withdrawal(entry, source, record.received) | metadata
            case Verdict.SAME:
                again = fields_of_resend() if await self._are_lost(entry, look) else {}
                return fields_of_same(source) | metadata | again
            case Verdict.NEW:
                content = await self._fields_of_new(record, look, entry, source)
                return content | metadata if content is not None else None
            case _:
                return metadata

    async def _are_lost(self, entry: Entry, look: Look) -> bool:
        """Says whether a look that asks for it sends pending spans again.

        They are lost if the group has finished all that was sent up to the last change of the entry: the broker had
        them before they were marked as emitted.
        """
        if not asks_to_resend(entry, look):
            return False
        changed_at = datetime.fromisoformat(entry.body["updated_at"])
        return await self._progress.passed(self._spans_topic, changed_at.timestamp())

    async def _fields_of_new(self, record: Record, look: Look, entry: Entry, source: Source) -> dict[str, Any] | None:
        """Plans new content. An attempt is counted once however often an outage interrupts it: it killed nobody.

        What may have killed a worker is planned while no span is worked on: neither is blamed for the other.
        """
        attempt = self._counted.setdefault((entry.video_id, entry.revision), entry.plan_attempts + 1)
        async with self._slots.all() if attempt > 1 else nullcontext():
            return await self._count_and_plan(record, look, entry, source, attempt)

    async def _count_and_plan(
        self, record: Record, look: Look, entry: Entry, source: Source, attempt: int
    ) -> dict[str, Any] | None:
        if entry.plan_attempts < attempt and not await self._ledger.attempt(entry):
            return None
        passed("look.attempt")
        earlier = attempt - 1
        try:
            if earlier >= _MOST_ATTEMPTS:
                raise InvalidMedia("too_many_attempts", f"planning ended {_MOST_ATTEMPTS} times without a result")
            plan = await self._plan(look, source)
            passed("look.probe")
            return fields_of_revision(entry, source, plan)
        except InvalidMedia as error:
            await self._outbox.send_dead_letter(
                record,
                stage="probe",
                reason=error.reason,
                message=str(error),
                attempts=earlier + 1,
                subject=f"{look.bucket}/{look.key}",
                video_id=entry.video_id,
                revision=entry.revision + 1,
            )
            return fields_of_failure(entry, source, str(error))

    async def _plan(self, look: Look, source: Source) -> Plan:
        info = await self._decoder.probe(self._store.pinned(look.bucket, look.key, source))
        media = {
            "span_seconds": self._span_seconds,
            "width": info.width,
            "height": info.height,
            "has_picture": info.has_picture,
            "has_sound": info.has_sound,
            "language": info.language,
            "container": info.container,
        }
        spans = divide(info.duration_seconds, self._span_seconds)
        return Plan(info.duration_seconds, spans, media)
