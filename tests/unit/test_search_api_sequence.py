"""A then B: which moments are paired, in which order, and what the hit says of it."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx
import orjson
import pytest
from opensearchpy import AsyncOpenSearch

from search_api.app import create_app
from search_api.routes import Services
from search_api.settings import SearchSettings

NOWHERE = "http://127.0.0.1:9"


class Engine(AsyncOpenSearch):  # type: ignore[misc]
    """Moments with one word each; finds those whose word the query has."""

    def __init__(self, **videos: list[tuple[str, float]]) -> None:
        self.videos = videos
        self.filters: list[Any] = []

    async def msearch(self, *, body: bytes, **_: Any) -> dict[str, Any]:
        """Only the words of the speech are searched here."""
        lines = [orjson.loads(line) for line in body.splitlines()]
        return {
            "responses": [
                self._answer(line.decode(), head["index"])
                for head, line in zip(lines[::2], body.splitlines()[1::2], strict=True)
            ]
        }

    def _answer(self, asked: str, index: str) -> dict[str, Any]:
        hits = []
        only = [
            each["terms"]["video_id"] for each in _filters(orjson.loads(asked)) if "video_id" in each.get("terms", {})
        ]
        self.filters.append(only)
        for video, moments in self.videos.items() if index == "moments" else ():
            for n, (word, start) in enumerate(moments):
                if f'"{word}"' in asked and (not only or video in only[0]):
                    claim = {"video_id": video, "revision": 1, "span": 0, "run": "won"}
                    source = {**claim, "start_seconds": start, "stop_seconds": start + 5.0, "speech": word}
                    hits.append({"_id": f"{video}:{n}", "_score": 10.0 - n, "_source": source})
        return {"hits": {"hits": sorted(hits, key=lambda hit: -float(str(hit["_score"])))}}

    async def mget(self, *, body: Mapping[str, Any], **_: Any) -> dict[str, Any]:
        """The ledger."""
        spans = [{"state": "d", "run": "won"}]
        entry = {"bucket": "b", "key": "k", "revision": 1, "status": "ready", "spans": spans}
        return {"docs": [{"_id": name, "found": True, "_source": entry} for name in body["ids"]]}

    async def close(self) -> None:
        """Nothing to close."""


def _filters(body: dict[str, Any]) -> list[dict[str, Any]]:
    return list(body["query"].get("bool", {}).get("filter", []))


@pytest.fixture
def engine() -> Engine:
    return Engine(
        both=[("cat", 0.0), ("sea", 5.0), ("dog", 12.0), ("dog", 60.0)],
        late=[("cat", 0.0), ("dog", 50.0)],
        before=[("dog", 0.0), ("cat", 5.0)],
        twice=[("cat", 0.0), ("dog", 5.0), ("cat", 100.0), ("dog", 106.0)],
        alone=[("cat", 0.0)],
    )


@pytest.fixture
async def api(engine: Engine) -> AsyncIterator[httpx.AsyncClient]:
    settings = SearchSettings(opensearch_url=NOWHERE, encoder_url=NOWHERE)
    app = create_app(settings)
    transport = httpx.ASGITransport(app)
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=transport, base_url="http://kadr") as api:
        app.state.services = Services(engine, app.state.services.encoder, settings)
        yield api


async def ask(api: httpx.AsyncClient, query: str, **fields: Any) -> dict[str, Any]:
    response = await api.post("/search", json={"query": query, "legs": {"speech_text": 1}, **fields})
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


async def test_only_videos_in_which_the_one_follows_the_other_are_found(api: httpx.AsyncClient, engine: Engine) -> None:
    answer = await ask(api, "cat", then={"text": "dog", "within_seconds": 10})

    assert sorted(hit["video_id"] for hit in answer["hits"]) == ["both", "twice"]
    assert answer["understood"]["then"] == {"text": "dog", "phrases": [], "without": [], "within_seconds": 10.0}
    assert engine.filters[-1] == [["alone", "before", "both", "late", "twice"]], "B is looked for where A is"


async def test_the_hit_says_what_follows_and_when(api: httpx.AsyncClient) -> None:
    answer = await ask(api, "cat", then={"text": "dog"}, filters={"video_id": ["both"]})

    ((moment,),) = (hit["moments"] for hit in answer["hits"] if hit["video_id"] == "both")
    assert (moment["start_seconds"], moment["speech"]) == (0.0, "cat")
    then = moment["then"]
    assert (then["moment_id"], then["start_seconds"], then["after_seconds"], then["speech"]) == (
        "both:2",
        12.0,
        7.0,
        "dog",
    )
    assert then["legs"]["speech_text"]["rank"] >= 1
    assert moment["score"] == pytest.approx(sum(leg["share"] for leg in moment["legs"].values()))
    assert moment["score"] > then["score"] > 0


@pytest.mark.parametrize(
    "query", ["cat ->10s dog", "cat →10с dog", "cat, then within 10 seconds dog", "cat, затем в течение 10 секунд dog"]
)
async def test_the_text_of_a_query_says_the_same(api: httpx.AsyncClient, query: str) -> None:
    typed = await ask(api, query)
    said = await ask(api, "cat", then={"text": "dog", "within_seconds": 10})
    address = await api.get("/search", params={"q": query})

    assert typed["query"] == query
    assert typed["hits"] == said["hits"] and typed["hits"]
    assert address.status_code == 200, "a text that has steps is no error without the legs"


async def test_the_time_between_the_two_bounds_what_is_found(api: httpx.AsyncClient) -> None:
    assert "late" in [hit["video_id"] for hit in (await ask(api, "cat ->45s dog"))["hits"]]
    assert "late" not in [hit["video_id"] for hit in (await ask(api, "cat ->44s dog"))["hits"]]


async def test_moments_are_hits_if_they_are_asked_for(api: httpx.AsyncClient) -> None:
    moments = await ask(api, "cat ->10s dog", group_by="moment")
    videos = await ask(api, "cat ->10s dog")
    one = await ask(api, "cat ->10s dog", limit=1)

    found = sorted((hit["video_id"], hit["moments"][0]["start_seconds"]) for hit in moments["hits"])
    assert found == [("both", 0.0), ("twice", 0.0), ("twice", 100.0)]
    assert {hit["video_id"]: len(hit["moments"]) for hit in videos["hits"]} == {"both": 1, "twice": 2}
    assert len(one["hits"]) == 1 and one["next"] is None


async def test_nothing_follows_nothing(api: httpx.AsyncClient) -> None:
    assert (await ask(api, "whale -> dog"))["hits"] == []
    assert (await ask(api, "cat -> whale"))["hits"] == []


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"query": "a -> b -> c"}, "one arrow"),
        ({"query": "a -> b", "then": {"text": "c"}}, "said twice"),
        ({"query": "a", "then": {"text": "b -> c"}}, "no further step"),
        ({"query": "a", "then": {"text": ""}}, "then.text"),
        ({"query": "a", "then": {"text": "b", "within_seconds": 0}}, "within_seconds"),
        ({"query": "a", "then": {"text": "b", "within_seconds": 4000}}, "within_seconds"),
        ({"query": "a -> -b"}, "only says what to leave out"),
        ({"query": "a -> b", "page": "AAAA"}, "one page"),
        ({"query": "a -> b", "facets": ["language"]}, "no facets"),
    ],
)
async def test_what_cannot_be_meant_is_a_problem(api: httpx.AsyncClient, body: dict[str, Any], named: str) -> None:
    response = await api.post("/search", json=body)

    assert response.status_code == 422
    assert named in response.json()["detail"]


@pytest.mark.parametrize(
    "address", ["q=a->b&then=c", "q=a&within_seconds=3", "q=a->b&page=AAAA", "q=a&then=b->c", "q=a->b&facets=language"]
)
async def test_what_an_address_cannot_mean_is_a_problem(api: httpx.AsyncClient, address: str) -> None:
    assert (await api.get(f"/search?{address}")).status_code == 422
