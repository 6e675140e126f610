"""Removes what the ledger does not vouch for, and repeats metadata in moments (LEDGER: SWEEP).

It only ever deletes what is older than what it read, or a run that lost: never "everything else".
"""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

from opensearchpy import AsyncOpenSearch

from stream.entry import Entry
from stream.listing import LedgerListing
from stream.moments import metadata_fields
from stream.outage import outages
from stream.store import Store

_PAGE = 500
_LOTS = 1000
_LOT_FIELDS = ("video_id", "revision", "span", "run", "metadata_version")
_EXAMPLES = 10
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
        await self._remove_strays(entry)
        return removed

    async def _remove_strays(self, entry: Entry) -> None:
        """Removes thumbnails whose run died before it wrote the moments that they belong to."""
        keys = await self._store.thumbnails(entry.video_id)
        await self._store.remove_thumbnails([key for key in keys if is_stray(key, entry)])

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


@dataclass(frozen=True, slots=True)
class Lot:
    """The moments that one run wrote for a span: they are kept or swept together."""

    video_id: str
    revision: int
    span: int
    run: str
    metadata_version: int
    moments: int


@dataclass(slots=True)
class SweepReport:
    """What a sweep of the whole index found; the leftovers and outdated moments are gone after it, unless it was dry.

    Attributes:
        leftovers: Moments of older revisions, of deleted videos, and of runs that lost.
        outdated: Moments that repeat older metadata than their video has.
        orphans: Moments of videos that the ledger does not know; they are never deleted.
        examples: Some of the objects of each kind, as `bucket/key`; of orphans the video's id.
    """

    moments: int = 0
    leftovers: int = 0
    outdated: int = 0
    orphans: int = 0
    examples: dict[str, list[str]] = field(default_factory=dict)

    def body(self) -> dict[str, Any]:
        """Returns the report as JSON values."""
        names = ("moments", "leftovers", "outdated", "orphans", "examples")
        return {name: getattr(self, name) for name in names}

    def add(self, lot: Lot, entry: Entry | None) -> bool:
        """Counts a lot; says whether its video is to be swept."""
        self.moments += lot.moments
        if entry is None:
            self.orphans += lot.moments
            self._remember("orphans", lot.video_id)
        elif is_leftover(lot, entry):
            self.leftovers += lot.moments
            self._remember("leftovers", _subject(entry))
        elif is_outdated(lot, entry):
            self.outdated += lot.moments
            self._remember("outdated", _subject(entry))
        else:
            return False
        return entry is not None

    def _remember(self, kind: str, subject: str) -> None:
        examples = self.examples.setdefault(kind, [])
        if subject not in examples and len(examples) < _EXAMPLES:
            examples.append(subject)


class IndexSweeper:
    """Finds the videos of the whole index that need a sweep: a page of lots and one read of the ledger at a time."""

    def __init__(self, client: AsyncOpenSearch, sweeper: Sweeper, listing: LedgerListing, *, index: str) -> None:
        self._client = client
        self._sweeper = sweeper
        self._listing = listing
        self._index = index

    async def sweep(self, *, dry_run: bool = False) -> SweepReport:
        """Sweeps every video that has leftovers; a dry run only counts them.

        The ledger is read after the lots were seen, and what is left over stays so: revisions only grow, and a run
        that lost never wins.

        Raises:
            TransientError: A service is down.
        """
        report = SweepReport()
        with outages("a sweep"):
            await self._client.indices.refresh(index=self._index)
        async with aclosing(self._pages()) as pages:
            async for lots in pages:
                entries = await self._listing.read_entries(sorted({lot.video_id for lot in lots}))
                swept = {lot.video_id for lot in lots if report.add(lot, entries.get(lot.video_id))}
                for video_id in () if dry_run else sorted(swept):
                    await self._sweeper.sweep(entries[video_id])
        return report

    async def _pages(self) -> AsyncGenerator[list[Lot]]:
        sources = [{name: {"terms": {"field": name}}} for name in _LOT_FIELDS]
        after: dict[str, Any] = {}
        while True:
            lots = {"composite": {"size": _LOTS, "sources": sources, **after}}
            body = {"size": 0, "track_total_hits": False, "aggs": {"lots": lots}}
            with outages("a sweep"):
                answer = await self._client.search(index=self._index, body=body)
            found = answer["aggregations"]["lots"]
            if not found["buckets"]:
                return
            yield [Lot(**bucket["key"], moments=bucket["doc_count"]) for bucket in found["buckets"]]
            after = {"after": found["after_key"]}


def is_leftover(lot: Lot, entry: Entry) -> bool:
    """Says whether the ledger vouches for a lot nevermore: see `leftovers_query`."""
    if entry.deleted:
        return lot.revision <= entry.revision
    if lot.revision != entry.revision or lot.span >= len(entry.spans):
        return lot.revision < entry.revision
    span = entry.spans[lot.span]
    return span.state == "d" and lot.run != span.run


def is_stray(thumbnail: str, entry: Entry) -> bool:
    """Says whether the ledger vouches nevermore for the moments that a thumbnail belongs to."""
    try:
        video_id, revision, span, run, _ = thumbnail.split("/")
        return is_leftover(Lot(video_id, int(revision), int(span), run, 0, 0), entry)
    except ValueError:
        return False


def is_outdated(lot: Lot, entry: Entry) -> bool:
    """Says whether a lot repeats older metadata than its video has."""
    return lot.revision == entry.revision and lot.metadata_version < entry.metadata_version


def _subject(entry: Entry) -> str:
    return f"{entry.body['bucket']}/{entry.body['key']}"


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
