"""What is asked of OpenSearch to count facets, and what it answers. Pure functions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from search_api.facets.values import (
    ATTRIBUTE,
    DURATION_BOUNDS,
    MOST_DATES,
    MOST_VALUES,
    FacetValue,
)
from search_api.filters import Clause, Filters
from search_api.fusion import LegName
from search_api.legs import Asked
from search_api.text_legs import metadata_query, speech_query

Body = dict[str, Any]

MOST_LISTED = 1000
"""So many videos are set against the ledger, to see whether the counts are exact."""
_VIDEOS: Body = {"cardinality": {"field": "video_id", "precision_threshold": 3000}}


def counting_body(
    asked: Asked,
    legs: Sequence[LegName],
    near: Sequence[str],
    fields: Sequence[str],
    *,
    timeout_seconds: float,
) -> Body:
    """Count the values of some fields, over moments and videos at once, and list the videos that match.

    OpenSearch does not aggregate attributes (they are a `flat_object`): they are counted from the list.

    Args:
        asked: the query; its filters hold.
        legs: those of the search.
        near: ids of the moments that its vector legs found.
        fields: what to count.
        timeout_seconds: after this, what has been counted so far is given.
    """
    of_video = {name: {"min": {"field": name}} for name in ("revision", "metadata_version")}
    aggregations: Body = {
        "videos": _VIDEOS,
        "matching": {"terms": {"field": "video_id", "size": MOST_LISTED}, "aggs": of_video},
        **{field: _aggregation(field) for field in fields if not field.startswith(ATTRIBUTE)},
    }
    return {
        "size": 0,
        "timeout": f"{max(1, round(timeout_seconds * 1000))}ms",
        "track_total_hits": False,
        "query": _matching(asked, legs, near),
        "aggs": aggregations,
    }


def read_values(field: str, answer: Mapping[str, Any]) -> tuple[FacetValue, ...]:
    """The counts of one field; values that no video has are left out."""
    buckets = answer["buckets"]
    if field == "published_at":
        starts = [bucket["key_as_string"] for bucket in buckets]
        stops = [*starts[1:], None]
        found = [
            FacetValue(_videos(bucket), gte=start, lt=stop)
            for bucket, start, stop in zip(buckets, starts, stops, strict=False)
        ]
    elif field == "duration_seconds":
        found = [FacetValue(_videos(bucket), gte=bucket.get("from"), lt=bucket.get("to")) for bucket in buckets]
    else:
        found = [FacetValue(_videos(bucket), value=bucket["key"]) for bucket in buckets]
    return tuple(value for value in found if value.videos)


def count_attribute(field: str, documents: Iterable[Mapping[str, Any]]) -> tuple[FacetValue, ...]:
    """The counts of an attribute in documents of the ledger."""
    values = (document.get("attributes", {}).get(field.removeprefix(ATTRIBUTE)) for document in documents)
    counts = Counter(str(value) for value in values if value is not None)
    ordered = sorted(counts.items(), key=lambda each: (-each[1], each[0]))
    return tuple(FacetValue(videos, value=value) for value, videos in ordered[:MOST_VALUES])


def other_filters(filters: Filters, field: str) -> Filters | None:
    """The filters without the one on a field; None if there is none on it.

    The counts of a field that is filtered say what choosing another value would give, so its own filter is left out.
    """
    others = filters.without(field)
    return None if others == filters else others


def _matching(asked: Asked, legs: Sequence[LegName], near: Sequence[str]) -> Clause:
    ways: list[Clause] = []
    if LegName.SPEECH_TEXT in legs:
        ways.append(speech_query(asked.wanted, asked.mentions, ()))
    if LegName.METADATA_TEXT in legs:
        ways.append(metadata_query(asked.wanted, ()))
    if near:
        ways.append({"ids": {"values": list(near)}})
    if not ways:
        return {"match_none": {}}
    return {"bool": {"should": ways, "minimum_should_match": 1, "filter": asked.filters.clauses()}}


def _aggregation(field: str) -> Body:
    return {**_buckets(field), "aggs": {"videos": _VIDEOS}}


def _buckets(field: str) -> Body:
    if field == "published_at":
        dates = {"field": field, "buckets": MOST_DATES, "minimum_interval": "month", "format": "strict_date"}
        return {"auto_date_histogram": dates}
    if field == "duration_seconds":
        bounds = (None, *DURATION_BOUNDS, None)
        ranges = [
            {name: value for name, value in (("from", start), ("to", stop)) if value is not None}
            for start, stop in pairwise(bounds)
        ]
        return {"range": {"field": field, "ranges": ranges}}
    return {"terms": {"field": field, "size": MOST_VALUES, "order": [{"videos": "desc"}, {"_key": "asc"}]}}


def _videos(bucket: Mapping[str, Any]) -> int:
    return int(bucket["videos"]["value"])
