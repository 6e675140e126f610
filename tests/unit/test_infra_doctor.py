"""`kadr doctor`: every service that does not answer is red with its reason, within seconds."""

import asyncio
import json
import socket
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from aiokafka import TopicPartition
from click.testing import CliRunner, Result

from infra import doctor as doctor_module
from infra.checks import check_api, check_encoder, check_stack, check_workers
from infra.checks_kafka import Offsets
from infra.doctor import doctor, examine
from infra.findings import Finding, ill, well
from infra.settings import StackSettings
from infra.state import ServiceState, StackState, only_supervisor, write_state


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def nothing_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    address = f"127.0.0.1:{closed_port()}"
    monkeypatch.setenv("KADR_HOME", str(tmp_path))
    monkeypatch.setenv("KADR_KAFKA_BROKERS", address)
    for name in ("OPENSEARCH", "MINIO", "ENCODER", "API"):
        monkeypatch.setenv(f"KADR_{name}_URL", f"http://{address}")


def run_doctor(*arguments: str) -> Result:
    return CliRunner().invoke(doctor, arguments)


@pytest.fixture
def answers(tmp_path: Path) -> Iterator[tuple[StackSettings, dict[str, tuple[int, Any]]]]:
    """A server that answers paths as the test says, and settings that have the encoder and the API there."""
    known: dict[str, tuple[int, Any]] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = known.get(self.path, (404, {}))
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    yield StackSettings(home=tmp_path, encoder_url=url, api_url=url), known
    server.shutdown()
    server.server_close()


def model(kind: str, model_set: str) -> dict[str, Any]:
    return {"id": f"a {kind} model", "kadr": {"kind": kind, "model_set": model_set}}


@pytest.mark.usefixtures("nothing_runs")
def test_each_service_that_does_not_answer_is_wrong_with_what_to_do() -> None:
    started = time.monotonic()
    result = run_doctor("--json")
    assert time.monotonic() - started < 15
    assert result.exit_code == 1
    body = json.loads(result.stdout)
    assert body["healthy"] is False
    wrong = {check["name"]: check for check in body["checks"] if not check["healthy"]}
    assert {"kafka", "worker", "opensearch", "object store", "encoder", "search API"} <= set(wrong)
    for name in ("kafka", "opensearch", "object store", "encoder", "search API"):
        assert "kadr up" in wrong[name]["advice"], name


@pytest.mark.usefixtures("nothing_runs")
def test_the_table_says_the_reason_without_a_traceback() -> None:
    result = run_doctor()
    assert result.exit_code == 1
    assert "nothing listens there" in result.stdout
    assert "Traceback" not in result.output
    assert [line for line in result.stdout.splitlines() if line.startswith("ok") and "python" in line]


def test_the_exit_status_is_0_when_nothing_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    async def fine(_: StackSettings) -> list[Finding]:
        return [well("kafka", "here")]

    async def examined(settings: StackSettings) -> list[Finding]:
        return await examine(settings, [("kafka", fine)])

    monkeypatch.setattr(doctor_module, "examine", examined)
    result = run_doctor("--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["healthy"] is True


async def test_checks_run_side_by_side_and_one_that_hangs_is_a_finding(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async def hang(_: StackSettings) -> list[Finding]:
        await asyncio.sleep(60)
        return []

    monkeypatch.setattr(doctor_module, "LONGEST_SECONDS", 0.1)
    started = time.monotonic()
    findings = await examine(StackSettings(home=tmp_path), [("kafka", hang), ("opensearch", hang)])
    assert time.monotonic() - started < 5
    assert [(finding.name, finding.healthy) for finding in findings] == [("kafka", False), ("opensearch", False)]


async def test_models_of_another_set_are_wrong(
    answers: tuple[StackSettings, dict[str, tuple[int, Any]]],
) -> None:
    settings, known = answers
    known["/readyz"] = (200, {"status": "ready"})
    known["/v1/models"] = (200, {"data": [model("picture", "gpu"), model("text", "gpu")]})
    encoder, models = await check_encoder(settings)
    assert encoder.healthy
    assert not models.healthy and "gpu, not offline" in models.text
    known["/v1/models"] = (200, {"data": [model("picture", "offline")]})
    assert [finding.healthy for finding in await check_encoder(settings)] == [True, True]


async def test_a_service_that_is_not_ready_says_why(
    answers: tuple[StackSettings, dict[str, tuple[int, Any]]],
) -> None:
    settings, known = answers
    known["/readyz"] = (503, {"detail": "OpenSearch has no alias videos; `kadr init` makes it."})
    (finding,) = await check_api(settings)
    assert not finding.healthy
    assert "no alias videos" in finding.text


async def test_a_worker_that_waits_says_for_what(
    answers: tuple[StackSettings, dict[str, tuple[int, Any]]],
) -> None:
    settings, known = answers
    port = int(settings.api_url.rpartition(":")[2])
    own = settings.model_copy(update={"first_worker_health_port": port})
    down = {"dependency": "encoder", "since": "2026-01-02T03:04:05+00:00", "error": "no answer"}
    with only_supervisor(own.data):
        write_state(own.data, StackState(services={"kafka": ServiceState(), "worker": ServiceState()}))
        known["/ready"] = (200, {"ready": True, "in_group": True, "partitions": 12, "down": []})
        (ready,) = await check_workers(own)
        known["/ready"] = (503, {"ready": False, "in_group": True, "partitions": 12, "down": [down]})
        (waiting,) = await check_workers(own)
    assert ready.healthy and "partitions: 12" in ready.text
    assert not waiting.healthy
    assert "encoder is down since 2026-01-02T03:04:05+00:00: no answer" in waiting.text


async def test_without_a_local_stack_nothing_is_said_of_it(tmp_path: Path) -> None:
    assert await check_stack(StackSettings(home=tmp_path)) == []


def test_lag_counts_what_is_not_done_and_still_kept() -> None:
    one, two = TopicPartition("uploads", 0), TopicPartition("uploads", 1)
    offsets = Offsets(begin={one: 5, two: 0}, end={one: 9, two: 4}, done={two: 3})
    assert offsets.lag("uploads") == 4 + 1
    assert offsets.kept("uploads") == 4 + 4
    assert offsets.lag("another") == 0


def test_advice_belongs_to_what_is_wrong() -> None:
    with pytest.raises(ValueError, match="advice"):
        ill("kafka", "gone", "")
