"""Counts facets: one `_msearch` over both indices, and one more for vector legs without the filter of a field."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import structlog
from opensearchpy import AsyncOpenSearch, TransportError

from search_api.connection import pack_lines
from search_api.facets.bodies import count_attribute, counting_body, other_filters, read_values
from search_api.facets.values import ATTRIBUTE, Facets, FacetValue
from search_api.filters import Filters
from search_api.fusion import LegName
from search_api.gather import Gathered
from search_api.legs import VECTOR_FIELDS, Asked, Depth, Vector, leg_body
from search_api.settings import SearchSettings

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Count:
    """Fields that are counted under the same filters."""

    filters: Filters
    fields: tuple[str, ...]
    near: tuple[str, ...]


class Counter:
    """Counts the facets of a search from what its legs gave."""

    def __init__(self, client: AsyncOpenSearch, settings: SearchSettings) -> None:
        self._client = client
        self._moments = settings.moments_alias
        self._videos = settings.videos_alias

    async def count(
        self,
        fields: Sequence[str],
        asked: Asked,
        gathered: Gathered,
        vectors: Mapping[LegName, Vector],
        depth: Depth,
    ) -> Facets | None:
        """Count the videos that match by any leg, field by field; None if OpenSearch does not give it in time."""
        try:
            async with asyncio.timeout(depth.timeout_seconds):
                counts = await self._plan(fields, asked, gathered, vectors, depth)
                return await self._count(counts, asked, gathered, depth.timeout_seconds)
        except (TimeoutError, TransportError) as error:
            _log.warning("facets not counted", error=str(error) or type(error).__name__)
            return None

    async def _plan(
        self,
        fields: Sequence[str],
        asked: Asked,
        gathered: Gathered,
        vectors: Mapping[LegName, Vector],
        depth: Depth,
    ) -> list[_Count]:
        """The whole search first, with the fields that are not filtered; then each that is, without its own filter."""
        filtered = {field: others for field in fields if (others := other_filters(asked.filters, field)) is not None}
        plain = tuple(field for field in fields if field not in filtered)
        near = tuple(hit["_id"] for leg in VECTOR_FIELDS if leg in gathered.kept for hit in gathered.kept[leg].hits)
        wider = await self._nearest(list(filtered.values()), asked, gathered, vectors, depth)
        return [
            _Count(asked.filters, plain, near),
            *(_Count(others, (field,), ids) for (field, others), ids in zip(filtered.items(), wider, strict=True)),
        ]

    async def _nearest(
        self,
        filters: list[Filters],
        asked: Asked,
        gathered: Gathered,
        vectors: Mapping[LegName, Vector],
        depth: Depth,
    ) -> list[tuple[str, ...]]:
        """The ids that the vector legs find under other filters, as near as the farthest that they kept."""
        legs = [leg for leg in vectors if leg in gathered.kept and gathered.kept[leg].hits]
        if not legs or not filters:
            return [()] * len(filters)
        bodies = [
            leg_body(leg, replace(asked, filters=each), vector=vectors[leg], depth=depth) | {"_source": False}
            for each in filters
            for leg in legs
        ]
        answers = iter(await self._ask(self._moments, bodies))
        return [
            tuple(
                hit["_id"]
                for leg in legs
                for hit in next(answers)["hits"]["hits"]
                if not gathered.kept[leg].cut or hit["_score"] >= gathered.kept[leg].hits[-1]["_score"]
            )
            for _ in filters
        ]

    async def _count(
        self, counts: Sequence[_Count], asked: Asked, gathered: Gathered, timeout_seconds: float
    ) -> Facets:
        legs = list(gathered.kept)
        bodies = [
            counting_body(
                replace(asked, filters=count.filters), legs, count.near, count.fields, timeout_seconds=timeout_seconds
            )
            for count in counts
        ]
        answers = [
            answer["aggregations"] | {"cut": answer["timed_out"]}
            for answer in await self._ask(f"{self._moments},{self._videos}", bodies)
        ]
        ledger = await self._ledger(answers)
        hidden = any(len(kept.hits) > len(gathered.hits[leg]) for leg, kept in gathered.kept.items())
        return Facets(
            videos=int(answers[0]["videos"]["value"]),
            fields={
                field: _values(field, answer, ledger)
                for count, answer in zip(counts, answers, strict=True)
                for field in count.fields
            },
            approximate=hidden or not all(_is_exact(answer, ledger) for answer in answers),
        )

    async def _ledger(self, answers: Sequence[Mapping[str, Any]]) -> Mapping[str, Mapping[str, Any]]:
        """What the ledger says of the videos that match, as far as they are listed; deleted ones are left out."""
        names = sorted({bucket["key"] for answer in answers for bucket in answer["matching"]["buckets"]})
        if not names:
            return {}
        fields = "revision,status,metadata_version,attributes"
        found = await self._client.mget(body={"ids": names}, index=self._videos, _source_includes=fields)
        return {
            document["_id"]: document["_source"]
            for document in found["docs"]
            if document.get("found") and document["_source"]["status"] != "deleted"
        }

    async def _ask(self, index: str, bodies: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        lines = (line for body in bodies for line in ({"index": index}, body))
        answers: list[Mapping[str, Any]] = (await self._client.msearch(body=pack_lines(lines)))["responses"]
        for answer in answers:
            if "error" in answer:
                raise TransportError("N/A", str(answer["error"].get("reason")), answer["error"])
        return answers


def _values(field: str, answer: Mapping[str, Any], ledger: Mapping[str, Mapping[str, Any]]) -> tuple[FacetValue, ...]:
    if not field.startswith(ATTRIBUTE):
        return read_values(field, answer[field])
    names = (bucket["key"] for bucket in answer["matching"]["buckets"])
    return count_attribute(field, (ledger[name] for name in names if name in ledger))


def _is_exact(answer: Mapping[str, Any], ledger: Mapping[str, Mapping[str, Any]]) -> bool:
    """Whether all that was counted is what the ledger says now; what it no longer says waits to be swept."""
    matching = answer["matching"]
    return (
        not answer["cut"]
        and not matching["sum_other_doc_count"]
        and all(
            bucket["key"] in ledger and _is_current(bucket, ledger[bucket["key"]]) for bucket in matching["buckets"]
        )
    )


def _is_current(bucket: Mapping[str, Any], document: Mapping[str, Any]) -> bool:
    revision, version = bucket["revision"]["value"], bucket["metadata_version"]["value"]
    return bool(document["revision"] == revision) and version in (None, document.get("metadata_version"))
