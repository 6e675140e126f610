"""Stands before OpenSearch and misbehaves: refuses, cuts connections before and after the work, half fails bulks."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
import orjson
from aiohttp import web
from yarl import URL

from infra.ports import free_ports

_LARGEST_BYTES = 64 << 20
_HOP = {"connection", "transfer-encoding", "content-length", "host", "keep-alive", "accept-encoding"}


@dataclass(frozen=True, slots=True)
class Faults:
    """How often a request suffers what.

    Attributes:
        busy: 429 instead of an answer.
        unavailable: 503 instead of an answer.
        cut: The connection ends before the request is passed on.
        cut_after: It ends after the work was done, as if the answer had come too late.
        hang_after: The work is done, and the answer stays away until the client has lost its patience.
        partial: Of a bulk, some items are not passed on and answered with 429.
        hang_seconds: How long the client waits for an answer that stays away.
    """

    busy: float = 0.02
    unavailable: float = 0.02
    cut: float = 0.02
    cut_after: float = 0.03
    hang_after: float = 0.0
    partial: float = 0.25
    hang_seconds: float = 31.0


class FaultProxy:
    """An HTTP proxy with a port of its own.

    Attributes:
        down: While true, everything is refused, as by a node that has lost its cluster.
        faulty: Whether requests suffer faults.
        counts: How often which fault happened.
    """

    def __init__(self, target: str, faults: Faults, rng: random.Random) -> None:
        self.url = f"http://127.0.0.1:{free_ports(1)[0]}"
        self.down = False
        self.faulty = False
        self.counts: Counter[str] = Counter()
        self._target = target
        self._faults = faults
        self._rng = rng
        self._session: aiohttp.ClientSession

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        app = web.Application(client_max_size=_LARGEST_BYTES)
        app.router.add_route("*", "/{path:.*}", self._pass_on)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        async with aiohttp.ClientSession(auto_decompress=False) as self._session:
            await runner.setup()
            try:
                await web.TCPSite(runner, "127.0.0.1", int(self.url.rpartition(":")[2])).start()
                yield
            finally:
                await runner.cleanup()

    async def _pass_on(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        fault = "unavailable" if self.down else self._draw(request)
        if fault:
            self.counts[fault] += 1
        match fault:
            case "busy":
                return refusal(429, "rejected_execution_exception")
            case "unavailable":
                return refusal(503, "cluster_block_exception")
            case "cut":
                return cut(request)
        kept, refused = split(body, self._rng) if fault == "partial" else (body, {})
        try:
            answer = nothing_done() if refused and not kept else await self._ask(request, kept)
        except aiohttp.ClientError:
            return cut(request)
        if fault == "hang_after":
            await asyncio.sleep(self._faults.hang_seconds)
        if fault in ("cut_after", "hang_after"):
            return cut(request)
        return merged(answer, refused) if refused else answer

    def _draw(self, request: web.Request) -> str:
        if not self.faulty:
            return ""
        if request.path.endswith("/_bulk") and self._rng.random() < self._faults.partial:
            return "partial"
        at = self._rng.random()
        for name in ("busy", "unavailable", "cut", "cut_after", "hang_after"):
            at -= getattr(self._faults, name)
            if at < 0:
                return name
        return ""

    async def _ask(self, request: web.Request, body: bytes) -> web.Response:
        headers = {name: value for name, value in request.headers.items() if name.lower() not in _HOP}
        headers["Accept-Encoding"] = "identity"
        url = URL(self._target + request.raw_path, encoded=True)
        async with self._session.request(request.method, url, data=body or None, headers=headers) as answer:
            kept = {name: value for name, value in answer.headers.items() if name.lower() not in _HOP}
            return web.Response(status=answer.status, body=await answer.read(), headers=kept)


def nothing_done() -> web.Response:
    """What is answered to a bulk of which nothing was passed on."""
    return web.Response(body=b'{"items":[]}', content_type="application/json")


def refusal(status: int, kind: str) -> web.Response:
    body = {"error": {"type": kind, "reason": "chaos", "root_cause": []}, "status": status}
    return web.Response(status=status, body=orjson.dumps(body), content_type="application/json")


def cut(request: web.Request) -> web.StreamResponse:
    """Ends the connection without an answer."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)


def split(body: bytes, rng: random.Random) -> tuple[bytes, dict[int, str]]:
    """Takes some items out of a bulk of `index` actions.

    Returns:
        What is left of the bulk, and the ids that were taken out by their place.
    """
    lines = body.splitlines(keepends=True)
    kept, refused = b"", {}
    for place, (action, document) in enumerate(zip(lines[::2], lines[1::2], strict=True)):
        if rng.random() < 0.5:
            refused[place] = str(orjson.loads(action)["index"]["_id"])
        else:
            kept += action + document
    return kept, refused


def merged(answer: web.Response, refused: dict[int, str]) -> web.Response:
    """Puts the items that were taken out into a bulk's answer, as rejected for load."""
    assert isinstance(answer.body, bytes)
    found: dict[str, Any] = orjson.loads(answer.body)
    if "items" not in found:
        return answer
    for place, id_ in sorted(refused.items()):
        error = {"type": "rejected_execution_exception", "reason": "chaos"}
        found["items"].insert(place, {"index": {"_id": id_, "status": 429, "error": error}})
    body = {**found, "errors": True}
    return web.Response(body=orjson.dumps(body), content_type="application/json")
