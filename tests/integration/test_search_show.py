from typing import Any

import httpx
from opensearchpy import OpenSearch
from searching import Add, Encoder, ask, ids

from search_api.app import create_app
from search_api.routes import Services
from search_api.settings import SearchSettings

pytest_plugins = ("search_fixtures",)

HIDDEN: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "old-revision": ({}, {"revision": 2}),
    "deleted-video": ({}, {"status": "deleted"}),
    "run-that-did-not-win": ({"run": "lost"}, {}),
    "pending-span": ({}, {"spans": [{"state": "p", "run": "won", "lost": 0, "record": None, "reason": None}]}),
    "failed-span": ({}, {"spans": [{"state": "f", "run": "won", "lost": 0, "record": None, "reason": "broken"}]}),
    "unknown-span": ({"span": 1}, {}),
}


async def test_hides_what_the_ledger_does_not_vouch_for(api: httpx.AsyncClient, add: Add) -> None:
    for name, (moment, video) in HIDDEN.items():
        add(name, "frog", moment=moment, **video)
    add("good", "frog")

    answer = await ask(api, "frogs", legs={"speech_text": 0.6, "speech_vector": 0.4}, explain=True)

    assert ids(answer) == ["good"]
    for leg in ("speech_text", "speech_vector"):
        assert answer["hits"][0]["legs"][leg]["rank"] == 1, "what is hidden takes no rank"
        assert answer["explanation"][leg]["hidden"] == len(HIDDEN)


async def test_a_deleted_video_is_not_found_by_its_title(api: httpx.AsyncClient, add: Add) -> None:
    add("v1", title="Frog", status="deleted")

    assert ids(await ask(api, "frog")) == []


async def test_a_moment_without_a_ledger_document_is_hidden(
    api: httpx.AsyncClient, add: Add, engine: OpenSearch, settings: SearchSettings
) -> None:
    add("v1", "frog")
    engine.delete(index=settings.videos_alias, id="v1")

    assert ids(await ask(api, "frog")) == []


async def test_a_delete_shows_before_any_refresh(
    api: httpx.AsyncClient, add: Add, engine: OpenSearch, settings: SearchSettings
) -> None:
    add("v1", "frog", title="Frog")
    engine.indices.put_settings(index=settings.videos_alias, body={"index": {"refresh_interval": "-1"}})
    assert ids(await ask(api, "frog")) == ["v1"]

    engine.update(index=settings.videos_alias, id="v1", body={"doc": {"status": "deleted"}})

    assert ids(await ask(api, "frog")) == []


async def test_looks_deeper_where_hidden_moments_crowd_a_leg(
    api: httpx.AsyncClient, add: Add, settings: SearchSettings, encoder: Encoder
) -> None:
    for n in range(6):
        add(f"old{n}", "frog", status="deleted")
    add("v1", "frog")
    shallow = settings.model_copy(update={"leg_depth": 2})
    app = create_app(shallow)
    transport = httpx.ASGITransport(app)
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=transport, base_url="http://kadr") as api:
        app.state.services = Services(app.state.services.client, encoder, shallow)
        assert ids(await ask(api, "frog")) == ["v1"]
