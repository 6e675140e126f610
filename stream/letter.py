"""A dead letter: a record that is not tried again by itself, with headers that say where it came from and why.

A letter's id is its place in the dead-letters topic. Kafka cannot delete single records: a letter that was replayed or
discarded is answered by another record of the topic that names it, and a letter without an answer is open.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self

from stream.cloud_events import event_id
from stream.record import RECEIVED, Record, header_list, header_map

Handled = Literal["replayed", "discarded"]
State = Literal["open"] | Handled

_HANDLED = "kadr-handled"
_HANDLED_AS = "kadr-handled-as"
_TRACE = "kadr-trace"
_OWN_PREFIX = "kadr-"
# Below Kafka's limit of 1 MiB for a record, so that a letter's own headers fit beside it.
_LARGEST_BYTES = 900_000
_LONGEST_MESSAGE = 2000
_LONGEST_TRACE = 1000


@dataclass(frozen=True, slots=True, order=True)
class LetterId:
    """Where a letter lies in the dead-letters topic."""

    partition: int
    offset: int

    def __str__(self) -> str:
        return f"{self.partition}:{self.offset}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Reads an id.

        Raises:
            ValueError: It is none.
        """
        partition, colon, offset = text.partition(":")
        if not (colon and partition.isdecimal() and offset.isdecimal()):
            raise ValueError(f"a dead letter's id looks like 0:17, not like {text!r}")
        return cls(int(partition), int(offset))


@dataclass(frozen=True, slots=True)
class Letter:
    """A record that is not tried again by itself, and why.

    Attributes:
        record: The record as it was where it came from, with its headers, as far as the letter could hold it.
        cut_bytes: Size of a record that was too large to keep; 0 if it is whole.
        revision: The revision that failed; 0 where the letter is not about one.
        spans_topic: Topic of the spans of the model set whose worker wrote the letter.
    """

    id: LetterId
    state: State
    record: Record
    stage: str
    reason: str
    message: str
    attempts: int
    subject: str
    trace: str
    first_seen_ms: int
    last_seen_ms: int
    received: str
    cut_bytes: int
    video_id: str
    revision: int
    spans_topic: str

    @classmethod
    def of(cls, id: LetterId, state: State, found: Any) -> Self:
        """Takes over a record of the dead-letters topic (an aiokafka ConsumerRecord)."""
        headers = header_map(found.headers)
        said = _Said(headers)
        topic, _, place = said.text("kadr-origin").rpartition(":")
        topic, _, partition = topic.rpartition(":")
        first_seen_ms = said.number("kadr-first-seen-ms", found.timestamp)
        origin = Record(
            topic, _number(partition), _number(place), first_seen_ms, found.key, found.value, _foreign(headers)
        )
        return cls(
            id=id,
            state=state,
            record=origin,
            stage=said.text("kadr-stage"),
            reason=said.text("kadr-reason"),
            message=said.text("kadr-message"),
            attempts=said.number("kadr-attempts"),
            subject=said.text("kadr-subject"),
            trace=said.text(_TRACE),
            first_seen_ms=first_seen_ms,
            last_seen_ms=said.number("kadr-last-seen-ms", found.timestamp),
            received=said.text(RECEIVED),
            cut_bytes=said.number("kadr-cut-bytes"),
            video_id=said.text("kadr-video-id"),
            revision=said.number("kadr-revision"),
            spans_topic=said.text("kadr-spans-topic"),
        )

    def headers_to_send_again(self) -> list[tuple[str, bytes]]:
        """Returns the record's own headers, and what keeps its place in time and its trace."""
        kept = {RECEIVED: self.received, _TRACE: self.trace}
        return [*self.record.headers.items(), *header_list({name: said for name, said in kept.items() if said})]


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a record becomes a dead letter.

    Attributes:
        video_id, revision: What failed, where the record itself does not say it.
    """

    stage: str
    reason: str
    message: str
    attempts: int = 1
    subject: str = ""
    video_id: str = ""
    revision: int = 0


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A dead letter as it is sent."""

    key: bytes | None
    value: bytes | None
    headers: list[tuple[str, bytes]]

    @classmethod
    def of(cls, record: Record, cause: Cause, *, spans_topic: str) -> Self:
        """Makes the letter of a record; one that is too large to be kept whole leaves its headers alone."""
        foreign = _foreign(record.headers)
        size = len(record.key or b"") + len(record.value or b"") + sum(len(n) + len(v) for n, v in foreign.items())
        headers: dict[str, str | int] = {
            "kadr-origin": record.name,
            "kadr-stage": cause.stage,
            "kadr-reason": cause.reason,
            "kadr-message": cause.message[:_LONGEST_MESSAGE],
            "kadr-attempts": cause.attempts,
            "kadr-subject": cause.subject,
            "kadr-video-id": cause.video_id,
            "kadr-revision": cause.revision,
            "kadr-spans-topic": spans_topic,
            "kadr-first-seen-ms": record.received.timestamp_ms,
            "kadr-last-seen-ms": round(time.time() * 1000),
            RECEIVED: f"{record.received.timestamp_ms}:{record.received.offset}",
            _TRACE: _trace(record),
        }
        if size > _LARGEST_BYTES:
            return cls(None, b"", header_list(headers | {"kadr-cut-bytes": size}))
        # aiokafka sends no record without both.
        value = b"" if record.key is None and record.value is None else record.value
        return cls(record.key, value, [*foreign.items(), *header_list(headers)])


@dataclass(frozen=True, slots=True)
class Answer:
    """Says what became of a letter."""

    id: LetterId
    handled: Handled

    def headers(self) -> list[tuple[str, bytes]]:
        return header_list({_HANDLED: str(self.id), _HANDLED_AS: self.handled})

    @classmethod
    def of(cls, found: Any) -> Self | None:
        """Takes over a record of the dead-letters topic; None if it is a letter."""
        said = _Said(header_map(found.headers))
        try:
            id = LetterId.parse(said.text(_HANDLED))
        except ValueError:
            return None
        return cls(id, "discarded" if said.text(_HANDLED_AS) == "discarded" else "replayed")


class _Said:
    """Reads headers that anybody may have written."""

    def __init__(self, headers: Mapping[str, bytes]) -> None:
        self._headers = headers

    def text(self, name: str) -> str:
        return self._headers.get(name, b"").decode(errors="replace")

    def number(self, name: str, otherwise: int = 0) -> int:
        return _number(self.text(name), otherwise)


def _number(text: str, otherwise: int = 0) -> int:
    return int(text) if text.isdecimal() and len(text) < 20 else otherwise


def _foreign(headers: Mapping[str, bytes]) -> dict[str, bytes]:
    return {name: value for name, value in headers.items() if not name.startswith(_OWN_PREFIX)}


def _trace(record: Record) -> str:
    """Names what a record belongs to: an earlier letter's trace, a CloudEvent's id, a W3C trace, or its own place."""
    said = _Said(record.headers)
    return (said.text(_TRACE) or event_id(record.value, record.headers) or said.text("traceparent") or record.name)[
        :_LONGEST_TRACE
    ]
