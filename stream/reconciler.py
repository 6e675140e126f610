"""Compares the buckets with the ledger, and asks the planner to look where they differ (LEDGER: RECONCILE).

It changes nothing itself: a notification that was lost, a planner that died and spans that were lost all end in one
more look, and the planner decides on what it then finds.
"""

import asyncio
import time
from collections import Counter, defaultdict
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from stream.entry import Source
from stream.events import video_id
from stream.listing import LedgerListing, Row
from stream.outbox import Outbox
from stream.progress import Progress
from stream.store import BucketUnavailable, Store

_SUSPECTS = 500
_EXAMPLES = 10
_LONGEST_WAIT_SECONDS = 24 * 3600.0
_MOST_WAITING_LOOKS = 1000
_PATIENCE_SECONDS = 30.0


class Difference(StrEnum):
    """How an object and its ledger document differ."""

    UNKNOWN = "unknown"
    """An object that the ledger does not know, or takes for deleted."""
    CHANGED = "changed"
    """An object with other content than the ledger knows."""
    VANISHED = "vanished"
    """A video whose object is gone."""
    UNSENT = "unsent"
    """A video whose spans were not sent: its planner died."""
    STUCK = "stuck"
    """A video whose spans were sent and have been pending for too long."""


class UnorderedListing(Exception):
    """A listing is not in the order of UTF-8 bytes, so that it cannot be compared in one pass."""


@dataclass(frozen=True, slots=True)
class Suspect:
    """An object of the bucket, if there is one, whose ledger document may differ from it."""

    key: str
    source: Source | None


@dataclass(slots=True)
class Report:
    """What a comparison found and did.

    Attributes:
        examples: Some of the objects of each kind, as `bucket/key`.
        sent: Looks that were sent: fewer than differences in a dry run, while too many looks wait, or while the group
            has not come to the spans of a stuck video.
        unavailable: Buckets that could not be listed, and why.
    """

    objects: int = 0
    videos: int = 0
    counts: Counter[Difference] = field(default_factory=Counter)
    examples: dict[Difference, list[str]] = field(default_factory=lambda: defaultdict(list))
    sent: int = 0
    unavailable: dict[str, str] = field(default_factory=dict)

    def add(self, kind: Difference, subject: str) -> None:
        self.counts[kind] += 1
        if len(self.examples[kind]) < _EXAMPLES:
            self.examples[kind].append(subject)

    def body(self) -> dict[str, Any]:
        """Returns the report as JSON values."""
        kinds = [kind for kind in Difference if self.counts[kind]]
        differences = {str(kind): {"count": self.counts[kind], "examples": self.examples[kind]} for kind in kinds}
        return {
            "objects": self.objects,
            "videos": self.videos,
            "differences": differences,
            "sent": self.sent,
            "unavailable": self.unavailable,
        }


def wait_seconds(emissions: int, base_seconds: float) -> float:
    """Returns how long spans may be pending after their last emission: doubled by each, at most a day."""
    return min(base_seconds * 2.0 ** min(max(emissions - 1, 0), 32), _LONGEST_WAIT_SECONDS)


def difference(source: Source | None, row: Row | None, now: datetime, resend_after_seconds: float) -> Difference | None:
    """Compares an object with its ledger document; None if nothing is to be done."""
    if source is None:
        return None if row is None or row.deleted else Difference.VANISHED
    if row is None or row.deleted:
        withdrawn = row is not None and row.withdrawn is not None and row.withdrawn.covers(source)
        return None if withdrawn else Difference.UNKNOWN
    if not source.same(row.source):
        return Difference.CHANGED
    age_seconds = (now - row.updated_at).total_seconds()
    if row.status != "indexing" or age_seconds < wait_seconds(row.emissions, resend_after_seconds):
        return None
    return Difference.STUCK if row.emitted else Difference.UNSENT


async def merge(
    objects: AsyncIterator[tuple[str, Source]], rows: AsyncIterator[Row]
) -> AsyncIterator[tuple[str, Source | None, Row | None]]:
    """Joins two listings that are ordered by key; holds no more than one of each.

    Python orders strings by code point, which is the order of their UTF-8 bytes.

    Raises:
        UnorderedListing: One of them is not in order.
    """
    found, row, last = await anext(objects, None), await anext(rows, None), ""
    while keys := [*([found[0]] if found else []), *([row.key] if row else [])]:
        key = min(keys)
        if key <= last:
            raise UnorderedListing(f"{key!r} comes after {last!r}")
        here = found if found and found[0] == key else None
        known = row if row and row.key == key else None
        yield key, here[1] if here else None, known
        found = await anext(objects, None) if here else found
        row = await anext(rows, None) if known else row
        last = key


