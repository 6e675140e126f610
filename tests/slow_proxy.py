"""An HTTP proxy that delays some requests, to see what slowness does to those who wait."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import ClientSession, web

_HOP_BY_HOP = {"connection", "transfer-encoding", "content-length", "content-encoding", "host"}


class SlowProxy:
    """Passes requests on to `upstream`; those that hold a text in address or body wait before that."""

    def __init__(self, upstream: str) -> None:
        self._upstream = upstream
        self._delays: dict[bytes, float] = {}
        self.url = ""
        self.delayed = 0

    def delay(self, text: str, seconds: float) -> None:
        """Delay requests that hold a text; the empty text is in every request."""
        self._delays[text.encode()] = seconds

    def hurry(self) -> None:
        """Delay nothing any more."""
        self._delays.clear()

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[SlowProxy]:
        """Listen on a free port of this machine."""
        app = web.Application(client_max_size=100 << 20)
        app.router.add_route("*", "/{path:.*}", self._pass_on)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        try:
            async with ClientSession(auto_decompress=True) as self._session:
                yield self
        finally:
            await runner.cleanup()

    async def _pass_on(self, request: web.Request) -> web.Response:
        body = await request.read()
        text = request.raw_path.encode() + b"\n" + body
        seconds = max((delay for part, delay in self._delays.items() if part in text), default=0.0)
        if seconds:
            self.delayed += 1
            await asyncio.sleep(seconds)
        headers = {name: value for name, value in request.headers.items() if name.lower() not in _HOP_BY_HOP}
        async with self._session.request(
            request.method, self._upstream + request.raw_path, data=body, headers=headers
        ) as answer:
            kept = {name: value for name, value in answer.headers.items() if name.lower() not in _HOP_BY_HOP}
            return web.Response(status=answer.status, body=await answer.read(), headers=kept)
