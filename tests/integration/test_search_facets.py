from typing import Any

import httpx
import pytest
from opensearchpy import OpenSearch
from searching import Add, Encoder, ask

from search_api.settings import SearchSettings

pytest_plugins = ("search_fixtures",)

FIELDS = [
    "language",
    "bucket",
    "categories",
    "duration_seconds",
    "published_at",
    "attributes.season",
    "attributes.part",
]


def written(answer: dict[str, Any], field: str) -> dict[Any, int]:
    """The counts of one field, by value or by where its range begins."""
    return {value["value"] or value["gte"]: value["videos"] for value in answer["facets"]["fields"][field]}


@pytest.fixture
def frogs(add: Add, engine: OpenSearch, settings: SearchSettings) -> None:
    """Four videos with frogs, of which one says so in its title alone, and one with a cat."""
    common = {"categories": ["nature", "pond"], "language": "en", "duration_seconds": 30.0}
    described = {
        "spoken": {**common, "published_at": "2024-01-05T00:00:00Z", "attributes": {"season": "spring", "part": 1}},
        "twice": {**common, "published_at": "2024-03-05T00:00:00Z", "attributes": {"season": "spring", "part": 2}},
        "russian": {**common, "language": "ru", "categories": ["news"], "duration_seconds": 400.0},
        "titled": {**common, "title": "Frogs", "attributes": {"season": "winter"}},
        "cat": {**common, "language": "ru"},
    }
    speech = {"spoken": ["frog"], "twice": ["frog", "frog"], "russian": ["frog"], "titled": [], "cat": ["cat"]}
    for name, fields in described.items():
        both = ("duration_seconds", "published_at", "attributes")
        add(name, *speech[name], moment={key: fields[key] for key in both if key in fields}, **fields)


async def facets(api: httpx.AsyncClient, *fields: str, **search: Any) -> dict[str, Any]:
    return await ask(api, "frog", facets=list(fields), **{"legs": {"speech_text": 0.6, "metadata_text": 0.4}, **search})


async def test_counts_the_videos_that_match_by_words_or_title(api: httpx.AsyncClient, frogs: None) -> None:
    answer = await facets(api, *FIELDS)

    assert (answer["facets"]["videos"], answer["facets"]["approximate"]) == (4, False)
    assert written(answer, "language") == {"en": 3, "ru": 1}
    assert written(answer, "bucket") == {"videos": 4}
    assert written(answer, "categories") == {"nature": 3, "pond": 3, "news": 1}
    assert written(answer, "attributes.season") == {"spring": 2, "winter": 1}
    assert written(answer, "attributes.part") == {"1": 1, "2": 1}
    assert answer["facets"]["fields"]["duration_seconds"] == [
        {"value": None, "gte": None, "lt": 60.0, "videos": 3},
        {"value": None, "gte": 300.0, "lt": 1200.0, "videos": 1},
    ]
    assert sum(written(answer, "published_at").values()) == 2
    assert min(written(answer, "published_at")) == "2024-01-01"


async def test_a_range_that_was_counted_is_a_filter(api: httpx.AsyncClient, frogs: None) -> None:
    counted = await facets(api, "duration_seconds", "published_at")

    for field in ("duration_seconds", "published_at"):
        for value in counted["facets"]["fields"][field]:
            bounds = {name: value[name] for name in ("gte", "lt") if value[name] is not None}
            answer = await facets(api, filters={field: bounds})
            assert len(answer["hits"]) == value["videos"], (field, bounds)


async def test_other_filters_hold_and_the_own_one_of_a_field_does_not(api: httpx.AsyncClient, frogs: None) -> None:
    answer = await facets(api, "language", "categories", filters={"language": ["ru"]})

    assert {hit["video_id"] for hit in answer["hits"]} == {"russian"}
    assert answer["facets"]["videos"] == 1
    assert written(answer, "categories") == {"news": 1}, "of the videos that are filtered for"
    assert written(answer, "language") == {"en": 3, "ru": 1}, "what another choice would give"

    answer = await facets(api, "attributes.season", filters={"attributes": {"season": ["winter"]}})
    assert written(answer, "attributes.season") == {"spring": 2, "winter": 1}


async def test_what_only_a_vector_leg_finds_is_counted_as_far_as_it_is_sure(
    api: httpx.AsyncClient, frogs: None
) -> None:
    meant = {"legs": {"speech_vector": 1.0}}
    answer = await facets(api, "language", **meant)
    assert written(answer, "language") == {"en": 2, "ru": 2}, "nothing can be cut in so small an index"

    answer = await facets(api, "language", **meant, filters={"language": ["en"]})
    assert {hit["video_id"] for hit in answer["hits"]} == {"spoken", "twice"}
    assert written(answer, "language") == {"en": 2, "ru": 2}


@pytest.mark.parametrize("change", [{"status": "deleted"}, {"revision": 2}, {"metadata_version": 3}])
async def test_counts_are_approximate_while_leftovers_wait_for_the_sweep(
    api: httpx.AsyncClient, frogs: None, engine: OpenSearch, settings: SearchSettings, change: dict[str, Any]
) -> None:
    engine.update_by_query(
        index=settings.moments_alias,
        body={"script": "ctx._source.metadata_version = 1", "query": {"term": {"video_id": "spoken"}}},
        params={"refresh": "true"},
    )
    options = {"refresh": "true"}
    engine.update(index=settings.videos_alias, id="spoken", body={"doc": {"metadata_version": 1}}, params=options)
    assert not (await facets(api, "language"))["facets"]["approximate"]

    engine.update(index=settings.videos_alias, id="spoken", body={"doc": change}, params=options)
    assert (await facets(api, "language"))["facets"]["approximate"]

    if change.get("status") == "deleted":
        query = {"query": {"term": {"video_id": "spoken"}}}
        engine.delete_by_query(index=settings.moments_alias, body=query, params=options)
        swept = await facets(api, "language")
        assert (swept["facets"]["approximate"], written(swept, "language")) == (False, {"en": 2, "ru": 1})


async def test_facets_belong_to_the_first_page_and_to_those_who_ask(api: httpx.AsyncClient, frogs: None) -> None:
    assert (await facets(api))["facets"] is None
    first = await facets(api, "language", limit=1)
    second = await facets(api, "language", limit=1, page=first["next"])
    assert first["facets"]["videos"] == 4 and second["facets"] is None


async def test_phrases_and_exclusions_count_too(api: httpx.AsyncClient, frogs: None, encoder: Encoder) -> None:
    search = {"facets": ["language"], "legs": {"speech_text": 0.6, "metadata_text": 0.4}}

    assert (await ask(api, "frog -jumping", **search))["facets"]["videos"] == 1
    assert (await ask(api, '"green frogs"', **search))["facets"]["videos"] == 3


async def test_the_address_takes_facets_and_others_are_refused(api: httpx.AsyncClient, frogs: None) -> None:
    params = {"q": "frog", "facets": ["language", "attributes.season"]}
    answer = (await api.get("/search", params=params)).json()
    assert list(answer["facets"]["fields"]) == ["language", "attributes.season"]

    for wrong in (["colour"], ["attributes."], ["attributes.*"], ["language"] * 11):
        response = await api.post("/search", json={"query": "frog", "facets": wrong})
        assert response.status_code == 422 and "facets" in response.json()["detail"]
