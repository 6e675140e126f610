"""What a worker says of itself over HTTP: `/live` (must it be started again?), `/ready` (can it work, or why not?)."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from typing import Any

import orjson
from aiohttp import web

from stream.breaker import Outage

_STOP_SECONDS = 1.0


class HealthPortTaken(Exception):
    """The worker cannot listen on the port that it was given."""


@dataclass(frozen=True, slots=True)
class Health:
    """How a worker is.

    Attributes:
        complaint: What its watchdog says; empty if all is well.
        in_group: Whether it is a settled member of its consumer group.
        partitions: How many partitions the group gave it.
        outages: The services that it waits for.
    """

    complaint: str
    in_group: bool
    partitions: int
    outages: tuple[Outage, ...]

    @property
    def live(self) -> bool:
        return not self.complaint

    @property
    def ready(self) -> bool:
        return self.in_group and not self.outages

    def liveness(self) -> dict[str, Any]:
        """Returns the body of `/live`."""
        return {"live": self.live, "why": self.complaint}

    def readiness(self) -> dict[str, Any]:
        """Returns the body of `/ready`."""
        return {
            "ready": self.ready,
            "in_group": self.in_group,
            "partitions": self.partitions,
            "down": [asdict(outage) for outage in self.outages],
        }


def health_routes(examine: Callable[[], Health]) -> web.Application:
    """Builds the two routes; each request examines anew."""

    async def live(_: web.Request) -> web.Response:
        health = examine()
        return _answer(health.live, health.liveness())

    async def ready(_: web.Request) -> web.Response:
        health = examine()
        return _answer(health.ready, health.readiness())

    application = web.Application()
    application.add_routes([web.get("/live", live), web.get("/ready", ready)])
    return application


def _answer(well: bool, body: dict[str, Any]) -> web.Response:
    return web.Response(status=200 if well else 503, body=orjson.dumps(body), content_type="application/json")


@asynccontextmanager
async def serve_health(examine: Callable[[], Health], address: str, port: int) -> AsyncIterator[None]:
    """Serves the routes for as long as the block lasts; port 0 serves nothing.

    Raises:
        HealthPortTaken: Somebody else listens there.
    """
    if not port:
        yield
        return
    runner = web.AppRunner(health_routes(examine), access_log=None, shutdown_timeout=_STOP_SECONDS)
    await runner.setup()
    try:
        await _listen(runner, address, port)
        yield
    finally:
        await runner.cleanup()


async def _listen(runner: web.AppRunner, address: str, port: int) -> None:
    try:
        await web.TCPSite(runner, address, port).start()
    except OSError as error:
        message = f"{address}:{port} cannot be listened on ({error.strerror}): set KADR_WORKER_HEALTH_PORT to another"
        raise HealthPortTaken(f"{message} port, or to 0 for none.") from error
