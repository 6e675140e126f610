"""What OpenSearch Dashboards' Discover asks of kadr's indices, as its Dev Tools show the request."""

from collections.abc import Iterator
from typing import Any

import pytest
from opensearchpy import OpenSearch
from searching import Add
from services import Scope

pytest_plugins = ("search_fixtures",)

MARK = "@opensearch-dashboards-highlighted-field@"
DQL = {"multi_match": {"type": "best_fields", "query": "кошка", "lenient": True}}
LUCENE = {"query_string": {"query": "кошка", "analyze_wildcard": True, "time_zone": "Europe/Berlin"}}
DQL_FIELD = {"bool": {"should": [{"match": {"speech": "кошка"}}], "minimum_should_match": 1}}
PHRASE = {"multi_match": {"type": "phrase", "query": "чёрная кошка", "lenient": True}}
VECTORS = ["visual", "speech_vector", "words"]


def discover(query: dict[str, Any], *, hidden: list[str], in_filter: bool = True) -> dict[str, Any]:
    """The body of Discover: sort by the time field, histogram, all stored fields, highlights of all fields."""
    time = {"range": {"published_at": {"gte": "2024-01-01T00:00:00.000Z", "lte": "2024-12-31T23:59:59.999Z"}}}
    time["range"]["published_at"]["format"] = "strict_date_optional_time"
    histogram = {"field": "published_at", "calendar_interval": "1w", "time_zone": "Europe/Berlin", "min_doc_count": 1}
    return {
        "sort": [{"published_at": {"order": "desc", "unmapped_type": "boolean"}}],
        "size": 500,
        "version": True,
        "aggs": {"2": {"date_histogram": histogram}},
        "stored_fields": ["*"],
        "script_fields": {},
        "docvalue_fields": [{"field": "published_at", "format": "date_time"}],
        "_source": {"excludes": hidden},
        "query": {
            "bool": {
                "must": [] if in_filter else [query],
                "filter": [*([query] if in_filter else []), {"match_phrase": {"bucket": "videos"}}, time],
                "should": [],
                "must_not": [{"match_phrase": {"language": "en"}}],
            }
        },
        "highlight": {
            "pre_tags": [MARK],
            "post_tags": [f"@/{MARK[1:]}"],
            "fields": {"*": {}},
            "fragment_size": 2147483647,
        },
    }


@pytest.fixture
def filled(add: Add, engine: OpenSearch) -> Iterator[OpenSearch]:
    dated = {"published_at": "2024-03-01T10:00:00Z"}
    add("v1", "cat", moment={**dated, "language": "ru"}, title="Кошка в саду", language="ru", **dated)
    add("v2", "frog", "ask", moment={**dated, "language": "en"}, title="Frogs", language="en", **dated)
    add("v3", "cat", moment={"published_at": "2020-01-01", "language": "ru"}, title="Кошка", published_at="2020-01-01")
    yield engine


@pytest.mark.parametrize(
    ("query", "in_filter"),
    [(DQL, True), (LUCENE, False), (DQL_FIELD, True), (PHRASE, True)],
    ids=["dql", "lucene", "field", "phrase"],
)
def test_discover_finds_moments_by_what_is_said(
    filled: OpenSearch, scope: Scope, query: dict[str, Any], in_filter: bool
) -> None:
    body = discover(query, hidden=VECTORS, in_filter=in_filter)

    answer = filled.search(index=f"{scope.index_prefix}moments", body=body)

    assert answer["_shards"]["failed"] == 0
    (hit,) = answer["hits"]["hits"]
    assert hit["_source"]["speech"] == "Чёрная кошка бежит по снегу."
    assert not set(VECTORS) & set(hit["_source"])
    assert MARK in hit["highlight"]["speech"][0]
    assert hit["fields"]["published_at"] == ["2024-03-01T10:00:00.000Z"]
    assert sum(bucket["doc_count"] for bucket in answer["aggregations"]["2"]["buckets"]) == 1


@pytest.mark.parametrize(("query", "in_filter"), [(DQL, True), (LUCENE, False)], ids=["dql", "lucene"])
def test_discover_finds_videos_by_their_title(
    filled: OpenSearch, scope: Scope, query: dict[str, Any], in_filter: bool
) -> None:
    body = discover(query, hidden=["spans", "media", "timings"], in_filter=in_filter)

    answer = filled.search(index=f"{scope.index_prefix}videos", body=body)

    assert answer["_shards"]["failed"] == 0
    assert [hit["_source"]["video_id"] for hit in answer["hits"]["hits"]] == ["v1"]
    assert MARK in answer["hits"]["hits"][0]["highlight"]["title"][0]


def test_discover_counts_the_values_of_a_field(filled: OpenSearch, scope: Scope) -> None:
    """The visualize button of a field, and the top values of the side bar."""
    body = {"size": 0, "aggs": {"2": {"terms": {"field": "language", "order": {"_count": "desc"}, "size": 5}}}}

    answer = filled.search(index=f"{scope.index_prefix}moments", body=body)

    assert {b["key"]: b["doc_count"] for b in answer["aggregations"]["2"]["buckets"]} == {"ru": 2, "en": 2}
