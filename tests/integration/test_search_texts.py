"""What words find: a table of queries against the real index, and what is asked besides them."""

import csv
import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from opensearchpy import OpenSearch
from searching import SPEECH, ask, ids
from services import Scope

from search_api.settings import SearchSettings

pytest_plugins = ("search_fixtures",)

TABLE: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("search_cases.yaml").read_text(encoding="utf-8"))
WORDS = {"speech_text": 0.6, "metadata_text": 0.4}


@pytest.fixture
def settings(scope: Scope) -> SearchSettings:
    """Time enough for a hundred searches on a busy machine: what is found matters here, not how fast."""
    return scope.read(SearchSettings, encoder_url="http://127.0.0.1:9", deadline_seconds=60.0, leg_timeout_seconds=30.0)


@pytest.fixture
async def filled(
    api: httpx.AsyncClient, engine: OpenSearch, settings: SearchSettings
) -> AsyncIterator[httpx.AsyncClient]:
    """The API over the videos of the table."""
    put(engine, settings, {name: {"speech": text} for name, text in TABLE["speech"].items()} | TABLE["titles"])
    yield api


def put(engine: OpenSearch, settings: SearchSettings, videos: dict[str, dict[str, Any]]) -> None:
    """Index videos: what is no field of a moment is one of the video."""
    lines: list[dict[str, Any]] = []
    for video_id, fields in videos.items():
        own = {name: value for name, value in fields.items() if name not in ("speech", "speech_vector", "visual")}
        video = {
            "video_id": video_id,
            "bucket": "videos",
            "key": f"{video_id}.mp4",
            "revision": 1,
            "status": "ready",
            "duration_seconds": 60.0,
            "spans": [{"state": "d", "run": "won", "lost": 0, "record": None, "reason": None}],
        } | own
        lines += [{"index": {"_index": settings.videos_alias, "_id": video_id}}, video]
        if "speech" in fields:
            shared = {name: value for name, value in video.items() if name not in ("status", "spans", "title")}
            moment = {**shared, "span": 0, "run": "won", "start_seconds": 5.0, "stop_seconds": 9.0, **fields}
            moment.pop("title", None)
            lines += [{"index": {"_index": settings.moments_alias, "_id": f"{video_id}:1:0:won:0"}}, moment]
    answer = engine.bulk(body=lines, params={"refresh": "true"})
    assert not answer["errors"], answer


async def test_every_case_of_the_table(filled: httpx.AsyncClient) -> None:
    wrong = []
    for case in TABLE["cases"]:
        answer = await ask(filled, case["query"], legs=WORDS, limit=50)
        found = ids(answer)
        first = case.get("first", [])
        right = (
            found[: len(first)] == first
            and set(case.get("finds", [])) <= set(found)
            and not set(case.get("hides", [])) & set(found)
            and ("only" not in case or sorted(found) == sorted(case["only"]))
            and answer["warnings"] == []
        )
        if not right:
            wrong.append(f"{case} found {found} {answer['warnings']}")
    assert len(TABLE["cases"]) >= 60
    assert not wrong, "\n" + "\n".join(wrong)


async def test_the_answer_says_how_the_query_was_read(filled: httpx.AsyncClient) -> None:
    answer = await ask(filled, 'кошка "во дворе" без снега')

    assert answer["understood"] == {
        "text": "кошка во дворе",
        "phrases": ["во дворе"],
        "without": ["снега"],
        "then": None,
    }
    assert ids(answer) == ["cats"]


async def test_a_begun_word_and_a_whole_one_are_highlighted(filled: httpx.AsyncClient) -> None:
    (hit,) = (await ask(filled, "чёрные кош снегу бежи", legs={"speech_text": 1}))["hits"]

    pieces = hit["moments"][0]["highlight"]
    assert [piece["text"] for piece in pieces if piece["match"]] == ["Чёрная", "бежит", "снегу"]
    assert "".join(piece["text"] for piece in pieces) == hit["moments"][0]["speech"]


async def test_a_line_that_reads_like_a_negation_is_found_by_its_own_words(
    api: httpx.AsyncClient, engine: OpenSearch, settings: SearchSettings
) -> None:
    put(
        engine,
        settings,
        {
            "line": {"speech": "Жизнь без любви пуста, сказал он."},
            "love": {"speech": "Жизнь полна любви."},
            "life": {"speech": "Жизнь хороша."},
            "title": {"title": "Жизнь без любви"},
        },
    )

    assert ids(await ask(api, "жизнь без любви", legs=WORDS)) == ["line", "life", "title"]
    assert sorted(ids(await ask(api, "жизнь -любви", legs=WORDS))) == ["life"]


async def test_phrases_and_exclusions_hold_in_every_leg_for_speech_and_metadata(
    api: httpx.AsyncClient, engine: OpenSearch, settings: SearchSettings
) -> None:
    picture, words = [0.0, 0.0, 0.0, 1.0], SPEECH["frog"][1]
    moment = {"visual": picture, "speech_vector": words}
    put(
        engine,
        settings,
        {
            "said": {**moment, "speech": "frog in the green pond"},
            "titled": {**moment, "speech": "frog", "title": "The green pond"},
            "apart": {**moment, "speech": "frog near the pond, green"},
            "snowy": {**moment, "speech": "frog", "title": "Snow in the green pond"},
            "silent": {"speech": "", **moment, "title": "The green pond"},
        },
    )

    for leg in ("speech_text", "speech_vector", "picture_vector"):
        answer = await ask(api, 'frog "green pond" -snow', legs={leg: 1}, min_confidence=0)
        expected = {"said", "titled"} | ({"silent"} if leg.endswith("vector") else set())
        # Words alone find a moment by its own speech; the phrase may stand in the title.
        assert set(ids(answer)) == expected, leg
    assert sorted(ids(await ask(api, '"green pond" -snow', legs={"metadata_text": 1}))) == ["silent", "titled"]


