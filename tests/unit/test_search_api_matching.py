"""Re-cuts found over an index that answers exactly: from stored vectors to offsets, only what is shown."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx
import numpy as np
import orjson
import pytest
from opensearchpy import AsyncOpenSearch, ConnectionError

from search_api.app import create_app
from search_api.matching import MOST_MOMENTS
from search_api.object_store import connect_store
from search_api.routes import Services
from search_api.settings import SearchSettings
from search_api.video_services import VideoServices

NOWHERE = "http://127.0.0.1:9"
DICE = np.random.default_rng(3)
PICTURES = DICE.normal(size=(40, 16))


def vector(shot: int, sway: float = 0.02) -> list[float]:
    """The picture of a shot, as another encoding of it would look."""
    row = PICTURES[shot] + DICE.normal(scale=sway, size=16)
    return [float(x) for x in row / np.linalg.norm(row)]


class Engine(AsyncOpenSearch):  # type: ignore[misc]
    """A small index that compares every vector with every other."""

    def __init__(self) -> None:
        self.moments: dict[str, dict[str, Any]] = {}
        self.videos: dict[str, dict[str, Any]] = {}
        self.searches = 0
        self.down = False

    def add(self, video: str, shots: list[tuple[int, float]], **changes: Any) -> None:
        start = 0.0
        for n, (shot, seconds) in enumerate(shots):
            claim = {"video_id": video, "revision": 1, "span": 0, "run": "won"}
            times = {"start_seconds": start, "stop_seconds": start + seconds}
            self.moments[f"{video}:1:0:won:{n}"] = {**claim, **times, "visual": vector(shot)}
            start += seconds
        spans = [{"state": "d", "run": "won"}]
        entry = {"bucket": "b", "key": f"{video}.mp4", "revision": 1, "status": "ready", "spans": spans}
        self.videos[video] = {**entry, "duration_seconds": start, "title": video.upper(), **changes}

    async def search(self, *, index: str, body: dict[str, Any]) -> dict[str, Any]:
        """The moments of a video, in order."""
        video, _, _, start = body["query"]["bool"]["filter"]
        found = [
            {"_id": name, "_source": moment}
            for name, moment in self.moments.items()
            if moment["video_id"] == video["term"]["video_id"]
            and moment["start_seconds"] >= start["range"]["start_seconds"]["gte"]
        ]
        return {"hits": {"hits": found[: body["size"]]}}

    async def msearch(self, *, body: bytes, **_: Any) -> dict[str, Any]:
        """Exact nearest neighbours, or all vectors."""
        if self.down:
            raise ConnectionError("N/A", "gone", None)
        return {"responses": [self._answer(orjson.loads(line)) for line in body.splitlines()[1::2]]}

    def _answer(self, body: dict[str, Any]) -> dict[str, Any]:
        if "knn" not in body["query"]:
            field = body["_source"][0]
            hits = [{"_source": moment} for moment in self.moments.values() if field in moment]
            return {"hits": {"hits": hits, "total": {"value": len(hits)}}}
        self.searches += 1
        (wanted,) = body["query"]["knn"].values()
        left_out = wanted["filter"]["bool"]["must_not"][0]["term"]["video_id"]
        near = [
            {"_id": name, "_score": 1.0 + float(np.dot(moment["visual"], wanted["vector"])), "_source": moment}
            for name, moment in self.moments.items()
            if moment["video_id"] != left_out
        ]
        return {"hits": {"hits": sorted(near, key=lambda hit: -float(hit["_score"]))[: wanted["k"]]}}

    async def mget(self, *, body: Mapping[str, Any], **_: Any) -> dict[str, Any]:
        """The ledger."""
        return {"docs": [{"_id": n, "found": n in self.videos, "_source": self.videos.get(n)} for n in body["ids"]]}

    async def close(self) -> None:
        """Nothing to close."""


FILM = [(shot, 4.0 + shot % 5) for shot in range(12)]


@pytest.fixture
def engine() -> Engine:
    engine = Engine()
    engine.add("film", FILM)
    for n in range(4):
        engine.add(f"other{n}", [(12 + 7 * n + k, 6.0) for k in range(7)])
    return engine


@pytest.fixture
async def api(engine: Engine) -> AsyncIterator[httpx.AsyncClient]:
    settings = SearchSettings(opensearch_url=NOWHERE, encoder_url=NOWHERE)
    app = create_app(settings)
    transport = httpx.ASGITransport(app)
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=transport, base_url="http://kadr") as api:
        app.state.services = Services(engine, app.state.services.encoder, settings)
        app.state.videos = VideoServices(engine, connect_store(settings), settings)
        yield api


async def matches(api: httpx.AsyncClient, video: str, **wish: Any) -> dict[str, Any]:
    response = await api.get(f"/videos/{video}/matches", params=wish)
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


async def test_a_recut_is_found_with_its_offset_and_unrelated_videos_are_not(
    api: httpx.AsyncClient, engine: Engine
) -> None:
    # The film from its fourth shot on, after an intro of 9 s.
    engine.add("recut", [(39, 9.0), *FILM[3:8]])
    start = sum(seconds for _, seconds in FILM[:3])
    length = sum(seconds for _, seconds in FILM[3:8])

    answer = await matches(api, "film")

    (match,) = answer["matches"]
    assert (match["video_id"], match["title"], match["key"]) == ("recut", "RECUT", "recut.mp4")
    assert match["offset_seconds"] == pytest.approx(9.0 - start)
    (interval,) = match["intervals"]
    assert (interval["start_seconds"], interval["stop_seconds"]) == (start, start + length)
    assert (interval["other_start_seconds"], interval["other_stop_seconds"]) == (9.0, 9.0 + length)
    assert match["score"] == pytest.approx(length / (length + 9.0), abs=0.05)
    assert answer["moments"] == answer["compared"] == len(FILM)


async def test_the_other_way_round_the_offset_is_the_opposite(api: httpx.AsyncClient, engine: Engine) -> None:
    engine.add("recut", FILM[3:8])

    there, back = (await matches(api, "film"))["matches"][0], (await matches(api, "recut"))["matches"][0]

    assert there["offset_seconds"] == -back["offset_seconds"]
    assert there["score"] == pytest.approx(back["score"], abs=0.02)


async def test_a_piece_matches_within_its_bounds(api: httpx.AsyncClient, engine: Engine) -> None:
    engine.add("copy", FILM)

    (match,) = (await matches(api, "film", start=10, end=20))["matches"]

    (interval,) = match["intervals"]
    assert (interval["start_seconds"], interval["stop_seconds"], match["offset_seconds"]) == (10.0, 20.0, 0.0)
    assert match["score"] > 0.9


async def test_what_is_not_shown_is_no_match(api: httpx.AsyncClient, engine: Engine) -> None:
    engine.add("deleted", FILM, status="deleted")
    engine.add("anew", FILM, revision=2)

    assert (await matches(api, "film"))["matches"] == []


async def test_the_best_comes_first_and_few_are_shown_if_few_are_asked_for(
    api: httpx.AsyncClient, engine: Engine
) -> None:
    engine.add("half", [*FILM[:6], *[(38, 30.0)]])
    engine.add("copy", FILM)

    assert [match["video_id"] for match in (await matches(api, "film"))["matches"]] == ["copy", "half"]
    assert [match["video_id"] for match in (await matches(api, "film", limit=1))["matches"]] == ["copy"]
    assert [match["video_id"] for match in (await matches(api, "film", min_score=0.9))["matches"]] == ["copy"]


async def test_of_a_very_long_video_moments_are_compared_evenly(api: httpx.AsyncClient, engine: Engine) -> None:
    engine.add("long", [(n % 12, 5.0) for n in range(2 * MOST_MOMENTS)])

    answer = await matches(api, "long")

    assert (answer["moments"], answer["compared"]) == (2 * MOST_MOMENTS, MOST_MOMENTS)
    assert engine.searches == MOST_MOMENTS


@pytest.mark.parametrize(
    ("wish", "named"),
    [
        ({"start": 20, "end": 20}, "begin before it ends"),
        ({"start": 1e5}, "begin before it ends"),
        ({"end": -1}, "end"),
    ],
)
async def test_a_piece_that_is_none_is_refused(api: httpx.AsyncClient, wish: dict[str, float], named: str) -> None:
    response = await api.get("/videos/film/matches", params=wish)

    assert response.status_code == 422
    assert named in response.json()["detail"]


async def test_an_unknown_video_and_an_engine_that_is_away_are_problems(api: httpx.AsyncClient, engine: Engine) -> None:
    assert (await api.get("/videos/nothing/matches")).status_code == 404
    engine.down = True
    assert (await api.get("/videos/film/matches")).status_code == 503
