"""What an outage in the middle of a look costs."""

import asyncio
from contextlib import suppress
from types import SimpleNamespace
from typing import Any

import pytest

from stream.entry import Entry, Source, blank
from stream.errors import TransientError
from stream.events import VideoUploaded, event_value
from stream.planner import Planner
from stream.record import Record
from stream.slots import Slots

SOURCE = Source("etag", None, "2026-01-02T03:04:05.000+00:00", 1000)
OTHER = Source("other", None, "2026-01-01T03:04:05.000+00:00", 2000)
RECORD = Record("uploads", 0, 7, 1000, b"k", event_value(VideoUploaded(bucket="videos", key="a.mp4")))


class Dead(Exception):
    """The process ends here."""


class Ledger:
    """A ledger of one document."""

    def __init__(self) -> None:
        self.body: dict[str, Any] = {}
        self.lost_answers = 0

    async def read(self, _: str) -> Entry | None:
        return Entry.of(self.body) if self.body else None

    async def create(self, body: dict[str, Any]) -> bool:
        self.body = dict(body)
        return True

    async def attempt(self, _: Entry) -> bool:
        self.body["plan_attempts"] += 1
        self.lost_answers -= 1
        if self.lost_answers >= 0:
            raise TransientError("the answer came too late", dependency="opensearch")
        return True

    async def look(self, _: Entry, fields: dict[str, Any]) -> Entry:
        self.body |= {**fields, "looks": self.body["looks"] + 1}
        return Entry.of(self.body)

    async def emitted(self, *_: object) -> bool:
        self.body["emitted"] = True
        return True


class Outside:
    """Everything else: the object is there, and its probe fails as often as is said."""

    def __init__(self, outages: int) -> None:
        self.outages = outages
        self.letters: list[str] = []
        self.told: list[tuple[int, str]] = []
        self.swept = 0
        self.deaths = 0
        self.source: Source | None = SOURCE

    async def stat(self, *_: object) -> Source | None:
        return self.source

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

    async def send_status(self, entry: Entry) -> None:
        self.deaths -= 1
        if self.deaths >= 0:
            raise Dead
        self.told.append((entry.revision, entry.status))

    async def sweep(self, *_: object) -> None:
        self.swept += 1


def build(ledger: Any, outside: Any, slots: Slots | None = None) -> Planner:
    return Planner(
        ledger=ledger,
        store=outside,
        decoder=outside,
        outbox=outside,
        progress=outside,
        sweeper=outside,
        slots=slots or Slots(2),
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


async def test_what_may_have_killed_a_worker_is_planned_beside_no_span() -> None:
    """Otherwise both are there when the process dies, and the one that did it takes the other along."""
    ledger, outside, slots = Ledger(), Outside(outages=0), Slots(2)
    ledger.body = blank("videos", "a.mp4", "v") | {"plan_attempts": 1}
    async with slots.one():
        work = asyncio.create_task(build(ledger, outside, slots).accept(RECORD))
        for _ in range(20):
            await asyncio.sleep(0)
        assert (ledger.body["plan_attempts"], ledger.body["status"]) == (1, "deleted"), "it has not even begun"
    await work
    assert ledger.body["status"] == "indexing"


async def test_new_content_is_planned_beside_spans() -> None:
    ledger, outside, slots = Ledger(), Outside(outages=0), Slots(2)
    async with slots.all():
        await build(ledger, outside, slots).accept(RECORD)
    assert ledger.body["status"] == "indexing"


async def test_an_attempt_whose_answer_is_lost_is_counted_once() -> None:
    ledger, outside = Ledger(), Outside(outages=0)
    ledger.body, ledger.lost_answers = blank("videos", "a.mp4", "v"), 1
    planner = build(ledger, outside)
    for _ in range(20):
        with suppress(TransientError):
            await planner.accept(RECORD)
        if ledger.body["status"] == "deleted":
            assert ledger.body["plan_attempts"] == 1
    assert (ledger.body["status"], outside.letters) == ("indexing", [])


@pytest.mark.parametrize(("source", "status"), [(SOURCE, "indexing"), (None, "deleted")])
async def test_a_planner_that_died_before_it_told_others_is_made_up_for(source: Source | None, status: str) -> None:
    ledger, outside = Ledger(), Outside(outages=0)
    ledger.body = blank("videos", "a.mp4", "v") | {"revision": 1, "status": "ready", "source": OTHER.body()}
    outside.deaths, outside.source = 1, source
    with pytest.raises(Dead):
        await build(ledger, outside).accept(RECORD)
    assert (ledger.body["revision"], ledger.body["status"], outside.told) == (2, status, [])
    await build(ledger, outside).accept(RECORD)
    assert (ledger.body["revision"], outside.told, outside.swept) == (2, [(2, status)], 1)
    await build(ledger, outside).accept(RECORD)
    assert outside.told == [(2, status)], "what was told is told again"
