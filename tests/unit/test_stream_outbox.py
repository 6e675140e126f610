from dataclasses import replace
from typing import Any

import orjson
import pytest
from aiokafka.errors import KafkaConnectionError

from stream.entry import Entry, Source, Span, blank
from stream.errors import InvalidEvent, TransientError
from stream.events import parse_event
from stream.outbox import Outbox, SpanMessage, Topics, pending_spans
from stream.record import Record

SOURCE = Source("e", None, "2026-01-01T00:00:00.000+00:00", 10)
TOPICS = Topics("uploads", "spans", "status", "dead")


class Producer:
    def __init__(self, error: Exception | None = None) -> None:
        self.sent: list[tuple[str, bytes | None, bytes | None, dict[str, bytes]]] = []
        self._error = error

    async def send_and_wait(self, topic: str, value: Any = None, key: Any = None, *, headers: Any = None) -> None:
        if self._error is not None:
            raise self._error
        self.sent.append((topic, value, key, dict(headers or [])))


def entry(*states: str) -> Entry:
    body = blank("videos", "a.mp4", "id") | {"duration_seconds": 130.0, "media": {"span_seconds": 60.0}}
    spans = tuple(Span(state, None, 0, None) for state in states)  # type: ignore[arg-type]
    return replace(Entry.of(body), revision=2, source=SOURCE, spans=spans, status="indexing")


async def test_sends_the_pending_spans_with_the_span_as_key() -> None:
    producer = Producer()
    await Outbox(producer, TOPICS).send_spans(entry("p", "d", "p"))
    assert [(topic, key) for topic, _, key, _ in producer.sent] == [("spans", b"id:2:0"), ("spans", b"id:2:2")]
    last = SpanMessage.parse(producer.sent[1][1])
    assert (last.start_seconds, last.stop_seconds, last.source) == (120.0, 130.0, SOURCE)


def test_a_span_message_survives_its_journey() -> None:
    for message in pending_spans(entry("p", "p", "p")):
        assert SpanMessage.parse(message.kafka_value()) == message


@pytest.mark.parametrize("value", [None, b"", b"x", b"[]", b"{}", b'{"video_id":1}'])
def test_a_foreign_record_on_the_spans_topic_is_refused(value: bytes | None) -> None:
    with pytest.raises(InvalidEvent, match="not a span"):
        SpanMessage.parse(value)


async def test_a_dead_letter_keeps_the_record_and_says_where_what_and_why() -> None:
    producer = Producer()
    record = Record("uploads", 1, 7, 1000, b"k", b"garbage")
    await Outbox(producer, TOPICS).send_dead_letter(record, stage="event", reason="not_json", message="почему")
    topic, value, key, headers = producer.sent[0]
    assert (topic, value, key) == ("dead", b"garbage", b"k")
    assert headers["kadr-origin"] == b"uploads:1:7"
    assert headers["kadr-reason"] == b"not_json"
    assert headers["kadr-message"].decode() == "почему"


async def test_a_look_is_an_own_event() -> None:
    producer = Producer()
    await Outbox(producer, TOPICS).send_look("videos", "a.mp4")
    (look,) = parse_event(producer.sent[0][1])
    assert (look.key, look.metadata, look.withdraw) == ("a.mp4", None, False)


async def test_status_is_a_cloud_event() -> None:
    producer = Producer()
    await Outbox(producer, TOPICS).send_status(replace(entry("d"), status="ready"))
    body = orjson.loads(producer.sent[0][1] or b"")
    assert (body["specversion"], body["type"], body["subject"]) == ("1.0", "video.ready", "id")


async def test_a_broker_that_is_down_is_an_outage() -> None:
    with pytest.raises(TransientError, match="Kafka does not take"):
        await Outbox(Producer(KafkaConnectionError("no")), TOPICS).send_look("videos", "a")
