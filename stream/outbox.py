"""What kadr sends to Kafka: pending spans, looks, status events and dead letters."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import orjson
from aiokafka.errors import KafkaError

from stream.entry import Entry, Source, now
from stream.errors import InvalidEvent, TransientError
from stream.events import VideoLook, event_key, event_value
from stream.letter import Answer, Cause, Letter, Outgoing
from stream.look import divide
from stream.record import Producer, Record


@dataclass(frozen=True, slots=True)
class SpanMessage:
    """A pending span on its way: `[start_seconds, stop_seconds)` of one revision of a video."""

    video_id: str
    bucket: str
    key: str
    revision: int
    span: int
    start_seconds: float
    stop_seconds: float
    source: Source

    def kafka_key(self) -> bytes:
        """The span is the key, so that a long video spreads over the partitions."""
        return f"{self.video_id}:{self.revision}:{self.span}".encode()

    def kafka_value(self) -> bytes:
        return orjson.dumps(self)

    @classmethod
    def parse(cls, value: bytes | None) -> Self:
        """Reads a record of the spans topic.

        Raises:
            InvalidEvent: The record was not written by kadr's planner.
        """
        try:
            body = orjson.loads(value or b"")
            return cls(**{**body, "source": Source(**body["source"])})
        except (orjson.JSONDecodeError, TypeError, KeyError) as error:
            raise InvalidEvent("invalid_span", f"the record is not a span of kadr's: {error}") from error


def pending_spans(entry: Entry) -> list[SpanMessage]:
    """Returns the messages of a revision's pending spans."""
    if not entry.spans:
        return []
    assert entry.source is not None
    body = entry.body
    ranges = divide(body["duration_seconds"], body["media"]["span_seconds"])
    return [
        SpanMessage(entry.video_id, body["bucket"], body["key"], entry.revision, number, start, stop, entry.source)
        for number, ((start, stop), span) in enumerate(zip(ranges, entry.spans, strict=True))
        if span.state == "p"
    ]


@dataclass(frozen=True, slots=True)
class Topics:
    """The topics that kadr writes to."""

    uploads: str
    spans: str
    status: str
    dead_letters: str


class Outbox:
    """Sends and waits for the brokers. Every method may raise TransientError."""

    def __init__(self, producer: Producer, topics: Topics) -> None:
        self._producer = producer
        self._topics = topics

    async def send_spans(self, entry: Entry) -> None:
        """Sends every pending span of an entry."""
        for message in pending_spans(entry):
            await self.send_span(message)

    async def send_look(self, bucket: str, key: str, *, resend: bool = False) -> None:
        """Asks the planner to look at an object, and perhaps to send its pending spans again."""
        event = VideoLook(bucket=bucket, key=key, resend="revision" if resend else None)
        await self._send(self._topics.uploads, event_value(event), event_key(event))

    async def send_status(self, entry: Entry) -> None:
        """Tells others what became of a video, as a CloudEvent `video.<status>`."""
        body = {
            "specversion": "1.0",
            "id": uuid.uuid4().hex,
            "source": f"/kadr/{entry.body['bucket']}",
            "type": f"video.{entry.status}",
            "subject": entry.video_id,
            "time": now(),
            "data": _status(entry),
        }
        await self._send(self._topics.status, orjson.dumps(body), entry.video_id.encode())

    async def send_dead_letter(
        self,
        record: Record,
        *,
        stage: str,
        reason: str,
        message: str,
        attempts: int = 1,
        subject: str = "",
        video_id: str = "",
        revision: int = 0,
    ) -> None:
        """Puts a record aside that will not be tried again by itself; its headers say where it came from and why."""
        cause = Cause(stage, reason, message, attempts, subject, video_id, revision)
        letter = Outgoing.of(record, cause, spans_topic=self._topics.spans)
        await self._send(self._topics.dead_letters, letter.value, letter.key, headers=letter.headers)

    async def send_span(self, message: SpanMessage) -> None:
        """Sends one span."""
        await self._send(self._topics.spans, message.kafka_value(), message.kafka_key())

    async def send_event_again(self, letter: Letter) -> None:
        """Sends the event of a dead letter as it was; it keeps its place among the events of its object."""
        record = letter.record
        await self._send(self._topics.uploads, record.value, record.key, headers=letter.headers_to_send_again())

    async def send_answer(self, answer: Answer) -> None:
        """Closes a dead letter."""
        await self._send(self._topics.dead_letters, None, str(answer.id).encode(), headers=answer.headers())

    async def _send(
        self,
        topic: str,
        value: bytes | None,
        key: bytes | None,
        headers: Sequence[tuple[str, bytes]] | None = None,
    ) -> None:
        try:
            await self._producer.send_and_wait(topic, value, key, headers=headers)
        except KafkaError as error:
            message = f"Kafka does not take a record for {topic}: {error!r}"
            raise TransientError(message, dependency="kafka") from error


def _status(entry: Entry) -> dict[str, Any]:
    names = ("video_id", "bucket", "key", "external_id", "revision", "reason", "spans_total", "spans_done")
    return {name: entry.body[name] for name in (*names, "spans_failed")}