class LookSender:
    """Sends looks as long as few enough of them wait for the planner.

    Args:
        passed: Whether the group has passed the emissions of stuck videos; until then they only wait their turn.
        patience_seconds: How long to wait for the planner to come on.
    """

    def __init__(
        self, outbox: Outbox, progress: Progress, *, topic: str, passed: bool, patience_seconds: float
    ) -> None:
        self._outbox = outbox
        self._progress = progress
        self._topic = topic
        self._passed = passed
        self._patience_seconds = patience_seconds
        self._room = 0
        self._open = True

    async def send(self, bucket: str, key: str, kind: Difference) -> bool:
        """Sends a look; False if it is left for the next time."""
        if kind is Difference.STUCK and not self._passed:
            return False
        if self._open and self._room <= 0:
            self._room = await self._wait_for_room()
            self._open = self._room > 0
        if self._open:
            await self._outbox.send_look(bucket, key, resend=kind is Difference.STUCK)
            self._room -= 1
        return self._open

    async def _wait_for_room(self) -> int:
        stop = time.monotonic() + self._patience_seconds
        while (lag := await self._progress.lag(self._topic)) >= _MOST_WAITING_LOOKS and time.monotonic() < stop:
            await asyncio.sleep(1.0)
        return _MOST_WAITING_LOOKS - lag


class Reconciler:
    """Compares every bucket that kadr serves with the ledger."""

    def __init__(
        self,
        *,
        listing: LedgerListing,
        store: Store,
        outbox: Outbox,
        progress: Progress,
        buckets: tuple[str, ...],
        uploads_topic: str,
        spans_topic: str,
        resend_after_seconds: float,
        patience_seconds: float = _PATIENCE_SECONDS,
    ) -> None:
        self._listing = listing
        self._store = store
        self._outbox = outbox
        self._progress = progress
        self._buckets = buckets
        self._uploads_topic = uploads_topic
        self._spans_topic = spans_topic
        self._resend_after_seconds = resend_after_seconds
        self._patience_seconds = patience_seconds

    async def reconcile(self, *, dry_run: bool = False) -> Report:
        """Compares and sends looks; a dry run only compares.

        Raises:
            TransientError: A service is down. A bucket that cannot be listed only keeps itself from being compared.
        """
        report, now = Report(), datetime.now(UTC)
        sender = None if dry_run else await self._sender(now)
        for bucket in self._buckets:
            try:
                async with aclosing(self._differences(bucket, now, report)) as differences:
                    async for key, kind in differences:
                        report.add(kind, f"{bucket}/{key}")
                        report.sent += sender is not None and await sender.send(bucket, key, kind)
            except BucketUnavailable as error:
                report.unavailable[bucket] = str(error)
        return report

    async def _sender(self, now: datetime) -> LookSender:
        passed = await self._progress.passed(self._spans_topic, now.timestamp() - self._resend_after_seconds)
        return LookSender(
            self._outbox,
            self._progress,
            topic=self._uploads_topic,
            passed=passed,
            patience_seconds=self._patience_seconds,
        )

    async def _differences(self, bucket: str, now: datetime, report: Report) -> AsyncGenerator[tuple[str, Difference]]:
        """Yields what differs, after a second look at the ledger in real time."""
        suspects: list[Suspect] = []
        async with aclosing(self._store.objects(bucket)) as objects, aclosing(self._listing.rows(bucket)) as rows:
            async for key, source, row in merge(objects, rows):
                report.objects += source is not None
                report.videos += row is not None and not row.deleted
                if difference(source, row, now, self._resend_after_seconds) is not None:
                    suspects.append(Suspect(key, source))
                if len(suspects) == _SUSPECTS:
                    for confirmed in await self._confirm(bucket, suspects, now):
                        yield confirmed
                    suspects.clear()
        for confirmed in await self._confirm(bucket, suspects, now):
            yield confirmed

    async def _confirm(self, bucket: str, suspects: Sequence[Suspect], now: datetime) -> list[tuple[str, Difference]]:
        ids = {suspect.key: video_id(bucket, suspect.key) for suspect in suspects}
        rows = await self._listing.read_rows(list(ids.values()))
        kinds = [
            (suspect.key, difference(suspect.source, rows.get(ids[suspect.key]), now, self._resend_after_seconds))
            for suspect in suspects
        ]
        return [(key, kind) for key, kind in kinds if kind is not None]
