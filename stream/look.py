"""What a look at an object means for its ledger document: pure decisions, no services (LOOK, step 4).

`verdict` names what happened to the object; the functions after it give the fields that the ledger's guarded script
writes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from stream.entry import Entry, Received, Source, Withdrawal
from stream.events import Look, Metadata

_NO_SPAN: dict[str, Any] = {"state": "p", "run": None, "lost": 0, "record": None, "reason": None}


class Verdict(Enum):
    """What a look found."""

    STAYS_ABSENT = auto()
    """No object, and the ledger knows it."""
    VANISHED = auto()
    """The object of a live video is gone."""
    WITHDRAWN = auto()
    """The publisher withdraws a video whose object is still there."""
    STAYS_WITHDRAWN = auto()
    """The object is the one that was withdrawn, and nobody lifted that."""
    SAME = auto()
    """The object has the content that the ledger knows."""
    NEW = auto()
    """The object has content that the ledger does not know: a new revision."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a probe found and how the video is divided: spans cover `[0, duration_seconds)`."""

    duration_seconds: float
    spans: tuple[tuple[float, float], ...]
    media: Mapping[str, Any]


def verdict(entry: Entry, source: Source | None, look: Look, at: Received) -> Verdict:
    """Compares what the ledger says with what is in the bucket now."""
    if source is None:
        return Verdict.STAYS_ABSENT if entry.deleted else Verdict.VANISHED
    if look.withdraw and _is_news(entry, at) and source.stored_by(at):
        return Verdict.STAYS_WITHDRAWN if entry.deleted and _covers(entry, source) else Verdict.WITHDRAWN
    if _covers(entry, source) and not (look.metadata is not None and _is_news(entry, at)):
        return Verdict.STAYS_WITHDRAWN
    return Verdict.SAME if not entry.deleted and source.same(entry.source) else Verdict.NEW


def fields_of_absence(entry: Entry, found: Verdict) -> dict[str, Any]:
    """Returns the fields of a video that is gone; a fresh tombstone takes a revision, so that nothing old shows."""
    if found is Verdict.STAYS_ABSENT:
        return {"withdrawn": None}
    return _tombstone(entry) | {"withdrawn": None}


def fields_of_withdrawal(entry: Entry, source: Source, at: Received) -> dict[str, Any]:
    """Returns the fields of a video whose object stays but is not to be shown."""
    return _tombstone(entry) | {"withdrawn": Withdrawal(source, at).body()}


def fields_of_same(source: Source) -> dict[str, Any]:
    """Returns the fields of an unchanged video: its version and time may be newer."""
    return {"source": source.body()}


def asks_to_resend(entry: Entry, look: Look) -> bool:
    """Says whether a look asks to send pending spans of an unchanged video again.

    It is done only if the group has passed their emission, too: until then they are not lost, but wait their turn.
    """
    return look.resend and entry.status == "indexing" and entry.emitted and any(s.state == "p" for s in entry.spans)


def fields_of_resend() -> dict[str, Any]:
    """Returns the fields of a revision whose pending spans are to be sent again."""
    return {"emitted": False}


def fields_of_revision(entry: Entry, source: Source, plan: Plan) -> dict[str, Any]:
    """Returns the fields of a new revision with all its spans pending."""
    return _revision(entry, source) | {
        "status": "indexing",
        "spans": [dict(_NO_SPAN) for _ in plan.spans],
        "spans_total": len(plan.spans),
        "duration_seconds": plan.duration_seconds,
        "media": dict(plan.media),
    }


def fields_of_failure(entry: Entry, source: Source, reason: str) -> dict[str, Any]:
    """Returns the fields of content that can never work; the same content is not tried again."""
    return _revision(entry, source) | {"status": "failed", "reason": reason}


def fields_of_metadata(entry: Entry, look: Look, at: Received, found: Verdict) -> dict[str, Any]:
    """Returns the metadata fields that change: the latest own event's, or none at all when a live video went away."""
    news = at.newer(entry.metadata_at)
    if look.metadata is not None and news:
        return _metadata(entry, look.metadata) | {"metadata_at": at.body()}
    if look.withdraw and news:
        return _metadata(entry, Metadata()) | {"metadata_at": at.body()}
    return _metadata(entry, Metadata()) if found is Verdict.VANISHED else {}


def divide(duration_seconds: float, span_seconds: float) -> tuple[tuple[float, float], ...]:
    """Divides `[0, duration_seconds)` into spans; a last piece under 2 s belongs to the span before it."""
    starts = [0.0]
    while starts[-1] + span_seconds + 2.0 <= duration_seconds:
        starts.append(starts[-1] + span_seconds)
    return tuple(zip(starts, [*starts[1:], duration_seconds], strict=True))


def _is_news(entry: Entry, at: Received) -> bool:
    """Says whether an own event is newer than every own event that the ledger has taken in."""
    return at.newer(entry.metadata_at)


def _covers(entry: Entry, source: Source) -> bool:
    return entry.withdrawn is not None and entry.withdrawn.covers(source)


def _tombstone(entry: Entry) -> dict[str, Any]:
    return _no_content(entry) | {"status": "deleted", "source": None}


def _revision(entry: Entry, source: Source) -> dict[str, Any]:
    return _no_content(entry) | {"source": source.body(), "withdrawn": None}


def _no_content(entry: Entry) -> dict[str, Any]:
    return {
        "revision": entry.revision + 1,
        "plan_attempts": 0,
        "emitted": False,
        "emissions": 0,
        "reason": None,
        "spans": [],
        "spans_total": 0,
        "spans_done": 0,
        "spans_failed": 0,
        "duration_seconds": None,
        "media": None,
        "timings": {},
        "tags": [],
        "summary": None,
    }


def _metadata(entry: Entry, metadata: Metadata) -> dict[str, Any]:
    return metadata.fields() | {"metadata_version": entry.metadata_version + 1}
