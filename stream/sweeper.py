"""Removes what the ledger does not vouch for, and repeats metadata in moments (LEDGER: SWEEP).

It only ever deletes what is older than what it read, or a run that lost: never "everything else".
"""

from typing import Any

from opensearchpy import AsyncOpenSearch

from stream.entry import Entry
from stream.moments import metadata_fields
from stream.outage import outages
from stream.store import Store

_PAGE = 500
_REPEAT_METADATA = "for (entry in params.fields.entrySet()) { ctx._source[entry.getKey()] = entry.getValue(); }"


class Sweeper:
    """Sweeps the moments of one video at a time."""

    def __init__(self, client: AsyncOpenSearch, store: Store, *, index: str) -> None:
        self._client = client
        self._store = store
        self._index = index

    async def sweep(self, entry: Entry) -> int:
        """Deletes an entry's leftovers with their thumbnails, and brings older metadata up to date.

        Returns:
            How many moments were deleted.
        """
        removed = 0
        with outages("a sweep"):
            await self._client.indices.refresh(index=self._index)
            while leftovers := await self._leftovers(entry):
                await self._store.remove_thumbnails([key for _, key in leftovers if key])
                await self._delete([id_ for id_, _ in leftovers])
                removed += len(leftovers)
            if not entry.deleted:
                await self._repeat_metadata(entry)
        return removed

    async def _leftovers(self, entry: Entry) -> list[tuple[str, str | None]]:
        body = {"query": leftovers_query(entry), "_source": ["thumbnail"], "size": _PAGE}
        answer = await self._client.search(index=self._index, body=body)
        return [(hit["_id"], hit["_source"].get("thumbnail")) for hit in answer["hits"]["hits"]]

    async def _delete(self, ids: list[str]) -> None:
        body = {"query": {"ids": {"values": ids}}}
        params = {"refresh": "true", "conflicts": "proceed"}
        await self._client.delete_by_query(index=self._index, body=body, params=params)

    async def _repeat_metadata(self, entry: Entry) -> None:
        older = [
            {"term": {"video_id": entry.video_id}},
            {"term": {"revision": entry.revision}},
            {"range": {"metadata_version": {"lt": entry.metadata_version}}},
        ]
        script = {"source": _REPEAT_METADATA, "params": {"fields": metadata_fields(entry)}}
        body = {"query": {"bool": {"filter": older}}, "script": script}
        params = {"refresh": "true", "conflicts": "proceed"}
        await self._client.update_by_query(index=self._index, body=body, params=params)


def leftovers_query(entry: Entry) -> dict[str, Any]:
    """Matches a video's moments of older revisions and, of spans that are done, those of runs that did not win."""
    bound = {"lte": entry.revision} if entry.deleted else {"lt": entry.revision}
    done = [number for number, span in enumerate(entry.spans) if span.state == "d"]
    winners = [entry.spans[number].run for number in done]
    lost = {
        "bool": {
            "filter": [{"term": {"revision": entry.revision}}, {"terms": {"span": done}}],
            "must_not": [{"terms": {"run": winners}}],
        }
    }
    either = [{"range": {"revision": bound}}, *([lost] if done and not entry.deleted else [])]
    only_this = {"term": {"video_id": entry.video_id}}
    return {"bool": {"filter": [only_this], "should": either, "minimum_should_match": 1}}
