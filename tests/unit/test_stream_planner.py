"""What an outage in the middle of a look costs."""

from types import SimpleNamespace
from typing import Any

import pytest

from stream.entry import Entry, Source, blank
from stream.errors import TransientError
from stream.events import VideoUploaded, event_value
from stream.planner import Planner
from stream.record import Record

SOURCE = Source("etag", None, "2026-01-02T03:04:05.000+00:00", 1000)
RECORD = Record("uploads", 0, 7, 1000, b"k", event_value(VideoUploaded(bucket="videos", key="a.mp4")))


class Ledger:
    """A ledger of one document."""

    def __init__(self) -> None:
        self.body: dict[str, Any] = {}

    async def read(self, _: str) -> Entry | None:
        return Entry.of(self.body) if self.body else None

    async def create(self, body: dict[str, Any]) -> bool:
        self.body = dict(body)
        return True

    async def attempt(self, _: Entry) -> bool:
        self.body["plan_attempts"] += 1
        return True

    async def look(self, _: Entry, fields: dict[str, Any]) -> Entry:
        self.body |= {**fields, "looks": self.body["looks"] + 1}
        return Entry.of(self.body)

    async def emitted(self, *_: object) -> bool:
        return True


class Outside:
    """Everything else: the object is there, and its probe fails as often as is said."""

    def __init__(self, outages: int) -> None:
        self.outages = outages
        self.letters: list[str] = []

    async def stat(self, *_: object) -> Source:
        return SOURCE

    def pinned(self, *_: object) -> None:
        return None

    async def probe(self, _: object) -> Any:
        self.outages -= 1
        if self.outages >= 0:
            raise TransientError("the object store does not answer", dependency="object store")
        return SimpleNamespace(
            duration_seconds=30.0,
            width=64,
            height=64,
            has_picture=True,
            has_sound=False,
            language=None,
            container="mp4",
        )

    async def send_dead_letter(self, *_: object, reason: str, **__: object) -> None:
        self.letters.append(reason)

    async def send_spans(self, *_: object) -> None: ...

    async def send_status(self, *_: object) -> None: ...

    async def sweep(self, *_: object) -> None: ...


def build(ledger: Any, outside: Any) -> Planner:
    return Planner(
        ledger=ledger,
        store=outside,
        decoder=outside,
        outbox=outside,
        progress=outside,
        sweeper=outside,
        buckets=("videos",),
        spans_topic="spans",
        span_seconds=60.0,
    )


async def test_outages_spend_one_attempt_only_and_fail_nothing() -> None:
    ledger, outside = Ledger(), Outside(outages=20)
    ledger.body = blank("videos", "a.mp4", "v")
    planner = build(ledger, outside)
    for _ in range(20):
        with pytest.raises(TransientError):
            await planner.accept(RECORD)
        assert ledger.body["plan_attempts"] == 1
    await planner.accept(RECORD)
    assert (ledger.body["status"], outside.letters) == ("indexing", [])


async def test_processes_that_die_of_it_spend_one_each_until_it_fails() -> None:
    ledger, outside = Ledger(), Outside(outages=100)
    ledger.body = blank("videos", "a.mp4", "v")
    for _ in range(5):
        with pytest.raises(TransientError):
            await build(ledger, outside).accept(RECORD)
    await build(ledger, outside).accept(RECORD)
    assert (ledger.body["status"], outside.letters) == ("failed", ["too_many_attempts"])
