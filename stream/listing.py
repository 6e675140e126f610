"""Walks the whole ledger in pages, and reads many of its documents at once."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from opensearchpy import AsyncOpenSearch

from stream.entry import Entry, Source, Withdrawal
from stream.errors import TransientError
from stream.outage import outages

_PAGE = 1000
_KEEP_ALIVE = "10m"
_FIELDS = ["video_id", "key", "status", "source", "withdrawn", "emitted", "emissions", "updated_at"]


@dataclass(frozen=True, slots=True)
class Row:
    """What of a ledger document is compared with the bucket; without its spans, of which there may be hundreds."""

    video_id: str
    key: str
    status: str
    source: Source | None
    withdrawn: Withdrawal | None
    emitted: bool
    emissions: int
    updated_at: datetime

    @property
    def deleted(self) -> bool:
        return self.status == "deleted"

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> Self:
        return cls(
            video_id=body["video_id"],
            key=body["key"],
            status=body["status"],
            source=Source.of(body["source"]),
            withdrawn=Withdrawal.of(body["withdrawn"]),
            emitted=body["emitted"],
            emissions=body["emissions"],
            updated_at=datetime.fromisoformat(body["updated_at"]),
        )


class LedgerListing:
    """Reads the ledger as a whole. Every method may raise TransientError when OpenSearch cannot answer."""

    def __init__(self, client: AsyncOpenSearch, *, index: str) -> None:
        self._client = client
        self._index = index

    async def rows(self, bucket: str) -> AsyncGenerator[Row]:
        """Walks a bucket's documents as they are now, by key in the order of UTF-8 bytes; holds one page of them."""
        pit = await self._open()
        try:
            after: list[Any] | None = None
            while True:
                hits = await self._page(pit, bucket, after)
                for hit in hits:
                    yield Row.of(hit["_source"])
                if len(hits) < _PAGE:
                    return
                after = hits[-1]["sort"]
        finally:
            with suppress(TransientError), outages("the ledger"):
                await self._client.delete_pit(body={"pit_id": [pit]})

    async def read_rows(self, ids: Sequence[str]) -> dict[str, Row]:
        """Reads documents in real time, by video_id; those that do not exist are left out."""
        return {id_: Row.of(body) for id_, body in (await self._read(ids, _FIELDS)).items()}

    async def read_entries(self, ids: Sequence[str]) -> dict[str, Entry]:
        """Reads whole documents in real time, by video_id; those that do not exist are left out."""
        return {id_: Entry.of(body) for id_, body in (await self._read(ids, True)).items()}

    async def _open(self) -> str:
        with outages("the ledger"):
            await self._client.indices.refresh(index=self._index)
            opened = await self._client.create_pit(index=self._index, params={"keep_alive": _KEEP_ALIVE})
        return str(opened["pit_id"])

    async def _page(self, pit: str, bucket: str, after: list[Any] | None) -> list[dict[str, Any]]:
        body = {
            "pit": {"id": pit, "keep_alive": _KEEP_ALIVE},
            "query": {"term": {"bucket": bucket}},
            "sort": [{"key": "asc"}],
            "size": _PAGE,
            "track_total_hits": False,
            "_source": _FIELDS,
            **({"search_after": after} if after else {}),
        }
        with outages("the ledger"):
            answer = await self._client.search(body=body)
        hits: list[dict[str, Any]] = answer["hits"]["hits"]
        return hits

    async def _read(self, ids: Sequence[str], fields: list[str] | bool) -> dict[str, dict[str, Any]]:
        if not ids:
            return {}
        body = {"docs": [{"_id": id_, "_source": fields} for id_ in ids]}
        with outages("the ledger"):
            answer = await self._client.mget(index=self._index, body=body)
        if missing := [doc["error"] for doc in answer["docs"] if "error" in doc]:
            raise TransientError(f"OpenSearch does not read the ledger: {missing[0].get('reason', missing[0])}")
        return {doc["_id"]: doc["_source"] for doc in answer["docs"] if doc["found"]}
