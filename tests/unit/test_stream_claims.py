"""What outages, rebalances and deaths between two steps do to a span: nothing that counts against it."""

import asyncio
from contextlib import suppress
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from encoders.values import PictureInput
from stream.entry import Entry, Source, Span, blank
from stream.errors import InvalidMedia, TransientError
from stream.media.values import SpanMedia
from stream.outbox import SpanMessage
from stream.record import Record
from stream.slots import Slots
from stream.spans import SpanWorker

SOURCE = Source("e", None, "2026-01-01T00:00:00.000+00:00", 9)
MESSAGE = SpanMessage("id", "videos", "a", 1, 0, 0.0, 7.0, SOURCE)
RECORD = Record("spans", 0, 1, 0, None, MESSAGE.kafka_value())
PENDING = replace(
    Entry.of(blank("videos", "a", "id")), revision=1, status="indexing", spans=(Span("p", None, 0, None),)
)
NOTHING = SpanMedia(np.empty((0, 8, 8, 3), np.uint8), np.empty(0), (), (), None, 0.0)


def down() -> TransientError:
    return TransientError("the answer came too late", dependency="opensearch")


class Ledger:
    """A ledger of one span whose answers can be lost after the work was done."""

    def __init__(self, entry: Entry = PENDING) -> None:
        self.entry = entry
        self.lost_answers: dict[str, int] = {}
        self.claiming = asyncio.Event()
        self.go_on = asyncio.Event()
        self.go_on.set()

    @property
    def span(self) -> Span:
        return self.entry.spans[0]

    async def claim(self, *_: Any, record: str, run: str) -> Entry | None:
        """Goes on although its caller is cancelled, as a server does."""
        return await asyncio.shield(asyncio.create_task(self._claim(record, run)))

    async def _claim(self, record: str, run: str) -> Entry | None:
        self.claiming.set()
        await self.go_on.wait()
        if self.span.state != "p":
            return None
        lost = self.span.lost + (self.span.record == record)
        return self._answer("claim", Span("p", run, lost, record))

    async def release(self, *_: Any, run: str) -> None:
        if self.span.state == "p" and self.span.run == run:
            self._answer("release", replace(self.span, run=None, record=None))

    async def done(self, *_: Any, run: str, **__: Any) -> Entry | None:
        if self.span.state == "d":
            return None
        return self._answer("done", replace(self.span, state="d", run=run), "ready")

    async def fail(self, *_: Any, **__: Any) -> Entry | None:
        if self.span.state != "p":
            return None
        if self._loses("fail"):
            raise down()
        return self._answer("fail", replace(self.span, state="f"), "failed")

    async def read(self, _: str) -> Entry:
        return self.entry

    def _answer(self, name: str, span: Span, status: str = "indexing") -> Entry:
        self.entry = replace(self.entry, spans=(span,), status=status)
        if self._loses(name):
            raise down()
        return self.entry

    def _loses(self, name: str) -> bool:
        self.lost_answers[name] = self.lost_answers.get(name, 0) - 1
        return self.lost_answers[name] >= 0


class Outside:
    """Everything else."""

    def __init__(self, trouble: Exception | None = None) -> None:
        self.trouble = trouble
        self.letters: list[str] = []
        self.told: list[str] = []
        self.swept = 0

    def pinned(self, *_: Any) -> None: ...

    async def model_set(self) -> Any:
        return SimpleNamespace(picture_input=PictureInput(8, "squash", "bicubic", 0))

    async def decode_span(self, *_: Any, **__: Any) -> SpanMedia:
        if self.trouble is not None:
            raise self.trouble
        return NOTHING

    async def put_thumbnails(self, _: Any) -> None: ...

    async def write(self, _: Any) -> None: ...

    async def refresh(self) -> None: ...

    async def send_dead_letter(self, *_: Any, reason: str, **__: Any) -> None:
        self.letters.append(reason)

    async def send_status(self, entry: Entry) -> None:
        self.told.append(entry.status)

    async def sweep(self, _: Entry) -> int:
        self.swept += 1
        return 0


def build(ledger: Any, outside: Any) -> SpanWorker:
    return SpanWorker(
        ledger=ledger,
        store=outside,
        decoder=outside,
        encoder=outside,
        index=outside,
        outbox=outside,
        sweeper=outside,
        slots=Slots(1),
    )


@pytest.mark.parametrize("lost", [{"claim": 8}, {"claim": 8, "release": 3}])
async def test_claims_whose_answers_are_lost_do_not_look_like_workers_that_died(lost: dict[str, int]) -> None:
    ledger, outside = Ledger(), Outside()
    ledger.lost_answers = dict(lost)
    worker = build(ledger, outside)
    for _ in range(sum(lost.values()) + 1):
        with suppress(TransientError):
            await worker.accept(RECORD)
    assert (ledger.span.state, ledger.span.lost, outside.letters) == ("d", 0, [])


async def test_a_claim_that_a_rebalance_interrupts_is_given_back() -> None:
    ledger = Ledger()
    ledger.go_on.clear()
    work = asyncio.create_task(build(ledger, Outside()).accept(RECORD))
    await ledger.claiming.wait()
    work.cancel()
    await asyncio.sleep(0)
    ledger.go_on.set()
    await asyncio.wait([work], timeout=5)
    await asyncio.sleep(0.01)
    assert work.cancelled()
    assert (ledger.span.record, ledger.span.run) == (None, None)


async def test_an_outage_while_a_span_is_failed_doubles_no_dead_letter() -> None:
    ledger, outside = Ledger(), Outside(InvalidMedia("broken", "it is broken"))
    ledger.lost_answers = {"fail": 3}
    worker = build(ledger, outside)
    for _ in range(3):
        with pytest.raises(TransientError):
            await worker.accept(RECORD)
    await worker.accept(RECORD)
    assert (outside.letters, ledger.span.state, ledger.span.lost) == (["broken"], "f", 0)


async def test_the_end_of_a_video_is_told_although_the_answer_was_lost() -> None:
    ledger, outside = Ledger(), Outside()
    ledger.lost_answers = {"done": 1}
    worker = build(ledger, outside)
    with pytest.raises(TransientError):
        await worker.accept(RECORD)
    await worker.accept(RECORD)
    assert (outside.told, outside.swept, ledger.span.lost) == (["ready"], 1, 0)


async def test_the_end_of_a_video_is_told_although_its_worker_died() -> None:
    done = replace(PENDING, status="ready", spans=(Span("d", "run", 0, None),))
    outside = Outside()
    await build(Ledger(done), outside).accept(RECORD)
    assert (outside.told, outside.swept) == (["ready"], 1)


@pytest.mark.parametrize(
    "entry", [replace(PENDING, revision=2), replace(PENDING, status="deleted"), replace(PENDING, revision=0)]
)
async def test_nothing_is_told_of_what_moved_on(entry: Entry) -> None:
    ledger, outside = Ledger(replace(entry, spans=(Span("d", "run", 0, None),))), Outside()
    await build(ledger, outside).accept(RECORD)
    assert outside.told == []
