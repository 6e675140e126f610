"""Searches while OpenSearch is slow: what is promised comes, and within the deadline."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from opensearchpy import OpenSearch
from searching import Add, Encoder, ids
from slow_proxy import SlowProxy

from search_api.app import create_app
from search_api.routes import Services
from search_api.settings import SearchSettings

pytest_plugins = ("search_fixtures",)

DEADLINE, FOR_EVER = 6.0, 60.0
GRACE = 2.0
"""What a busy machine may take longer."""
LEGS, SAMPLE, MENTIONS, LEDGER = '"highlight"', "random_score", '"size":10000', "source.etag"
PICTURES, FACETS = "_source_includes=visual", '"aggs"'


@pytest.fixture
async def proxy(settings: SearchSettings) -> AsyncIterator[SlowProxy]:
    async with SlowProxy(settings.opensearch_url).serving() as proxy:
        yield proxy


@pytest.fixture
async def slow_api(
    engine: OpenSearch, settings: SearchSettings, encoder: Encoder, proxy: SlowProxy
) -> AsyncIterator[httpx.AsyncClient]:
    """The API behind the proxy."""
    changes = {
        **{"opensearch_url": proxy.url, "deadline_seconds": DEADLINE},
        **{"encoder_deadline_seconds": 0.8, "leg_timeout_seconds": 0.8},
    }
    behind = settings.model_copy(update=changes)
    app = create_app(behind)
    transport = httpx.ASGITransport(app)
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=transport, base_url="http://kadr") as api:
        app.state.services = Services(app.state.services.client, encoder, behind, app.state.metrics)
        yield api


async def timed(api: httpx.AsyncClient, query: str, **fields: Any) -> tuple[int, dict[str, Any]]:
    """The answer, which must come within the deadline."""
    started = time.monotonic()
    response = await api.post("/search", json={"query": query, **fields}, timeout=FOR_EVER)
    took = time.monotonic() - started
    assert took < DEADLINE + GRACE, f"the answer came after {took:.1f} s"
    return response.status_code, response.json()


@pytest.mark.parametrize(
    ("slow", "query", "search", "code", "said"),
    [
        (SAMPLE, "frogs", {}, "confidence_unknown", "no sample of the index"),
        (MENTIONS, '"green frogs"', {}, "phrases_incomplete", "Not all videos were looked at"),
        (FACETS, "frogs", {"facets": ["language"]}, "facets_missing", "did not count the facets"),
        (PICTURES, "frogs", {}, "duplicates_unchecked", "near-duplicates"),
    ],
    ids=["sample", "mentions", "facets", "pictures"],
)
async def test_what_is_slow_and_not_needed_is_left_out_and_named(
    slow_api: httpx.AsyncClient,
    add: Add,
    proxy: SlowProxy,
    slow: str,
    query: str,
    search: dict[str, Any],
    code: str,
    said: str,
) -> None:
    add("v1", "frog", "frog")
    proxy.delay(slow, FOR_EVER)

    status, answer = await timed(slow_api, query, **search)

    assert (status, ids(answer)) == (200, ["v1"])
    (warning,) = answer["warnings"]
    assert warning["code"] == code and said in warning["message"]
    assert proxy.delayed


@pytest.mark.parametrize("slow", ["", LEGS, LEDGER], ids=["everything", "legs", "ledger"])
async def test_without_legs_or_ledger_the_problem_comes_within_the_deadline_and_goes_with_its_cause(
    slow_api: httpx.AsyncClient, add: Add, proxy: SlowProxy, slow: str
) -> None:
    add("v1", "frog", title="Frog")
    proxy.delay(slow, FOR_EVER)

    answers = await asyncio.gather(*(timed(slow_api, f"frogs {n}") for n in range(8)))

    for status, problem in answers:
        assert status == 503
        assert problem["type"] == "urn:kadr:problem:search-unavailable"
        assert f"longer than {DEADLINE:g} s" in problem["detail"]
    proxy.hurry()
    status, answer = await timed(slow_api, "frogs")
    assert (status, ids(answer)) == (200, ["v1"])


async def test_slow_encoder_slow_sample_and_slow_mentions_together_still_leave_time_for_an_answer(
    slow_api: httpx.AsyncClient, add: Add, proxy: SlowProxy, encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    add("v1", "frog", "frog", title="Frog")

    async def hang(*_: Any, space: str, **__: Any) -> Any:
        if space == "picture":
            await asyncio.sleep(FOR_EVER)
        return await Encoder.embed_texts(encoder, *_, space="text", **__)

    monkeypatch.setattr(encoder, "embed_texts", hang)
    for slow in (SAMPLE, MENTIONS, PICTURES, FACETS):
        proxy.delay(slow, FOR_EVER)

    status, answer = await timed(slow_api, '"green frogs"', facets=["bucket"])

    assert (status, ids(answer)) == (200, ["v1"])
    assert {warning["code"] for warning in answer["warnings"]} == {
        *("encoder_unavailable", "confidence_unknown", "phrases_incomplete"),
        *("duplicates_unchecked", "facets_missing"),
    }
    assert {"speech_text", "speech_vector"} <= set(answer["hits"][0]["legs"])


async def test_a_slow_sample_holds_up_one_search_and_not_each(
    slow_api: httpx.AsyncClient, add: Add, proxy: SlowProxy
) -> None:
    add("v1", "frog")
    proxy.delay(SAMPLE, FOR_EVER)
    await timed(slow_api, "frogs")

    waited = proxy.delayed
    await timed(slow_api, "frogs")
    assert waited and proxy.delayed == waited, "it does not ask for the sample again at once"


async def test_a_slow_ledger_fails_a_page_within_the_deadline_and_the_page_can_be_turned_to_later(
    slow_api: httpx.AsyncClient, add: Add, proxy: SlowProxy
) -> None:
    for n in range(3):
        add(f"v{n}", "frog")
    _, first = await timed(slow_api, "frogs", limit=2)
    proxy.delay(LEDGER, FOR_EVER)

    status, _ = await timed(slow_api, "frogs", limit=2, page=first["next"])
    assert status == 503

    proxy.hurry()
    status, second = await timed(slow_api, "frogs", limit=2, page=first["next"])
    assert status == 200 and len(second["hits"]) == 1


async def test_legs_are_timed(slow_api: httpx.AsyncClient, add: Add) -> None:
    add("v1", "frog")
    await timed(slow_api, "frogs")

    text = (await slow_api.get("/metrics")).text
    for leg in ("speech_text", "speech_vector", "picture_vector", "metadata_text"):
        assert f'kadr_search_leg_seconds_count{{leg="{leg}"}}' in text
