"""What the ledger says of some videos, and waiting until it says that they are done."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from opensearchpy import OpenSearch
from opensearchpy.exceptions import OpenSearchException

from infra.clients import reason_of
from infra.errors import KadrError
from infra.settings import StackSettings
from infra.uploads import Upload, lacks_metadata

FINAL = ("ready", "partial", "failed")
FIELDS = ["status", "reason", "source", "spans_total", "spans_done", "spans_failed", "external_id", "title"]
FIELDS += ["description", "language", "duration_seconds"]


@dataclass(frozen=True, slots=True)
class Awaited:
    """An upload and the ETag that the ledger must know before its status counts."""

    upload: Upload
    etag: str


@dataclass(frozen=True, slots=True)
class Counts:
    """How far some videos are."""

    videos: int
    planned: int
    ready: int
    spans: int
    spans_done: int

    def __str__(self) -> str:
        return (
            f"planned {self.planned} of {self.videos} videos, indexed {self.spans_done} of {self.spans} spans, "
            f"ready {self.ready} of {self.videos} videos"
        )


class LedgerView:
    """Reads the ledger by id, which is real time."""

    def __init__(self, settings: StackSettings, client: OpenSearch) -> None:
        self._alias = f"{settings.index_prefix}videos"
        self._moments = f"{settings.index_prefix}moments"
        self._url = settings.opensearch_url
        self._client = client

    def entries(self, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
        """Reads the documents of videos; those that have none are left out.

        Raises:
            KadrError: OpenSearch does not answer or has no ledger.
        """
        if not ids:
            return {}
        try:
            answer = self._client.mget(index=self._alias, body={"ids": list(ids)}, _source_includes=",".join(FIELDS))
        except OpenSearchException as error:
            raise KadrError(
                f"OpenSearch at {self._url} does not answer for the ledger ({reason_of(error)}): start it with "
                "`kadr up`, and make the ledger with `kadr init`."
            ) from error
        return {doc["_id"]: doc["_source"] for doc in answer["docs"] if doc.get("found")}

    def refresh(self) -> None:
        """Makes all that was written visible to searches."""
        self._client.indices.refresh(index=f"{self._alias},{self._moments}")

    def wait(
        self,
        awaited: Sequence[Awaited],
        *,
        show: Callable[[Counts], None],
        patience_seconds: float = 300.0,
        pause_seconds: float = 0.5,
    ) -> dict[str, dict[str, Any]]:
        """Waits until every video is ready, partial or failed, with the content and metadata of its upload.

        Returns:
            The documents by video_id.

        Raises:
            KadrError: Nothing moved for `patience_seconds`, or OpenSearch does not answer.
        """
        ids = [one.upload.video_id for one in awaited]
        last, moved = None, time.monotonic()
        while True:
            entries = self.entries(ids)
            present = counts(awaited, entries)
            if present != last:
                last, moved = present, time.monotonic()
                show(present)
            if present.ready == present.videos:
                return entries
            if time.monotonic() - moved > patience_seconds:
                late = [one.upload.key for one in awaited if not is_final(one, entries.get(one.upload.video_id))]
                raise KadrError(
                    f"Nothing moved for {patience_seconds:.0f} s and {', '.join(late[:3])} "
                    f"{'is' if len(late) == 1 else 'are'} not done: `kadr doctor` says what is wrong."
                )
            time.sleep(pause_seconds)


def is_planned(one: Awaited, entry: Mapping[str, Any] | None) -> bool:
    """Says whether the ledger knows the content that was uploaded."""
    return entry is not None and (entry.get("source") or {}).get("etag") == one.etag


def is_final(one: Awaited, entry: Mapping[str, Any] | None) -> bool:
    """Says whether nothing more will happen to a video by itself."""
    return (
        entry is not None
        and is_planned(one, entry)
        and entry["status"] in FINAL
        and not lacks_metadata(one.upload, entry)
    )


def counts(awaited: Sequence[Awaited], entries: Mapping[str, Mapping[str, Any]]) -> Counts:
    """Counts how far the videos are."""
    found = [(one, entries.get(one.upload.video_id)) for one in awaited]
    planned = [entry for one, entry in found if entry is not None and is_planned(one, entry)]
    return Counts(
        videos=len(awaited),
        planned=len(planned),
        ready=sum(is_final(one, entry) for one, entry in found),
        spans=sum(entry.get("spans_total") or 0 for entry in planned),
        spans_done=sum((entry.get("spans_done") or 0) + (entry.get("spans_failed") or 0) for entry in planned),
    )
