"""What replaying a letter comes to, for each state in which the ledger can be."""

from dataclasses import replace
from typing import Any

import orjson
import pytest

from stream.entry import Entry, Source, Span, blank
from stream.events import parse_event
from stream.letter import Answer, Letter, LetterId
from stream.outbox import Outbox, SpanMessage, Topics
from stream.record import Record, header_map
from stream.replay import Action, Replay

SOURCE = Source("new", None, "2026-01-01T00:00:00.000+00:00", 10)
TOPICS = Topics("uploads", "spans", "status", "dead")
SPAN = SpanMessage("id", "videos", "a.mp4", 2, 1, 60.0, 120.0, replace(SOURCE, etag="old"))


class Producer:
    def __init__(self) -> None:
        self.sent: list[tuple[str, bytes | None, dict[str, bytes]]] = []

    async def send_and_wait(self, topic: str, value: Any = None, key: Any = None, *, headers: Any = None) -> None:
        self.sent.append((topic, value, header_map(headers)))


class FakeLedger:
    """A ledger of one video; `between` is what it becomes before the next script."""

    def __init__(self, entry: Entry | None, between: Entry | None = None) -> None:
        self.entry = entry
        self._between = between

    async def read(self, video_id: str) -> Entry | None:
        return self.entry

    async def replan(self, video_id: str, revision: int) -> Entry | None:
        return self._write({"source": None})

    async def replay(self, video_id: str, revision: int, span: int) -> Entry | None:
        return self._write({"spans": states("d", "p", "d"), "status": "indexing"})

    def _write(self, changes: dict[str, Any]) -> Entry | None:
        if self._between is not None:
            self.entry, self._between = self._between, None
            return None
        assert self.entry is not None
        self.entry = replace(self.entry, **changes)
        return self.entry


def states(*given: str) -> tuple[Span, ...]:
    return tuple(Span(state, None, 0, None) for state in given)  # type: ignore[arg-type]


def entry(*spans: str, status: str = "indexing", revision: int = 2) -> Entry:
    body = blank("videos", "a.mp4", "id") | {"duration_seconds": 180.0, "media": {"span_seconds": 60.0}}
    return replace(Entry.of(body), revision=revision, source=SOURCE, spans=states(*spans), status=status)


def letter(stage: str, value: bytes = b"{}", topic: str = "uploads", **changes: Any) -> Letter:
    record = Record(topic, 1, 7, 1000, b"k", value, {"ce_id": b"9"})
    plain = Letter(
        id=LetterId(0, 3),
        state="open",
        record=record,
        stage=stage,
        reason="why",
        message="because",
        attempts=1,
        subject="videos/a.mp4",
        trace="9",
        first_seen_ms=1000,
        last_seen_ms=2000,
        received="1000:7",
        cut_bytes=0,
        video_id="id",
        revision=2,
        spans_topic="spans",
    )
    return replace(plain, **changes)


async def outcome(of: Letter, ledger: FakeLedger | None = None) -> tuple[Action, Producer]:
    """Replays a letter; a dry run before it must have promised the same and changed nothing."""
    producer, ledger = Producer(), ledger or FakeLedger(None)
    replaying = Replay(ledger=ledger, outbox=Outbox(producer, TOPICS), topics=TOPICS)  # type: ignore[arg-type]
    before = ledger.entry
    await replaying.judge(of)
    assert (producer.sent, ledger.entry) == ([], before)
    step = await replaying.replay(of)
    closed = [sent for sent in producer.sent if sent[0] == "dead"]
    assert len(closed) == (step.action not in (Action.KEEP, Action.SEND_SPAN))
    assert all(sent[2] == header_map(Answer(of.id, "replayed").headers()) for sent in closed)
    producer.sent = [sent for sent in producer.sent if sent[0] != "dead"]
    return step.action, producer


