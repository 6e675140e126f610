"""Counts every answer of the app, by route and status."""

from __future__ import annotations

import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from encoders.serving.metrics import Metrics

_ELSEWHERE = "none"
"""The route of requests that no route takes: their paths are without number."""


class CountRequests:
    """Counts and times the answers; a request that breaks down before its answer counts as 500."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, status = time.perf_counter(), 500

        async def note_status(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, note_status)
        finally:
            route = getattr(scope.get("route"), "path", _ELSEWHERE)
            self._metrics.request(route, status, time.perf_counter() - started)
