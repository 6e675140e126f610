"""The encoder server: loads the models once and serves them by HTTP."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

import uvicorn
from fastapi import FastAPI
from pydantic import ValidationError

from encoders.errors import ModelError
from encoders.libraries import set_library_defaults
from encoders.models import Lanes, Models
from encoders.serving.counting import CountRequests
from encoders.serving.metrics import Metrics
from encoders.serving.problems import install_problems
from encoders.serving.routes import router
from encoders.serving.services import Services
from encoders.settings import EncoderSettings


def create_app(settings: EncoderSettings | None = None, models: Models | None = None) -> FastAPI:
    """Builds the app; settings come from the environment, and models are loaded at startup, unless given.

    Models are closed when the app ends, also those that are given.
    """
    chosen = settings or EncoderSettings()
    metrics = Metrics()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        loaded = models if models is not None else await asyncio.to_thread(_load, chosen)
        lanes = Lanes.open(loaded, chosen, metrics)
        decoders = ThreadPoolExecutor(_decoding_threads(), thread_name_prefix="decoder")
        app.state.services = Services(loaded, lanes, chosen, decoders)
        try:
            yield
        finally:
            app.state.services = None
            await asyncio.to_thread(lanes.close)
            decoders.shutdown(cancel_futures=True)
            loaded.speech.close()

    app = FastAPI(
        title="kadr encoders",
        version="0.1.0",
        summary="Pictures, texts and speech as vectors and words.",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
    )
    app.state.metrics = metrics
    app.state.api_key = chosen.encoder_api_key.get_secret_value().encode()
    app.add_middleware(CountRequests, metrics=metrics)
    install_problems(app)
    app.include_router(router)
    return app


def main() -> None:
    """Serves at the address of the settings until it is told to stop.

    What keeps it from starting is said in one sentence on stderr, and the exit status is 1.
    """
    try:
        settings = EncoderSettings()
        with _bind(settings) as listener:
            _serve(settings, _load(settings), listener)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        sys.exit(f"The setting KADR_{str(first['loc'][0]).upper()} is wrong: {first['msg']}.")
    except ModelError as error:
        sys.exit(str(error))


def _serve(settings: EncoderSettings, models: Models, listener: socket.socket) -> None:
    config = uvicorn.Config(
        create_app(settings, models), log_level="warning", access_log=False, server_header=False, lifespan="on"
    )
    uvicorn.Server(config).run(sockets=[listener])


def _bind(settings: EncoderSettings) -> socket.socket:
    """Takes the address before the models are loaded; nobody is let in before uvicorn listens."""
    host, port = settings.listen_host, settings.listen_port
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
    except OSError as error:
        raise ModelError(
            f"The encoder server cannot listen on {host}:{port} ({error.strerror}): stop what uses that port, or set "
            "KADR_ENCODER_URL."
        ) from error
    return listener


def _decoding_threads() -> int:
    return max(2, len(os.sched_getaffinity(0)) // 2)


def _load(settings: EncoderSettings) -> Models:
    # The libraries read their settings when they are imported, which is why the import waits until here.
    set_library_defaults()
    from encoders.loading import load_models

    return load_models(settings)


if __name__ == "__main__":
    main()
