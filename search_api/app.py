"""The search API: builds its clients and its routes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from fastapi import FastAPI

from encoders.client import EncoderClient
from encoders.persistence import Persistence
from search_api import (
    like_routes,
    match_routes,
    metrics,
    progress_events,
    stream_video,
    suggest,
    upload_routes,
    video_routes,
)
from search_api.connection import connect
from search_api.headers import SecurityHeaders
from search_api.metrics import MeasuredRequests, Metrics
from search_api.object_store import connect_store
from search_api.page_files import PageFiles
from search_api.problems import install_problems
from search_api.routes import PAGE, Services, router
from search_api.settings import SearchSettings
from search_api.video_services import VideoServices

# A restart of the encoder server costs one search nothing; while it is away, searches do not wait for it.
_PERSISTENCE = Persistence(attempts=2, failures_to_open=4)


def create_app(settings: SearchSettings | None = None) -> FastAPI:
    """Build the app; settings come from the environment unless given. Clients live as long as the app runs."""
    chosen = settings or SearchSettings()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        client = connect(chosen)
        try:
            async with EncoderClient(
                chosen.encoder_url,
                timeout_seconds=chosen.encoder_deadline_seconds,
                api_key=chosen.encoder_api_key,
                persistence=_PERSISTENCE,
            ) as encoder:
                app.state.services = Services(client, encoder, chosen, app.state.metrics)
                app.state.videos = videos = VideoServices(client, connect_store(chosen), chosen)
                try:
                    yield
                finally:
                    await videos.close()
        finally:
            await client.close()

    # The interactive documentation of FastAPI loads scripts from elsewhere; /openapi.json is what clients need.
    app = FastAPI(
        title="kadr search",
        version="0.1.0",
        summary="Search inside videos.",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
    )
    app.state.metrics = Metrics()
    app.add_middleware(SecurityHeaders)
    app.add_middleware(MeasuredRequests, metrics=app.state.metrics)
    install_problems(app)
    app.include_router(router)
    for module in (
        like_routes,
        match_routes,
        video_routes,
        upload_routes,
        progress_events,
        stream_video,
        suggest,
        metrics,
    ):
        app.include_router(module.router)
    app.mount("/page", PageFiles(directory=PAGE), name="page")
    return app


def main() -> None:
    """Serve the API at the address of the settings until it is told to stop."""
    settings = SearchSettings()
    uvicorn.run(create_app(settings), host=settings.listen_host, port=settings.listen_port, server_header=False)


if __name__ == "__main__":
    main()
