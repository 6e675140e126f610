"""The request body of each leg of a search."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from search_api.fusion import LegName

Body = dict[str, Any]
Vector = npt.NDArray[np.float32]

# Private use characters: OpenSearch trims control characters off the ends of what it marks.
MATCH_START, MATCH_STOP = "\ue000", "\ue001"
_MOMENT_FIELDS = ["video_id", "revision", "span", "run", "start_seconds", "stop_seconds", "speech", "thumbnail"]
_VECTOR_FIELDS = {LegName.SPEECH_VECTOR: "speech_vector", LegName.PICTURE_VECTOR: "visual"}


@dataclass(frozen=True, slots=True)
class Filters:
    """What a hit must be: each field that is set must have one of its values."""

    video_id: tuple[str, ...] = ()
    external_id: tuple[str, ...] = ()
    bucket: tuple[str, ...] = ()
    language: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()

    def clauses(self) -> list[Body]:
        """The filter clauses for OpenSearch; empty when nothing is filtered."""
        fields = ("video_id", "external_id", "bucket", "language", "categories")
        return [{"terms": {field: list(values)}} for field in fields if (values := getattr(self, field))]


@dataclass(frozen=True, slots=True)
class Depth:
    """How far the legs look: `hits` each, out of `candidates` that a vector search walks."""

    hits: int
    candidates: int

    def __post_init__(self) -> None:
        if self.hits < 1 or self.candidates < 1:
            raise ValueError(f"a leg looks at one hit at least: {self.hits = }, {self.candidates = }")


def usable_vector(vector: npt.NDArray[Any]) -> Vector:
    """Check a query vector and make it one contiguous row.

    Raises:
        ValueError: it is not one finite float row, or it is all zeros (OpenSearch would find anything).
    """
    row = np.ascontiguousarray(vector, dtype=np.float32)
    if row.ndim != 1 or not row.size:
        raise ValueError(f"a query vector is one row, not {vector.shape = }")
    if not np.isfinite(row).all():
        raise ValueError("a query vector must be finite")
    if not row.any():
        raise ValueError("a query vector must not be all zeros")
    return row


def leg_body(leg: LegName, *, text: str, vector: Vector | None, filters: Filters, depth: Depth) -> Body:
    """The body of one leg.

    Args:
        leg: which leg.
        text: the query.
        vector: the query's vector, for the two vector legs.
        filters: applied inside the leg, also inside the vector search.
        depth: how far it looks.

    Raises:
        ValueError: a vector leg without a vector.
    """
    if leg is LegName.SPEECH_TEXT:
        return _moments_body(_speech_query(text, filters), depth) | {"highlight": _highlight()}
    if leg is LegName.METADATA_TEXT:
        return {
            "size": depth.hits,
            "_source": False,
            "track_total_hits": False,
            "query": _metadata_query(text, filters),
        }
    if vector is None:
        raise ValueError(f"the leg {leg} needs a vector")
    return _moments_body({"knn": {_VECTOR_FIELDS[leg]: _nearest(vector, filters, depth)}}, depth)


def _moments_body(query: Body, depth: Depth) -> Body:
    return {"size": depth.hits, "_source": _MOMENT_FIELDS, "track_total_hits": False, "query": query}


def _speech_query(text: str, filters: Filters) -> Body:
    return {
        "bool": {
            "should": [
                {"match": {"speech": {"query": text}}},
                # The exact words: they outrank other forms, and a query of stop words alone finds something at all.
                {"match": {"speech.exact": {"query": text, "boost": 0.5}}},
                {"match_phrase": {"speech.exact": {"query": text, "slop": 1, "boost": 2.0}}},
            ],
            "minimum_should_match": 1,
            "filter": filters.clauses(),
        }
    }


def _metadata_query(text: str, filters: Filters) -> Body:
    fields = ["title^3", "title.exact^2", "description", "description.exact^0.5", "tags^2"]
    return {
        "bool": {
            "must": [{"multi_match": {"query": text, "fields": fields, "type": "best_fields", "tie_breaker": 0.3}}],
            "must_not": [{"term": {"status": "deleted"}}],
            "filter": filters.clauses(),
        }
    }


def _nearest(vector: Vector, filters: Filters, depth: Depth) -> Body:
    search: Body = {
        "vector": vector,
        "k": depth.hits,
        "method_parameters": {"ef_search": max(depth.candidates, depth.hits)},
    }
    clauses = filters.clauses()
    return search | {"filter": {"bool": {"filter": clauses}}} if clauses else search


def _highlight() -> Body:
    field: Mapping[str, Any] = {"number_of_fragments": 0}
    return {
        "pre_tags": [MATCH_START],
        "post_tags": [MATCH_STOP],
        "fields": {"speech": field, "speech.exact": field},
    }
