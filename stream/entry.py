"""A ledger document as a value: what kadr knows of one video."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, Self

State = Literal["p", "d", "f"]


@dataclass(frozen=True, slots=True)
class Source:
    """Which content an object has. Two sources are the same when etag and size are equal."""

    etag: str
    version_id: str | None
    last_modified: str
    size: int

    def stored_by(self, at: "Received") -> bool:
        """Says whether the content was stored when an event was appended; stores tell whole seconds, rounded down."""
        return datetime.fromisoformat(self.last_modified).timestamp() * 1000 <= at.timestamp_ms

    def same(self, other: "Source | None") -> bool:
        return other is not None and (self.etag, self.size) == (other.etag, other.size)

    def body(self) -> dict[str, Any]:
        return {
            "etag": self.etag,
            "version_id": self.version_id,
            "last_modified": self.last_modified,
            "size": self.size,
        }

    @classmethod
    def of(cls, body: Mapping[str, Any] | None) -> Self | None:
        return cls(body["etag"], body["version_id"], body["last_modified"], body["size"]) if body else None


@dataclass(frozen=True, slots=True)
class Received:
    """When the broker appended an event: orders a publisher's events."""

    timestamp_ms: int
    offset: int

    def newer(self, other: "Received | None") -> bool:
        return other is None or (self.timestamp_ms, self.offset) > (other.timestamp_ms, other.offset)

    def body(self) -> dict[str, int]:
        return {"timestamp_ms": self.timestamp_ms, "offset": self.offset}

    @classmethod
    def of(cls, body: Mapping[str, Any] | None) -> Self | None:
        return cls(body["timestamp_ms"], body["offset"]) if body else None


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """The publisher withdrew this content of the object, at that time."""

    source: Source
    at: Received

    def body(self) -> dict[str, Any]:
        return {"source": self.source.body(), "at": self.at.body()}

    def covers(self, source: Source) -> bool:
        """Says whether the object still is what was withdrawn, not stored again since."""
        return self.source.same(source) and self.source.last_modified == source.last_modified

    @classmethod
    def of(cls, body: Mapping[str, Any] | None) -> Self | None:
        if not body:
            return None
        source, at = Source.of(body["source"]), Received.of(body["at"])
        assert source is not None and at is not None
        return cls(source, at)


@dataclass(frozen=True, slots=True)
class Span:
    """The state of one span: pending, done or failed; which run and record claimed it; how often a claim was lost."""

    state: State
    run: str | None
    lost: int
    record: str | None

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> Self:
        return cls(body["state"], body["run"], body["lost"], body["record"])


@dataclass(frozen=True, slots=True)
class Entry:
    """A ledger document as it was read."""

    video_id: str
    looks: int
    revision: int
    status: str
    source: Source | None
    withdrawn: Withdrawal | None
    metadata_at: Received | None
    metadata_version: int
    plan_attempts: int
    emitted: bool
    spans: tuple[Span, ...]
    body: Mapping[str, Any]

    @property
    def deleted(self) -> bool:
        return self.status == "deleted"

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> Self:
        return cls(
            video_id=body["video_id"],
            looks=body["looks"],
            revision=body["revision"],
            status=body["status"],
            source=Source.of(body["source"]),
            withdrawn=Withdrawal.of(body["withdrawn"]),
            metadata_at=Received.of(body["metadata_at"]),
            metadata_version=body["metadata_version"],
            plan_attempts=body["plan_attempts"],
            emitted=body["emitted"],
            spans=tuple(Span.of(span) for span in body["spans"]),
            body=body,
        )


def now() -> str:
    """Returns the time as the ledger writes it: RFC 3339, UTC."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def blank(bucket: str, key: str, video_id: str) -> dict[str, Any]:
    """Returns the document of a video of which nothing is known: a tombstone of revision 0 with no looks."""
    nothing = ("external_id", "title", "description", "language", "published_at", "reason", "summary")
    absent = ("source", "withdrawn", "metadata_at", "duration_seconds", "media")
    return {
        "video_id": video_id,
        "bucket": bucket,
        "key": key,
        "looks": 0,
        "revision": 0,
        "status": "deleted",
        **dict.fromkeys((*nothing, *absent)),
        "categories": [],
        "attributes": {},
        "metadata_version": 0,
        "plan_attempts": 0,
        "emitted": True,
        "emissions": 0,
        "spans": [],
        "spans_total": 0,
        "spans_done": 0,
        "spans_failed": 0,
        "timings": {},
        "tags": [],
        "created_at": now(),
        "updated_at": now(),
    }
