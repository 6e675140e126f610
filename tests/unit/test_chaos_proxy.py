"""The proxy of the chaos runs breaks what it says it breaks, and what is left is what OpenSearch would say."""

import random
from typing import Any

import aiohttp
import orjson
import pytest
from aiohttp import web
from chaos.proxy import FaultProxy, Faults, split
from yarl import URL

NEVER = {"busy": 0.0, "unavailable": 0.0, "cut": 0.0, "cut_after": 0.0, "hang_after": 0.0, "partial": 0.0}
LINES = b"".join(b'{"index":{"_id":"%d"}}\n{"value":%d}\n' % (number, number) for number in range(8))


class Target:
    """Stands for OpenSearch: takes every bulk."""

    def __init__(self) -> None:
        self.taken: list[str] = []

    async def found(self, request: web.Request) -> web.Response:
        return web.json_response({"asked": request.raw_path})

    async def answer(self, request: web.Request) -> web.Response:
        lines = (await request.read()).splitlines()
        ids = [orjson.loads(line)["index"]["_id"] for line in lines[::2]]
        self.taken += ids
        items = [{"index": {"_id": id_, "status": 201}} for id_ in ids]
        return web.json_response({"errors": False, "items": items})


async def ask(
    faults: dict[str, float], target: Target, method: str = "POST", path: str = "/moments/_bulk"
) -> tuple[int, dict[str, Any]]:
    app = web.Application()
    app.router.add_get("/moments/{name}", target.found)
    app.router.add_post("/moments/_bulk", target.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    proxy = FaultProxy(f"http://127.0.0.1:{port}", Faults(**{**NEVER, **faults}), random.Random(3))
    proxy.faulty = True
    try:
        async with proxy.serving(), aiohttp.ClientSession() as session:
            body = LINES if method == "POST" else None
            answer = await session.request(method, URL(proxy.url + path, encoded=True), data=body)
            return answer.status, await answer.json()
    finally:
        await runner.cleanup()


async def test_without_faults_it_changes_nothing() -> None:
    target = Target()
    status, body = await ask({}, target)
    assert (status, len(body["items"]), body["errors"]) == (200, 8, False)
    assert target.taken == [str(number) for number in range(8)]


async def test_requests_without_a_body_and_their_addresses_pass_as_they_are() -> None:
    path = "/moments/a%3Ab?x=%20"
    assert await ask({"partial": 1.0}, Target(), "GET", path) == (200, {"asked": path})


@pytest.mark.parametrize(("fault", "status"), [("busy", 429), ("unavailable", 503)])
async def test_a_refusal_does_not_reach_the_service(fault: str, status: int) -> None:
    target = Target()
    assert (await ask({fault: 1.0}, target))[0] == status
    assert target.taken == []


async def test_a_connection_is_cut_before_or_after_the_work() -> None:
    before, after = Target(), Target()
    with pytest.raises(aiohttp.ClientError):
        await ask({"cut": 1.0}, before)
    with pytest.raises(aiohttp.ClientError):
        await ask({"cut_after": 1.0}, after)
    assert (len(before.taken), len(after.taken)) == (0, 8)


async def test_a_bulk_fails_in_parts_and_says_which() -> None:
    target = Target()
    status, body = await ask({"partial": 1.0}, target)
    refused = [item["index"]["_id"] for item in body["items"] if item["index"]["status"] == 429]
    assert (status, body["errors"]) == (200, True)
    assert [item["index"]["_id"] for item in body["items"]] == [str(number) for number in range(8)]
    assert 0 < len(refused) < 8
    assert sorted(target.taken + refused) == [str(number) for number in range(8)]


def test_a_bulk_can_be_refused_whole() -> None:
    class Always(random.Random):
        def random(self) -> float:
            return 0.0

    kept, refused = split(LINES, Always())
    assert (kept, len(refused)) == (b"", 8)
