"""Videos by id: what the ledger says of them, and the moments that it vouches for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from opensearchpy import AsyncOpenSearch

from search_api.deadline import answered_within
from search_api.found import SearchUnavailable, remedy
from search_api.object_store import Content
from search_api.problems import Refusal
from search_api.show import Claim, LedgerVideo, shows_moment

CLAIM_FIELDS = ("video_id", "revision", "span", "run")
MOMENT_FIELDS = (
    *CLAIM_FIELDS,
    *("start_seconds", "stop_seconds", "speech", "speech_source", "language", "thumbnail", "tags"),
)
_NEVER_SEEN = 0
"""The revision of a video that has an event, but no content yet."""
_PROGRESS_FIELDS = ("revision", "status", "spans_total", "spans_done", "spans_failed", "reason")


@dataclass(frozen=True, slots=True)
class Video:
    """A video that may be shown: its place in the ledger, and the ledger's whole document."""

    ledger: LedgerVideo
    document: Mapping[str, Any]

    @property
    def content(self) -> Content:
        """The content that the ledger's revision was made of."""
        source = self.document["source"]
        return Content(self.ledger.bucket, self.ledger.key, source["etag"], source["size"])

    @property
    def container(self) -> str | None:
        """FFmpeg's name of the container, if the file could be read."""
        return (self.document.get("media") or {}).get("container")

    @property
    def languages(self) -> list[str]:
        """The publisher's language and the one that the file itself names."""
        named = (self.document.get("language"), (self.document.get("media") or {}).get("language"))
        return list(dict.fromkeys(language for language in named if language))


@dataclass(frozen=True, slots=True)
class MomentPage:
    """Moments in the order of time, and where the next page starts; None after the last."""

    moments: list[Mapping[str, Any]]
    next_start_seconds: float | None


class Videos:
    """Reads the ledger in real time, and moments as far as the ledger vouches for them."""

    def __init__(
        self, client: AsyncOpenSearch, *, videos_alias: str, moments_alias: str, deadline_seconds: float
    ) -> None:
        self._client = client
        self._videos = videos_alias
        self._moments = moments_alias
        self._deadline_seconds = deadline_seconds

    async def find(self, video_id: str) -> Video:
        """Read a video.

        Raises:
            Refusal: there is none, or it is deleted.
            SearchUnavailable: OpenSearch does not answer.
        """
        async with answered_within(self._deadline_seconds):
            document = (await self._read([video_id])).get(video_id)
        if document is None or (document["status"] == "deleted" and document["revision"] == _NEVER_SEEN):
            raise Refusal(404, "unknown-video", f"kadr knows no video {video_id}. If it was just stored, try soon.")
        if document["status"] == "deleted":
            raise Refusal(410, "deleted-video", f"The video {video_id} was deleted.")
        return Video(LedgerVideo.from_document(video_id, document), document)

    async def progress(self, video_ids: Iterable[str]) -> dict[str, Mapping[str, Any]]:
        """Read how far videos are, all at once; those that the ledger does not know, or not yet, are left out.

        Raises:
            SearchUnavailable: OpenSearch does not answer.
        """
        async with answered_within(self._deadline_seconds):
            documents = await self._read(list(video_ids), _PROGRESS_FIELDS)
        return {name: document for name, document in documents.items() if document["revision"] != _NEVER_SEEN}

    async def moments(
        self, video: LedgerVideo, *, start_seconds: float, limit: int, fields: Iterable[str] = MOMENT_FIELDS
    ) -> MomentPage:
        """Read the moments from a time on.

        Raises:
            SearchUnavailable: OpenSearch does not answer.
        """
        runs = [run for run in video.winners if run is not None]
        if not runs:
            return MomentPage([], None)
        body = {
            "size": limit + 1,
            "_source": list(fields),
            "track_total_hits": False,
            "sort": [{"start_seconds": "asc"}],
            "query": {
                "bool": {
                    "filter": [
                        {"term": {"video_id": video.video_id}},
                        {"term": {"revision": video.revision}},
                        {"terms": {"run": runs}},
                        {"range": {"start_seconds": {"gte": start_seconds}}},
                    ]
                }
            },
        }
        async with answered_within(self._deadline_seconds):
            found = (await self._client.search(index=self._moments, body=body))["hits"]["hits"]
        sources = [{**hit["_source"], "moment_id": hit["_id"]} for hit in found]
        return MomentPage(
            [source for source in sources[:limit] if shows_moment({video.video_id: video}, _claim(source))],
            sources[limit]["start_seconds"] if len(sources) > limit else None,
        )

    async def _read(self, video_ids: list[str], fields: Iterable[str] = ()) -> dict[str, Mapping[str, Any]]:
        options = {"_source_includes": ",".join(fields)} if fields else {}
        answer = await self._client.mget(body={"ids": video_ids}, index=self._videos, **options)
        missing = next((document["error"] for document in answer["docs"] if "error" in document), None)
        if missing is not None:
            reason = f"{missing.get('type')}: {missing.get('reason')}"
            raise SearchUnavailable(f"OpenSearch does not read the ledger ({reason}). {remedy(reason)}")
        return {document["_id"]: document["_source"] for document in answer["docs"] if document.get("found")}


def _claim(source: Mapping[str, Any]) -> Claim:
    return Claim(source["video_id"], source["revision"], source["span"], source["run"])
