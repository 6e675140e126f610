"""What a worker says of itself, when it ends by itself, and when it must not."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from flow import Flow, until
from gate import Gate
from media import Video, make
from services import Scope

from infra.ports import free_ports
from infra.stack import LocalStack

STUCK = Path(__file__).parents[1] / "stuck_worker.py"
IMPATIENT = {"KADR_WATCHDOG_SECONDS": "3", "KADR_RETRY_LONGEST_SECONDS": "1", "KADR_SESSION_TIMEOUT_SECONDS": "6"}


@pytest.fixture
def flow(ready_scope: Scope) -> Flow:
    return Flow(ready_scope)


@pytest.fixture(scope="session")
def video_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("media") / "a.mp4", Video(shot_seconds=(3.0, 4.0)))


class Asked:
    """A worker's health port."""

    def __init__(self) -> None:
        self.port = free_ports(1)[0]

    def __call__(self, path: str) -> tuple[int, dict[str, Any]]:
        try:
            answer = httpx.get(f"http://127.0.0.1:{self.port}{path}", trust_env=False)
        except httpx.TransportError:
            return 0, {}
        return answer.status_code, answer.json()

    def until_ready(self) -> None:
        until(lambda: self("/ready")[0] == 200, "the worker to be ready", lambda: self("/ready"), 40)

    def until_down(self, dependency: str) -> dict[str, Any]:
        """Waits until the worker says that a service is down; returns what it says of it."""
        found: list[dict[str, Any]] = []

        def said() -> bool:
            found[:] = [down for down in self("/ready")[1].get("down", []) if down["dependency"] == dependency]
            return bool(found)

        until(said, f"the worker to miss {dependency}", lambda: self("/ready"), 60)
        return found[0]


@pytest.fixture
def asked() -> Asked:
    return Asked()


SERVICES = {"opensearch": "opensearch_url", "object store": "minio_url", "encoder": "encoder_url"}


@pytest.fixture
def gate(flow: Flow, request: pytest.FixtureRequest) -> Iterator[Gate]:
    """A door between the worker and the service that the test names."""
    with Gate(getattr(flow.scope.settings, SERVICES[request.param])) as gate:
        yield gate


@pytest.mark.parametrize(("gate", "dependency"), [(name, name) for name in SERVICES], indirect=["gate"])
def test_an_outage_longer_than_the_watchdog_is_named_and_waited_out(
    flow: Flow, asked: Asked, video_file: Path, gate: Gate, dependency: str
) -> None:
    own = {f"KADR_{SERVICES[dependency].upper()}": gate.url, "KADR_WORKER_HEALTH_PORT": str(asked.port)}
    with flow.worker(**IMPATIENT, **own) as worker:
        flow.wait_final(flow.put("before.mp4", video_file))
        asked.until_ready()
        gate.shut()
        videos = [flow.put(f"during{number}.mp4", video_file) for number in range(5)]
        down = asked.until_down(dependency)
        assert asked("/ready")[0] == 503
        assert "does not answer" in down["error"]
        shut_until = time.monotonic() + 3 * float(IMPATIENT["KADR_WATCHDOG_SECONDS"])
        while time.monotonic() < shut_until:
            assert asked("/live") == (200, {"live": True, "why": ""})
            assert asked("/ready")[1]["down"][0]["since"] == down["since"]
            time.sleep(0.5)
        gate.open()
        entries = [flow.wait_final(video) for video in videos]
        asked.until_ready()
        assert worker.poll() is None
        until(lambda: flow.lag() == 0, "every record to be committed", flow.lag)
        letters = flow.dead_letters(1, seconds=2)
    assert [entry["status"] for entry in entries] == ["ready"] * 5
    assert [span["lost"] for entry in entries for span in entry["spans"]] == [0] * 5
    assert max(entry["plan_attempts"] for entry in entries) <= 1
    assert letters == []


def test_a_broker_that_is_away_longer_than_the_watchdog_is_waited_for(
    stack: LocalStack, flow: Flow, asked: Asked, video_file: Path
) -> None:
    with flow.worker(**IMPATIENT, KADR_WORKER_HEALTH_PORT=str(asked.port)) as worker:
        flow.wait_final(flow.put("before.mp4", video_file))
        stack.kill("kafka", signal.SIGSTOP)
        try:
            down = asked.until_down("kafka")
            away_until = time.monotonic() + 3 * float(IMPATIENT["KADR_WATCHDOG_SECONDS"])
            while time.monotonic() < away_until:
                assert asked("/live")[0] == 200
                time.sleep(0.5)
        finally:
            stack.kill("kafka", signal.SIGCONT)
        asked.until_ready()
        assert flow.wait_final(flow.put("after.mp4", video_file))["status"] == "ready"
        assert worker.poll() is None
    assert "Kafka does not answer" in down["error"]