@pytest.mark.parametrize("stage", ["event", "planner"])
async def test_an_event_is_sent_again_with_its_headers_and_its_place_in_time(stage: str) -> None:
    value = b'{"type":"video.look","bucket":"videos","key":"a.mp4"}'
    action, producer = await outcome(letter(stage, value))
    assert action is Action.SEND_EVENT
    assert producer.sent == [("uploads", value, {"ce_id": b"9", "kadr-received": b"1000:7", "kadr-trace": b"9"})]


@pytest.mark.parametrize(
    "hopeless",
    [
        letter("event", b"garbage"),
        letter("event", cut_bytes=1_000_000),
        letter("span", b"garbage", "spans"),
        letter("span", SPAN.kafka_value(), "spans.other"),
        letter("probe", spans_topic="spans.other"),
        letter("probe", revision=3),
        letter("dream"),
    ],
)
async def test_what_cannot_work_stays(hopeless: Letter) -> None:
    action, producer = await outcome(hopeless, FakeLedger(entry(status="failed")))
    assert (action, producer.sent) == (Action.KEEP, [])


async def test_content_that_failed_is_planned_again() -> None:
    ledger = FakeLedger(entry(status="failed"))
    action, producer = await outcome(letter("probe"), ledger)
    assert action is Action.PLAN_AGAIN
    assert ledger.entry is not None
    assert ledger.entry.source is None
    ((topic, value, _),) = producer.sent
    (look,) = parse_event(value)
    assert (topic, look.bucket, look.key, look.metadata) == ("uploads", "videos", "a.mp4", None)


@pytest.mark.parametrize(
    "now",
    [entry("p", revision=3), entry(status="failed", revision=3), entry(status="deleted"), entry("f", status="failed")],
)
async def test_content_that_has_moved_on_is_left_alone(now: Entry) -> None:
    action, producer = await outcome(letter("probe"), FakeLedger(now))
    assert (action, producer.sent) == (Action.NOTHING, [])


@pytest.mark.parametrize(("state", "expected"), [("f", Action.REVIVE), ("p", Action.SEND_SPAN)])
async def test_a_span_is_sent_as_the_ledger_has_it_now(state: str, expected: Action) -> None:
    action, producer = await outcome(letter("span", SPAN.kafka_value(), "spans"), FakeLedger(entry("d", state, "d")))
    assert action is expected
    ((topic, value, _),) = producer.sent
    assert (topic, SpanMessage.parse(value)) == ("spans", replace(SPAN, source=SOURCE))


@pytest.mark.parametrize(
    "now", [None, entry("d", "d", "d"), entry("d", "f", "d", revision=3), entry("d"), entry(status="deleted")]
)
async def test_a_span_that_is_done_or_past_is_left_alone(now: Entry | None) -> None:
    action, producer = await outcome(letter("span", SPAN.kafka_value(), "spans"), FakeLedger(now))
    assert (action, producer.sent) == (Action.NOTHING, [])


@pytest.mark.parametrize(
    ("of", "before", "between"),
    [
        (letter("span", SPAN.kafka_value(), "spans"), entry("d", "f", "d"), entry("d", "d", "d", status="ready")),
        (letter("probe"), entry(status="failed"), entry("p", revision=3)),
    ],
)
async def test_who_was_quicker_is_right(of: Letter, before: Entry, between: Entry) -> None:
    action, producer = await outcome(of, FakeLedger(before, between))
    assert (action, producer.sent) == (Action.NOTHING, [])


async def test_a_letter_is_closed_only_after_what_it_asks_for_was_sent() -> None:
    class Refusing(Producer):
        async def send_and_wait(self, topic: str, *_: Any, **__: Any) -> None:
            await super().send_and_wait(topic)
            raise RuntimeError("killed")

    producer = Refusing()
    replaying = Replay(ledger=FakeLedger(None), outbox=Outbox(producer, TOPICS), topics=TOPICS)  # type: ignore[arg-type]
    with pytest.raises(RuntimeError, match="killed"):
        await replaying.replay(letter("event", orjson.dumps({"type": "video.look", "bucket": "videos", "key": "a"})))
    assert [topic for topic, _, _ in producer.sent] == ["uploads"]
