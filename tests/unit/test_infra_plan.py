"""The workers of a local stack: each with a health port of its own."""

from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from infra.plan import plan
from infra.ports import free_ports
from infra.readiness import worker_joined
from infra.settings import StackSettings


def workers(tmp_path: Path, **given: int) -> dict[str, tuple[str, list[int]]]:
    services = plan(StackSettings(home=tmp_path, data=tmp_path, **given), ("worker",))  # type: ignore[arg-type]
    return {
        service.name: (service.launch.environment["KADR_WORKER_HEALTH_PORT"], [port.number for port in service.ports])
        for service in services
        if service.launch is not None and service.name.startswith("worker")
    }


def test_each_worker_has_a_port_of_its_own(tmp_path: Path) -> None:
    found = workers(tmp_path, workers=3, first_worker_health_port=9000)
    assert found == {"worker-1": ("9000", [9000]), "worker-2": ("9001", [9001]), "worker-3": ("9002", [9002])}


def test_they_can_do_without(tmp_path: Path) -> None:
    assert workers(tmp_path, workers=1, first_worker_health_port=0) == {"worker": ("0", [])}


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (200, b'{"ready":true,"in_group":true,"partitions":4,"down":[]}', ""),
        (503, b'{"ready":false,"in_group":true,"partitions":4,"down":[{"dependency":"encoder"}]}', ""),
        (503, b'{"ready":false,"in_group":false,"partitions":0,"down":[]}', "has not joined its consumer group"),
    ],
)
async def test_a_worker_has_started_once_it_is_in_its_group(status: int, body: bytes, reason: str) -> None:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        found = await worker_joined(server.server_port)()
    finally:
        server.shutdown()
        server.server_close()
    assert found.endswith(reason) and bool(found) == bool(reason)


async def test_a_worker_that_does_not_run_has_not_started_whatever_the_group_remembers() -> None:
    assert "answers nothing" in await worker_joined(free_ports(1)[0])()
