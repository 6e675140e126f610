"""The request body of each leg of a search."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from search_api.filters import Filters
from search_api.fusion import LegName
from search_api.mentions import Mentions
from search_api.syntax import Wanted
from search_api.text_legs import metadata_query, moment_conditions, speech_query
from search_api.wording import Clause

Body = dict[str, Any]
Vector = npt.NDArray[np.float32]

# Private use characters: OpenSearch trims control characters off the ends of what it marks.
MATCH_START, MATCH_STOP = "\ue000", "\ue001"
_MOMENT_FIELDS = [
    *("video_id", "revision", "span", "run", "start_seconds", "stop_seconds"),
    *("speech", "speech_source", "thumbnail"),
]
_WHOLE: Body = {"number_of_fragments": 0}
_PASSAGES: Body = {"number_of_fragments": 3, "fragment_size": 100}
_SPEECH_MARKS: Body = {"speech": _WHOLE, "speech.exact": _WHOLE}
_METADATA_MARKS: Body = {
    **{"title": _WHOLE, "title.exact": _WHOLE, "tags": _WHOLE},
    **{"description": _PASSAGES, "description.exact": _PASSAGES},
}
VECTOR_FIELDS = {LegName.SPEECH_VECTOR: "speech_vector", LegName.PICTURE_VECTOR: "visual"}


@dataclass(frozen=True, slots=True)
class Depth:
    """How far the legs look: `hits` each, out of `candidates` that a vector search walks.

    After `timeout_seconds` a leg gives what it has found; one that does not is cancelled after `cancel_seconds`.
    """

    hits: int
    candidates: int
    timeout_seconds: float = 2.0
    cancel_seconds: float | None = None

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


@dataclass(frozen=True, slots=True)
class Asked:
    """What every leg of one search is asked: the query, the videos that mention its phrases, and the filters."""

    wanted: Wanted
    mentions: Mentions
    filters: Filters


def leg_body(leg: LegName, asked: Asked, *, vector: Vector | None, depth: Depth) -> Body:
    """The body of one leg.

    Args:
        leg: which leg.
        asked: what is asked; conditions hold inside the leg, also inside the vector search.
        vector: the query's vector, for the two vector legs.
        depth: how far it looks.

    Raises:
        ValueError: a vector leg without a vector.
    """
    filters = asked.filters.clauses()
    if leg is LegName.SPEECH_TEXT:
        texts = _body(speech_query(asked.wanted, asked.mentions, filters), depth)
        return texts | {"_source": [*_MOMENT_FIELDS, "words"], "highlight": _highlight(_SPEECH_MARKS)}
    if leg is LegName.METADATA_TEXT:
        texts = _body(metadata_query(asked.wanted, filters), depth)
        return texts | {"_source": False, "highlight": _highlight(_METADATA_MARKS)}
    if vector is None:
        raise ValueError(f"the leg {leg} needs a vector")
    required, refused = moment_conditions(asked.wanted, asked.mentions)
    return _body({"knn": {VECTOR_FIELDS[leg]: _nearest(vector, [*filters, *required], refused, depth)}}, depth)


def _body(query: Clause, depth: Depth) -> Body:
    return {
        "size": depth.hits,
        "timeout": f"{max(1, round(depth.timeout_seconds * 1000))}ms",
        "_source": _MOMENT_FIELDS,
        "track_total_hits": False,
        "query": query,
    }


def _nearest(vector: Vector, required: list[Clause], refused: list[Clause], depth: Depth) -> Body:
    search: Body = {
        "vector": vector,
        "k": depth.hits,
        "method_parameters": {"ef_search": max(depth.candidates, depth.hits)},
    }
    conditions = {"filter": required, "must_not": refused}
    given = {kind: clauses for kind, clauses in conditions.items() if clauses}
    return search | {"filter": {"bool": given}} if given else search


def _highlight(fields: Body) -> Body:
    return {"pre_tags": [MATCH_START], "post_tags": [MATCH_STOP], "fields": fields}
