"""SHOW: only what the ledger vouches for counts as found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from opensearchpy import AsyncOpenSearch

_FIELDS = (
    *("revision", "status", "spans", "bucket", "key", "external_id", "title", "duration_seconds", "published_at"),
    *("source.etag", "source.size"),
)


@dataclass(frozen=True, slots=True)
class LedgerVideo:
    """What the ledger says of a video.

    `winners` holds, span by span, the run whose moments count; None while the span is not done. `content` names the
    bytes of its file (ETag and size): two videos with the same one are the same file.
    """

    video_id: str
    bucket: str
    key: str
    external_id: str | None
    title: str | None
    duration_seconds: float | None
    revision: int
    status: str
    winners: tuple[str | None, ...]
    published_at: str | None = None
    content: tuple[str, int] | None = None

    @classmethod
    def from_document(cls, video_id: str, source: Mapping[str, Any]) -> LedgerVideo:
        """Read a document of the `videos` index."""
        return cls(
            video_id=video_id,
            bucket=source["bucket"],
            key=source["key"],
            external_id=source.get("external_id"),
            title=source.get("title"),
            duration_seconds=source.get("duration_seconds"),
            revision=source["revision"],
            status=source["status"],
            winners=tuple(span["run"] if span["state"] == "d" else None for span in source.get("spans") or ()),
            published_at=source.get("published_at"),
            content=_content(source.get("source") or {}),
        )


def _content(source: Mapping[str, Any]) -> tuple[str, int] | None:
    return (source["etag"], source["size"]) if source.get("etag") and source.get("size") else None


@dataclass(frozen=True, slots=True)
class Claim:
    """Where a moment says that it comes from."""

    video_id: str
    revision: int
    span: int
    run: str


Ledger = Mapping[str, LedgerVideo]


def shows_video(ledger: Ledger, video_id: str) -> bool:
    """Whether a video may be shown: the ledger knows it and it is not deleted."""
    video = ledger.get(video_id)
    return video is not None and video.status != "deleted"


def shows_moment(ledger: Ledger, claim: Claim) -> bool:
    """Whether a moment may be shown: its video may, its revision is current, and its run won its span."""
    video = ledger.get(claim.video_id)
    return (
        video is not None
        and video.status != "deleted"
        and video.revision == claim.revision
        and 0 <= claim.span < len(video.winners)
        and video.winners[claim.span] == claim.run
    )


async def read_ledger(client: AsyncOpenSearch, alias: str, video_ids: Iterable[str]) -> dict[str, LedgerVideo]:
    """Read the ledger as it is now (an mget sees what no refresh has made visible yet).

    Returns:
        The videos that have a document, by id.
    """
    ids = sorted(set(video_ids))
    if not ids:
        return {}
    answer = await client.mget(body={"ids": ids}, index=alias, _source_includes=",".join(_FIELDS))
    return {
        document["_id"]: LedgerVideo.from_document(document["_id"], document["_source"])
        for document in answer["docs"]
        if document.get("found")
    }