@contextmanager
def logged(flow: Flow, log: Path, *program: str, **own: str) -> Iterator["subprocess.Popen[bytes]"]:
    """A worker that writes its log into a file, killed at the end."""
    command = [sys.executable, *(program or ("-m", "infra.cli", "worker"))]
    with log.open("ab") as written:
        worker = subprocess.Popen(command, env={**flow.scope.environment, **IMPATIENT, **own}, stderr=written)
    try:
        yield worker
    finally:
        worker.kill()
        worker.wait()


@pytest.mark.parametrize("way", ["fetching", "taking"])
def test_a_worker_that_is_alive_but_consumes_nothing_ends_and_says_why(
    flow: Flow, video_file: Path, tmp_path: Path, way: str
) -> None:
    log = tmp_path / "worker.log"
    with logged(flow, log, str(STUCK), way) as worker:
        videos = [flow.put(f"{number}.mp4", video_file) for number in range(3)]
        assert worker.wait(60) == 70, log.read_text()
    assert "none was taken or finished" in log.read_text()
    with flow.worker(**IMPATIENT):
        assert [flow.wait_final(video)["status"] for video in videos] == ["ready"] * 3


def test_workers_share_the_work_and_one_that_is_killed_is_back_at_once(
    flow: Flow, video_file: Path, tmp_path: Path
) -> None:
    """Without its name it would wait until the group has given up the one that was killed."""
    logs, ports = [tmp_path / "a.log", tmp_path / "b.log"], [Asked(), Asked()]
    session = {"KADR_SESSION_TIMEOUT_SECONDS": "60", "KADR_WATCHDOG_SECONDS": "120"}
    own = [
        {**session, "KADR_WORKER_NAME": name, "KADR_WORKER_HEALTH_PORT": str(asked.port)}
        for name, asked in zip("ab", ports, strict=True)
    ]
    with logged(flow, logs[1], **own[1]) as other, logged(flow, logs[0], **own[0]) as first:
        until(lambda: all(partitions_of(asked) for asked in ports), "both to have partitions", seconds=60)
        shares = [partitions_of(asked) for asked in ports]
        early = [flow.put(f"early{number}.mp4", video_file) for number in range(12)]
        until(lambda: "span done" in logs[0].read_text(), "the first to have done a span")
        first.send_signal(signal.SIGKILL)
        first.wait()
        late = [flow.put(f"late{number}.mp4", video_file) for number in range(4)]
        killed = time.monotonic()
        with logged(flow, logs[0], **own[0]):
            until(lambda: partitions_of(ports[0]) == shares[0], "the killed one to have its share back", seconds=30)
            back_seconds = time.monotonic() - killed
            entries = [flow.wait_final(video) for video in early + late]
            until(lambda: flow.lag() == 0, "every record to be committed", flow.lag)
        assert other.poll() is None
    assert back_seconds < 30
    assert [entry["status"] for entry in entries] == ["ready"] * 16
    assert "span done" in logs[1].read_text()


def partitions_of(asked: Asked) -> int:
    return int(asked("/ready")[1].get("partitions", 0))


def test_of_two_workers_with_one_name_one_ends_and_says_why(flow: Flow, video_file: Path, tmp_path: Path) -> None:
    logs = [tmp_path / "one.log", tmp_path / "two.log"]
    with (
        logged(flow, logs[0], KADR_WORKER_NAME="same") as one,
        logged(flow, logs[1], KADR_WORKER_NAME="same") as two,
    ):
        until(lambda: one.poll() is not None or two.poll() is not None, "one of them to end", seconds=60)
        ended, log = (one, logs[0]) if one.poll() is not None else (two, logs[1])
        assert ended.wait() == 70
        assert "another worker has the name same" in log.read_text()
        assert flow.wait_final(flow.put("a.mp4", video_file))["status"] == "ready"


def test_an_idle_worker_lives_on(flow: Flow, asked: Asked) -> None:
    with flow.worker(**IMPATIENT, KADR_WORKER_HEALTH_PORT=str(asked.port)) as worker:
        asked.until_ready()
        time.sleep(3 * float(IMPATIENT["KADR_WATCHDOG_SECONDS"]))
        assert worker.poll() is None
        status, body = asked("/ready")
    assert (status, body["down"]) == (200, [])
    assert body["partitions"] > 0
