"""Fixture: a search API over drawn scenes."""

from collections.abc import AsyncIterator

import httpx
import pytest
from drawing import DrawnIndex
from opensearchpy import OpenSearch
from services import Scope

from encoders.client import EncoderClient
from opensearch.apply import apply
from search_api.app import create_app
from search_api.settings import SearchSettings


@pytest.fixture
async def drawn(scope: Scope) -> AsyncIterator[DrawnIndex]:
    """The index, filled."""
    settings = scope.read(
        SearchSettings, deadline_seconds=30.0, encoder_deadline_seconds=20.0, leg_timeout_seconds=10.0
    )
    engine = OpenSearch(settings.opensearch_url, timeout=60)
    app = create_app(settings)
    transport = httpx.ASGITransport(app)
    async with (
        EncoderClient(settings.encoder_url, api_key=settings.encoder_api_key) as encoder,
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://kadr", timeout=60) as api,
    ):
        models = await encoder.model_set()
        dimensions = {"picture_dimension": models.picture_dimension, "text_dimension": models.text_dimension}
        apply(engine, model_set="offline", index_prefix=settings.index_prefix, **dimensions)
        index = DrawnIndex(api, engine, settings, encoder)
        await index.fill()
        yield index
    engine.close()