FILTERED: list[tuple[dict[str, Any], str]] = [
    ({"language": {"none_of": ["ru"]}}, "ad"),
    ({"categories": {"all_of": ["nature", "pond"]}}, "a"),
    ({"categories": {"any_of": ["nature", "news"], "none_of": ["pond"]}}, "bc"),
    ({"duration_seconds": {"gte": 60, "lt": 120}}, "ad"),
    ({"duration_seconds": {"gt": 60}}, "bc"),
    ({"published_at": {"gte": "2024-01-01", "lt": "2025-01-01"}}, "b"),
    ({"published_at": {"lte": "2024-05-31"}}, "ab"),
    ({"published_at": {"lt": "2024-05-31T12:00:00+02:00"}}, "a"),
    ({"attributes": {"season": "winter"}}, "a"),
    ({"attributes": {"season": ["winter", "summer"]}}, "ab"),
    ({"attributes": {"episode": 7}}, "ab"),
    ({"attributes": {"episode": 7, "season": {"none_of": ["winter"]}}}, "b"),
    ({"attributes": {"sea.son": "winter"}}, ""),
    ({"video_id": {"any_of": ["a", "b"], "none_of": ["b"]}}, "a"),
]


async def test_filters_hold_in_every_leg(api: httpx.AsyncClient, engine: OpenSearch, settings: SearchSettings) -> None:
    frog = {"speech": "frog", "speech_vector": SPEECH["frog"][1], "visual": [0.0, 0.0, 0.0, 1.0], "title": "Frog"}
    put(
        engine,
        settings,
        {
            "a": {
                **frog,
                "language": "en",
                "categories": ["nature", "pond"],
                "published_at": "2020-01-01T00:00:00Z",
                "attributes": {"season": "winter", "episode": 7},
            },
            "b": {
                **frog,
                "language": "ru",
                "categories": ["nature"],
                "duration_seconds": 120.0,
                "published_at": "2024-05-31T11:00:00Z",
                "attributes": {"season": "summer", "episode": 7.0},
            },
            "c": {
                **frog,
                "language": "ru",
                "categories": ["news"],
                "duration_seconds": 600.0,
                "published_at": "2025-02-03T00:00:00Z",
                "attributes": {"seasons": "winter"},
            },
            "d": frog,
        },
    )

    for filters, found in FILTERED:
        for leg in ("speech_text", "speech_vector", "picture_vector", "metadata_text"):
            answer = await ask(api, "frog", filters=filters, legs={leg: 1}, min_confidence=0)
            assert sorted(ids(answer)) == list(found), (leg, filters)
    by_address = await api.get("/search", params={"q": "frog", "language": ["ru", "de"], "categories": "news"})
    assert ids(by_address.json()) == ["c"]

    assert ids(await ask(api, "frog", sort="newest")) == ["c", "b", "a", "d"]
    assert ids(await ask(api, "frog", sort="oldest", limit=3)) == ["a", "b", "c"]


async def test_by_moment_and_as_a_table(filled: httpx.AsyncClient) -> None:
    answer = await ask(filled, "кошка", legs=WORDS, group_by="moment")
    assert [len(hit["moments"]) for hit in answer["hits"]] == [1, 1]

    for request in (
        filled.get("/search", params={"q": "кошка", "format": "csv", "limit": 1}),
        filled.get("/search", params={"q": "кошка", "limit": 1}, headers={"accept": "text/csv"}),
        filled.post("/search", json={"query": "кошка", "limit": 1}, headers={"accept": "text/csv"}),
        filled.post("/search?format=csv", json={"query": "кошка", "limit": 1}),
    ):
        response = await request
        assert response.headers["content-type"] == "text/csv; charset=utf-8"
        (row,) = csv.DictReader(io.StringIO(response.text, newline=""))
        assert (row["hit"], row["video_id"], row["start_seconds"]) == ("1", "cat", "5.0")
        assert row["speech"] == TABLE["speech"]["cat"]


async def test_min_confidence_replaces_the_configured_cut_off(
    api: httpx.AsyncClient, engine: OpenSearch, settings: SearchSettings
) -> None:
    tail = {f"v{n}": {"speech": "x", "speech_vector": [0.1 + n / 1000, 0.9, 0.1]} for n in range(40)}
    put(engine, settings, tail | {"frog": {"speech": "y", "speech_vector": SPEECH["frog"][1]}})

    fields = {"legs": {"speech_vector": 1}, "limit": 100, "explain": True}
    configured = await ask(api, "frog", **fields)
    everything = await ask(api, "frog", min_confidence=0, **fields)

    assert everything["explanation"]["speech_vector"]["cut"] == 0
    assert len(everything["hits"]) == 41 > len(configured["hits"])
    assert configured["explanation"]["speech_vector"]["cut"] == 41 - len(configured["hits"])


async def test_a_query_of_many_different_words_is_answered_and_says_how_many_were_looked_up(
    filled: httpx.AsyncClient,
) -> None:
    answer = await ask(filled, "лягушка прыгает " + " ".join(f"слово{n:03}" for n in range(90)) + ' "a b" -c')
    assert answer["hits"] == []
    message = "Of this query, only the first 40 different words were looked up as words."
    assert answer["warnings"] == [{"code": "query_shortened", "message": message, "legs": []}]
