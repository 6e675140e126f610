"""A search against an OpenSearch that answers what a test says."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import orjson
import pytest
from opensearchpy import AsyncOpenSearch, ConnectionError

from encoders.client import EncoderClient
from search_api.encoding import EncodedQuery
from search_api.filters import Filters
from search_api.fusion import LegName
from search_api.search import Found, GroupBy, Query, Searcher, Sort
from search_api.settings import SearchSettings
from search_api.syntax import parse
from search_api.warned import SearchWarning, WarningCode

SPEECH, METADATA = LegName.SPEECH_TEXT, LegName.METADATA_TEXT
NOWHERE = "http://127.0.0.1:9"
DATES = {
    "old": "2020-01-01T00:00:00Z",
    "new": "2024-05-31T10:00:00+02:00",
    "newer": "2024-05-31T09:00:00",
    "none": None,
}


def moment(video: str, number: int, score: float) -> dict[str, Any]:
    source = {"video_id": video, "revision": 1, "span": 0, "run": "won", "start_seconds": number, "stop_seconds": 9.0}
    return {"_id": f"{video}:{number}", "_score": score, "_source": source}


class Engine(AsyncOpenSearch):  # type: ignore[misc]
    """Gives each index its hits; keeps what it was asked."""

    def __init__(self, **hits: list[dict[str, Any]]) -> None:
        self.hits = hits
        self.timed_out: tuple[str, ...] = ()
        self.bodies: list[tuple[str, dict[str, Any]]] = []

    async def msearch(self, *, body: bytes, **_: Any) -> dict[str, Any]:
        """One response for each search."""
        lines = [orjson.loads(line) for line in body.splitlines()]
        asked = [(head["index"], search) for head, search in zip(lines[::2], lines[1::2], strict=True)]
        self.bodies += asked
        return {
            "responses": [
                {"timed_out": index in self.timed_out, "hits": {"hits": self.hits.get(index, [])}} for index, _ in asked
            ]
        }

    async def mget(self, *, body: Mapping[str, Any], **_: Any) -> dict[str, Any]:
        """The ledger."""
        spans = [{"state": "d", "run": "won"}]
        return {
            "docs": [
                {
                    "_id": name,
                    "found": True,
                    "_source": {
                        **{"bucket": "b", "key": name, "revision": 1, "status": "ready", "spans": spans},
                        "published_at": DATES.get(name),
                    },
                }
                for name in body["ids"]
            ]
        }


QUERY = Query(parse("frog"), limit=10, moments_per_video=3, weights={SPEECH: 0.6, METADATA: 0.4}, filters=Filters())


async def found_by(engine: Engine, **changes: Any) -> Found:
    async with EncoderClient(NOWHERE) as encoder:
        return await Searcher(engine, encoder, SearchSettings()).search(replace(QUERY, **changes))


def ids(found: Found) -> list[str]:
    return [hit.ledger.video_id for hit in found.videos]


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        (Sort.RELEVANCE, ["none", "newer", "old", "new"]),
        (Sort.NEWEST, ["newer", "new", "old", "none"]),
        (Sort.OLDEST, ["old", "new", "newer", "none"]),
    ],
)
async def test_the_order_is_the_one_that_is_asked_for(sort: Sort, order: list[str]) -> None:
    engine = Engine(moments=[moment(video, 1, 5.0) for video in ("none", "newer", "old", "new")])

    assert ids(await found_by(engine, sort=sort)) == order
    assert ids(await found_by(engine, sort=sort, limit=2)) == order[:2], (
        "the best are not chosen before they are sorted"
    )


async def test_grouped_by_moment_the_limit_counts_moments() -> None:
    engine = Engine(
        moments=[moment("old", 1, 9.0), moment("new", 1, 8.0), moment("old", 2, 7.0), moment("old", 3, 6.0)],
        videos=[{"_id": "none", "_score": 1.0}],
    )

    found = await found_by(engine, group_by=GroupBy.MOMENT, limit=3)

    assert [[each.moment_id for each in hit.fused.moments] for hit in found.videos] == [["old:1"], ["new:1"], ["old:2"]]


async def test_a_leg_that_runs_out_of_time_is_named_and_its_hits_count() -> None:
    engine = Engine(moments=[moment("old", 1, 9.0)], videos=[{"_id": "new", "_score": 1.0}])
    engine.timed_out = ("videos",)

    found = await found_by(engine)

    assert ids(found) == ["old", "new"]
    message = "The leg metadata_text ran out of time; some of its hits may be missing."
    assert found.warnings == (SearchWarning(WarningCode.LEG_TIMED_OUT, message, (METADATA,)),)


@pytest.mark.parametrize("hangs", [True, False])
async def test_without_a_sample_of_the_index_a_vector_leg_stays_whole_and_the_answer_says_so(
    hangs: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    class WithoutSample(Engine):
        async def msearch(self, *, body: bytes, **more: Any) -> dict[str, Any]:
            if b"random_score" not in body:
                return await super().msearch(body=body, **more)
            if hangs:
                await asyncio.sleep(60)
            raise ConnectionError("N/A", "gone", None)

    async def encoded(*_: Any, **__: Any) -> EncodedQuery:
        return EncodedQuery({LegName.PICTURE_VECTOR: np.ones(2, np.float32)}, ())

    monkeypatch.setattr("search_api.search.encode_query", encoded)
    monkeypatch.setenv("KADR_LEG_TIMEOUT_SECONDS", "0.1")
    engine = WithoutSample(moments=[moment("old", 1, 1.2)])

    found = await found_by(engine, weights={LegName.PICTURE_VECTOR: 1.0})

    assert ids(found) == ["old"]
    message = "OpenSearch gave no sample of the index; not cut off, and without confidence: picture_vector."
    assert found.warnings == (SearchWarning(WarningCode.CONFIDENCE_UNKNOWN, message, (LegName.PICTURE_VECTOR,)),)


async def test_every_leg_has_less_time_than_the_search() -> None:
    engine = Engine()
    await found_by(engine)

    settings = SearchSettings()
    for _, body in engine.bodies:
        assert 0 < int(body["timeout"].removesuffix("ms")) <= settings.leg_timeout_seconds * 1000
    assert settings.leg_timeout_seconds < settings.deadline_seconds


async def test_plain_queries_ask_once_and_those_with_phrases_ask_for_their_videos_first() -> None:
    plain, phrases = Engine(), Engine(videos=[{"_id": "new", "_score": 1.0}])
    await found_by(plain)
    await found_by(phrases, wanted=parse('"green frog" -snow'))

    assert [index for index, _ in plain.bodies] == ["moments", "videos"]
    assert [index for index, _ in phrases.bodies] == ["videos", "videos", "moments", "videos"]
    conditions = phrases.bodies[2][1]["query"]["bool"]
    assert {"terms": {"video_id": ["new"]}} in conditions["filter"][0]["bool"]["should"]
    assert {"terms": {"video_id": ["new"]}} in conditions["must_not"]


async def test_says_how_much_of_a_long_query_was_looked_up() -> None:
    found = await found_by(Engine(), wanted=parse(" ".join(f"word{n}" for n in range(41))))

    message = "Of this query, only the first 40 different words were looked up as words."
    assert found.warnings == (SearchWarning(WarningCode.QUERY_SHORTENED, message),)


async def test_where_the_only_leg_knows_no_word_of_the_query_nothing_is_found_and_nothing_is_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def encoded(*_: Any, **__: Any) -> EncodedQuery:
        return EncodedQuery({}, (), unknown=frozenset({LegName.PICTURE_VECTOR}))

    monkeypatch.setattr("search_api.search.encode_query", encoded)
    engine = Engine(moments=[moment("old", 1, 1.2)])

    found = await found_by(engine, weights={LegName.PICTURE_VECTOR: 1.0})

    assert (found.videos, found.warnings, engine.bodies) == ((), (), [])


async def test_a_text_that_has_few_of_the_words_is_left_out_unless_all_is_asked_for() -> None:
    hits = [
        {**moment("old", 1, 9.0), "matched_queries": ["green", "frog", "pond"]},
        {**moment("new", 1, 8.0), "matched_queries": ["frog"]},
    ]

    found = await found_by(Engine(moments=hits), wanted=parse("green frog pond"))
    everything = await found_by(Engine(moments=hits), wanted=parse("green frog pond"), min_confidence=0.0)

    assert (ids(found), ids(everything)) == (["old"], ["old", "new"])
    assert found.legs[SPEECH].cut == 1
