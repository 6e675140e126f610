"""The search API on a port, as users reach it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from flow import until

from search_api.app import create_app
from search_api.settings import SearchSettings


@contextmanager
def served(settings: SearchSettings) -> Iterator[str]:
    """Serve it while the block runs; gives its address."""
    config = uvicorn.Config(
        create_app(settings), host=settings.listen_host, port=settings.listen_port, log_level="warning"
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until(lambda: server.started, "the API to start")
    try:
        yield settings.api_url
    finally:
        server.should_exit = True
        thread.join(20)
