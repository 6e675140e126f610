import socket
from dataclasses import replace
from typing import Any

import httpx
import pytest

from stream.breaker import Outage
from stream.health import Health, HealthPortTaken, serve_health

WELL = Health(complaint="", in_group=True, partitions=4, outages=())
DOWN = Outage("encoder", "2026-01-02T03:04:05+00:00", "the encoder server does not answer")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def ask(health: Health, path: str) -> tuple[int, dict[str, Any]]:
    port = free_port()
    async with serve_health(lambda: health, "127.0.0.1", port), httpx.AsyncClient(trust_env=False) as http:
        answer = await http.get(f"http://127.0.0.1:{port}{path}")
        return answer.status_code, answer.json()


@pytest.mark.parametrize("partitions", [4, 0])
async def test_a_member_of_the_group_with_all_services_is_ready_also_without_partitions(partitions: int) -> None:
    status, body = await ask(replace(WELL, partitions=partitions), "/ready")
    assert (status, body) == (200, {"ready": True, "in_group": True, "partitions": partitions, "down": []})


async def test_it_says_which_service_is_down_since_when_and_why() -> None:
    status, body = await ask(replace(WELL, outages=(DOWN,)), "/ready")
    assert (status, body["ready"], body["in_group"]) == (503, False, True)
    assert body["down"] == [{"dependency": "encoder", "since": DOWN.since, "error": DOWN.error}]


async def test_a_worker_without_a_place_in_the_group_is_not_ready() -> None:
    status, body = await ask(replace(WELL, in_group=False), "/ready")
    assert (status, body["in_group"]) == (503, False)


async def test_an_outage_is_no_reason_to_start_a_worker_again() -> None:
    assert await ask(replace(WELL, in_group=False, outages=(DOWN,)), "/live") == (200, {"live": True, "why": ""})


async def test_a_stuck_worker_is_not_live_and_says_why() -> None:
    status, body = await ask(replace(WELL, complaint="3 records wait"), "/live")
    assert (status, body) == (503, {"live": False, "why": "3 records wait"})


async def test_a_taken_port_is_one_sentence_that_names_the_setting() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(HealthPortTaken, match="KADR_WORKER_HEALTH_PORT"):
            async with serve_health(lambda: WELL, "127.0.0.1", other.getsockname()[1]):
                pass


async def test_without_a_port_nothing_is_served() -> None:
    async with serve_health(lambda: WELL, "127.0.0.1", 0):
        pass
