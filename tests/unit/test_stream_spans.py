from dataclasses import replace
from typing import Any

from stream.claims import Claim
from stream.entry import Entry, Source, Span, blank
from stream.outbox import SpanMessage
from stream.record import Record
from stream.slots import Slots
from stream.spans import SpanWorker

MESSAGE = SpanMessage("id", "videos", "a", 1, 0, 0.0, 7.0, Source("e", None, "2026-01-01T00:00:00+00:00", 9))
WON = replace(Entry.of(blank("videos", "a", "id")), revision=1, status="ready", spans=(Span("d", "other", 0, None),))


class Services:
    """A ledger in which another run has won already, an index, and a sweeper that takes notes."""

    def __init__(self) -> None:
        self.swept: list[Entry] = []

    async def done(self, *_: Any, **__: Any) -> None:
        return None

    async def read(self, video_id: str) -> Entry:
        return WON

    async def refresh(self) -> None: ...

    async def sweep(self, entry: Entry) -> int:
        self.swept.append(entry)
        return 2


async def test_a_run_that_comes_second_removes_what_it_wrote() -> None:
    services: Any = Services()
    worker = SpanWorker(
        ledger=services,
        store=services,
        decoder=services,
        encoder=services,
        index=services,
        outbox=services,
        sweeper=services,
        slots=Slots(1),
    )
    record = Record("spans", 0, 1, 0, None, None)
    await worker._done(Claim(record, MESSAGE, "mine", WON), {})
    assert services.swept == [WON]
