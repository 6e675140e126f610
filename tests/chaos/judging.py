"""Pure judgements: whether an answer fits the ledger around it, and whether the end is what the oracle says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from chaos.contents import SPAN_SECONDS, Content, Contents, colour_of, matches

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a moment comes from."""

    video_id: str
    revision: int
    span: int
    run: str

    @classmethod
    def of_thumbnail(cls, key: str) -> Origin:
        """Reads it out of the key of a moment's thumbnail."""
        video_id, revision, span, run, _ = key.split("/")
        return cls(video_id, int(revision), int(span), run)

    @classmethod
    def of_moment(cls, moment: Document) -> Origin:
        return cls(moment["video_id"], moment["revision"], moment["span"], moment["run"])


def fits(origin: Origin, before: Document | None, after: Document | None) -> bool:
    """Says whether the ledger vouched for a moment at some time between two readings."""
    if after is None:
        return False
    earliest = before["revision"] if before is not None else 0
    if not earliest <= origin.revision <= after["revision"]:
        return False
    if before is not None and origin.revision == before["revision"]:
        verdict = vouches(before, origin)
        if verdict is not None:
            return verdict
    if origin.revision == after["revision"]:
        return vouches(after, origin) is True
    return True


def vouches(entry: Document, origin: Origin) -> bool | None:
    """Says whether a ledger document of the moment's revision vouches for it; None if its span may yet be done."""
    if entry["status"] == "deleted" or origin.span >= len(entry["spans"]):
        return False
    span = entry["spans"][origin.span]
    return bool(span["run"] == origin.run) if span["state"] == "d" else None


@dataclass(slots=True)
class Wrongs:
    """What is wrong at the end, in words, by kind."""

    lost: list[str] = field(default_factory=list)
    duplicates: list[str] = field(default_factory=list)
    stale: list[str] = field(default_factory=list)

    @property
    def none(self) -> bool:
        return not (self.lost or self.duplicates or self.stale)

    def add(self, other: Wrongs) -> None:
        self.lost += other.lost
        self.duplicates += other.duplicates
        self.stale += other.stale


def judge_video(
    name: str, expected: Content | None, names: set[str | None], entry: Document | None, moments: Sequence[Document]
) -> Wrongs:
    """Compares a video's ledger document and all its moments in the index with what must be there."""
    wrongs = Wrongs()
    if expected is None:
        if entry is not None and entry["status"] != "deleted":
            wrongs.stale.append(f"{name}: {entry['status']} although it is gone")
        wrongs.stale += [f"{name}: a moment at {moment['start_seconds']} s is left" for moment in moments]
        return wrongs
    if entry is None or entry["status"] != "ready":
        wrongs.lost.append(f"{name}: {entry['status'] if entry else 'unknown'} instead of ready")
        return wrongs
    if (entry["source"] or {}).get("etag") != expected.etag:
        wrongs.stale.append(f"{name}: the ledger has other content")
    if entry["external_id"] not in names:
        wrongs.stale.append(f"{name}: metadata {entry['external_id']}, expected one of {names}")
    kept = []
    for moment in moments:
        if vouches(entry, Origin.of_moment(moment)) is not True or moment["revision"] != entry["revision"]:
            wrongs.stale.append(f"{name}: a moment of revision {moment['revision']}, run {moment['run']} is left")
        else:
            kept.append(moment)
            if moment["metadata_version"] != entry["metadata_version"]:
                wrongs.stale.append(f"{name}: a moment with metadata {moment['metadata_version']}")
    wrongs.add(judge_times(name, expected, kept))
    wrongs.stale += [
        f"{name}: at {moment['start_seconds']} s is shown {found}, not {shown}"
        for moment in kept
        if not matches(shown := expected.colour_at(middle(moment)), found := colour_of(moment["visual"]))
    ]
    return wrongs


def judge_times(name: str, expected: Content, moments: Sequence[Document]) -> Wrongs:
    """Moments must cover a video without a gap and without covering anything twice."""
    wrongs, reached = Wrongs(), 0.0
    for moment in sorted(moments, key=lambda moment: moment["start_seconds"]):
        start = moment["start_seconds"]
        if start > reached + 0.01:
            wrongs.lost.append(f"{name}: nothing between {reached} and {start} s")
        if start < reached - 0.01:
            wrongs.duplicates.append(f"{name}: {start} to {reached} s twice")
        reached = max(reached, moment["stop_seconds"])
    if reached < expected.seconds - 0.25:
        wrongs.lost.append(f"{name}: nothing after {reached} s")
    spans = {moment["span"] for moment in moments}
    if len(spans) < expected.spans:
        wrongs.lost.append(f"{name}: {len(spans)} of {expected.spans} spans of {SPAN_SECONDS:.0f} s")
    return wrongs


def middle(moment: Document) -> float:
    return float(moment["start_seconds"] + moment["stop_seconds"]) / 2


def owner_of(contents: Contents, moment: Document) -> Content | None:
    return contents.owner(colour_of(moment["visual"]))
