"""Pages of one search, turned while others index and delete (at full length with `pytest --walks 1000`)."""

import random
import time
from typing import Any

import httpx
import pytest
from frogs import MOMENTS, Corpus
from opensearchpy import OpenSearch
from searching import Add, ask, ids

from search_api.settings import SearchSettings

pytest_plugins = ("search_fixtures",)

STEADY = 40
LEGS: list[dict[str, float] | None] = [
    None,
    {"speech_text": 1.0},
    {"speech_vector": 1.0},
    {"picture_vector": 1.0},
    {"speech_text": 0.6, "speech_vector": 0.4},
]


@pytest.fixture
def corpus(engine: OpenSearch, settings: SearchSettings) -> Corpus:
    corpus = Corpus(engine, settings)
    names = [*(f"steady{n}" for n in range(STEADY)), *(f"passing{n}" for n in range(20))]
    corpus.write(*names, refresh="true")
    return corpus


def shown(answer: dict[str, Any]) -> list[tuple[str, float | None]]:
    """The hits of a page: videos, and of a hit that is a moment also its start."""
    if answer["grouped"] == "video":
        return [(hit["video_id"], None) for hit in answer["hits"]]
    return [(hit["video_id"], hit["moments"][0]["start_seconds"]) for hit in answer["hits"]]


async def walk(api: httpx.AsyncClient, corpus: Corpus, dice: random.Random) -> int:
    """Turn all pages of one search; returns how many there were."""
    group_by = dice.choice(["video", "moment"])
    search: dict[str, Any] = {
        **{"group_by": group_by, "sort": dice.choice(["relevance", "newest", "oldest"])},
        **{"fusion": dice.choice(["rrf", "normalised", "calibrated"]), "collapse": dice.random() < 0.5},
        **{"depth": 1000, "min_confidence": 0.0, "legs": dice.choice(LEGS), "explain": True},
    }
    seen: list[tuple[str, float | None]] = []
    page, pages = None, 0
    while page or not pages:
        asked_at = time.monotonic()
        answer = await ask(api, "frog", **search, limit=dice.choice([7, 20, 50]), page=page)
        hits = shown({**answer, "grouped": group_by})
        stale = [name for name, _ in hits if corpus.deleted.get(name, asked_at) < asked_at]
        assert stale == [], "a deleted video shows"
        assert answer["warnings"] == [], "the machine is too slow for this test"
        seen += hits
        page, pages = answer["next"], pages + 1
    assert len(seen) == len(set(seen)), "a hit is repeated"
    starts = [None] if group_by == "video" else [20.0 * n for n in range(MOMENTS)]
    steady = {(f"steady{n}", start) for n in range(STEADY) for start in starts}
    assert steady <= set(seen), f"a hit is skipped: {search} {answer['explanation']}"
    return pages


@pytest.mark.timeout(3600)
async def test_no_page_repeats_or_skips_a_hit_while_others_index_and_delete(
    api: httpx.AsyncClient, corpus: Corpus, request: pytest.FixtureRequest
) -> None:
    walks: int = request.config.getoption("--walks")
    dice = random.Random(11)
    with corpus.changing():
        pages = [await walk(api, corpus, dice) for _ in range(walks)]

    print(f"{walks} walks, {sum(pages)} pages, {corpus.changes} videos written and {len(corpus.deleted)} deleted")
    assert sum(pages) > 2 * walks
    assert corpus.changes > walks / 10, "too little changed for this to say anything"


async def test_a_video_that_is_deleted_between_two_pages_is_not_on_the_second(
    api: httpx.AsyncClient, corpus: Corpus
) -> None:
    search = {"limit": 20, "legs": {"speech_text": 1.0}, "sort": "newest"}
    whole = ids(await ask(api, "frog", **{**search, "limit": 100}))
    first = await ask(api, "frog", **search)
    corpus.delete(whole[20])

    second = await ask(api, "frog", **search, page=first["next"])

    assert ids(second) == whole[21:41], "the page is full all the same"


async def test_pages_keep_their_explanations_and_a_page_can_be_turned_to_again(
    api: httpx.AsyncClient, corpus: Corpus
) -> None:
    search = {"limit": 5, "legs": {"speech_text": 1.0}, "explain": True}
    first = await ask(api, "frog", **search)
    second = await ask(api, "frog", **search, page=first["next"])
    again = await ask(api, "frog", **search, page=first["next"])

    assert second["hits"] == again["hits"]
    assert second["explanation"] == first["explanation"]
    assert second["hits"][0]["moments"][0]["highlight"]
    assert second["hits"][0]["score"] <= first["hits"][-1]["score"]


async def test_the_address_pages_as_the_body_does(api: httpx.AsyncClient, corpus: Corpus) -> None:
    params = {"q": "frog", "limit": "5"}
    token = (await api.get("/search", params=params)).json()["next"]

    got = await api.get("/search", params={**params, "page": token})
    posted = await ask(api, "frog", limit=5, page=token)

    assert ids(got.json()) == ids(posted) and len(ids(posted)) == 5


async def test_a_table_has_the_token_of_its_next_page_in_a_header(api: httpx.AsyncClient, corpus: Corpus) -> None:
    search = {"query": "frog", "limit": 5}
    table = await api.post("/search", params={"format": "csv"}, json=search)

    second = await ask(api, "frog", limit=5, page=table.headers["Kadr-Next"])

    assert ids(second) and not any(name in table.text for name in ids(second))
    last = await api.post("/search", params={"format": "csv"}, json={**search, "limit": 100})
    assert "Kadr-Next" not in last.headers


async def test_a_wrong_token_is_a_problem_that_says_what_to_do(api: httpx.AsyncClient, corpus: Corpus) -> None:
    token = (await ask(api, "frog"))["next"]

    cases = [
        ({"query": "snow", "page": token}, 422, "page-of-another-search", "first page"),
        ({"query": "frog", "page": token, "sort": "newest"}, 422, "page-of-another-search", "first page"),
        ({"query": "frog", "page": "nonsense"}, 422, "invalid-page", "`next`"),
        ({"query": "frog", "page": "A" * 20}, 410, "page-expired", "without `page`"),
        ({"query": "frog", "depth": 1001}, 422, "invalid-request", "1000"),
    ]
    for body, status, kind, said in cases:
        response = await api.post("/search", json=body)
        problem = response.json()
        assert (response.status_code, problem["type"]) == (status, f"urn:kadr:problem:{kind}")
        assert response.headers["content-type"] == "application/problem+json"
        assert said in problem["detail"]


async def test_the_last_page_says_so_and_whether_more_may_lie_deeper(api: httpx.AsyncClient, add: Add) -> None:
    for n in range(4):
        add(f"v{n}", "frog")
    search = {"limit": 2, "legs": {"speech_text": 1.0}}

    first = await ask(api, "frog", **search, depth=3)
    last = await ask(api, "frog", **search, depth=3, page=first["next"])
    assert (len(last["hits"]), last["next"]) == (1, None)
    (warning,) = last["warnings"]
    assert warning["code"] == "depth_reached" and "3 hits only" in warning["message"]

    first = await ask(api, "frog", **search)
    last = await ask(api, "frog", **search, page=first["next"])
    assert (len(last["hits"]), last["next"], last["warnings"]) == (2, None, [])
