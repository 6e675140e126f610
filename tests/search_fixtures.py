"""Fixtures: a search API over real indices, and a way to put videos into them."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
from opensearchpy import OpenSearch
from searching import SPEECH, Add, Encoder
from services import Scope

from opensearch.apply import apply
from search_api.app import create_app
from search_api.routes import Services
from search_api.settings import SearchSettings


@pytest.fixture
def settings(scope: Scope) -> SearchSettings:
    # A busy machine may be slow: what happens then has tests of its own.
    return scope.read(SearchSettings, encoder_url="http://127.0.0.1:9", deadline_seconds=40.0, leg_timeout_seconds=15.0)


@pytest.fixture
def engine(settings: SearchSettings) -> Iterator[OpenSearch]:
    client = OpenSearch(settings.opensearch_url, timeout=60)
    apply(client, model_set="offline", index_prefix=settings.index_prefix, picture_dimension=4, text_dimension=3)
    yield client
    client.close()


@pytest.fixture
def encoder() -> Encoder:
    return Encoder()


@pytest.fixture
async def api(settings: SearchSettings, encoder: Encoder) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(settings)
    transport = httpx.ASGITransport(app)
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=transport, base_url="http://kadr") as api:
        app.state.services = Services(app.state.services.client, encoder, settings)
        yield api


@pytest.fixture
def add(engine: OpenSearch, settings: SearchSettings) -> Add:
    """Put a video with one moment for each named speech into the index, as the span agent would."""

    def add(video_id: str, *speeches: str, moment: dict[str, Any] | None = None, **video: Any) -> None:
        body: dict[str, Any] = {
            "video_id": video_id,
            "bucket": "videos",
            "key": f"{video_id}.mp4",
            "revision": 1,
            "status": "ready",
            "duration_seconds": 60.0,
            "spans": [{"state": "d", "run": "won", "lost": 0, "record": None, "reason": None}],
        }
        engine.index(index=settings.videos_alias, id=video_id, body={**body, **video}, params={"refresh": "true"})
        for n, name in enumerate(speeches):
            text, vector = SPEECH[name]
            fields: dict[str, Any] = {
                "video_id": video_id,
                "bucket": "videos",
                "revision": 1,
                "span": 0,
                "run": "won",
                "start_seconds": 5.0 * n,
                "stop_seconds": 5.0 * n + 5.0,
                "speech": text,
                "speech_vector": vector,
                "visual": [0.5, 0.5, 0.5, 0.5],
                **{name: video[name] for name in ("categories", "external_id", "language") if name in video},
                **(moment or {}),
            }
            name = f"{video_id}:{fields['revision']}:{fields['span']}:{fields['run']}:{n}"
            engine.index(index=settings.moments_alias, id=name, body=fields, params={"refresh": "true"})

    return add
