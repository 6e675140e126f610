import asyncio
import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from infra.errors import KadrError
from infra.process import Launch, birth_seconds
from infra.service import Service, levels
from infra.state import ServiceState, is_running, only_supervisor, read_state, write_state
from infra.supervisor import Supervisor, pause_seconds

SLEEPER = ("sleep", "60")


@pytest.fixture
def service(tmp_path: Path) -> Callable[..., Service]:
    """Builds services out of ordinary programs; one is ready when its file `<name>.ready` is there."""

    def build(
        name: str,
        *command: str,
        after: tuple[str, ...] = (),
        step: bool = False,
        waits: bool = False,
        seconds: float = 5.0,
    ) -> Service:
        async def check() -> str:
            return "" if not waits or (tmp_path / f"{name}.ready").exists() else "its file is not there"

        launch = Launch(command or SLEEPER, dict(os.environ), tmp_path, tmp_path / f"{name}.log")
        return Service(name, launch, None if step else check, after, start_seconds=seconds)

    return build


@pytest.fixture
def changes() -> list[str]:
    return []


@pytest.fixture
def supervise(tmp_path: Path, changes: list[str]) -> Callable[..., Supervisor]:
    def build(*services: Service) -> Supervisor:
        def note(name: str, state: ServiceState) -> None:
            changes.append(f"{name} {state.state}")

        return Supervisor(services, tmp_path, stop_seconds=2.0, on_change=note, chance=random.Random(1))

    return build


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.02)


Build = Callable[..., Service]
Supervise = Callable[..., Supervisor]


async def test_order_of_start_and_stop(service: Build, supervise: Supervise, changes: list[str]) -> None:
    supervisor = supervise(
        service("worker", after=("init",)),
        service("init", "true", after=("kafka",), step=True),
        service("kafka"),
    )
    running = asyncio.create_task(supervisor.run())
    await until(lambda: supervisor.state.state == "ready")
    supervisor.stop()
    assert await running == 0
    starts = [change for change in changes if change.split()[1] in ("ready", "done", "stopped")]
    assert starts == ["kafka ready", "init done", "worker ready", "worker stopped", "init stopped", "kafka stopped"]


async def test_what_dies_is_started_again(
    service: Build, supervise: Supervise, changes: list[str], tmp_path: Path
) -> None:
    supervisor = supervise(service("kafka"), service("worker", after=("kafka",)))
    running = asyncio.create_task(supervisor.run())
    await until(lambda: supervisor.state.state == "ready")
    first = read_state(tmp_path).services["kafka"].pid
    os.kill(first, signal.SIGKILL)
    await until(lambda: changes.count("kafka ready") == 2)
    after = read_state(tmp_path).services["kafka"]
    assert (after.restarts, after.error) == (1, "killed by SIGKILL")
    assert after.pid != first
    assert changes.count("worker starting") == 1
    supervisor.stop()
    assert await running == 0
    assert birth_seconds(after.pid) == 0.0


async def test_a_service_that_does_not_start_stops_everything(
    service: Build, supervise: Supervise, tmp_path: Path
) -> None:
    script = "import sys; print('INFO begin'); print('ERROR no such option: x'); print('INFO bye'); sys.exit(3)"
    supervisor = supervise(service("kafka"), service("api", sys.executable, "-c", script, waits=True))
    assert await supervisor.run() == 1
    state = read_state(tmp_path)
    assert state.state == "failed"
    log = tmp_path / "api.log"
    assert state.error == f"api does not start: ended with exit status 3: ERROR no such option: x (its log is {log})."
    assert all(not birth_seconds(service.pid) for service in state.services.values() if service.pid)


async def test_a_service_that_is_never_ready_is_a_failure(service: Build, supervise: Supervise) -> None:
    supervisor = supervise(service("minio", waits=True, seconds=0.3))
    assert await supervisor.run() == 1
    assert "minio does not start: not ready after 0 s: its file is not there" in supervisor.state.error


async def test_a_step_that_fails_says_its_own_sentence(service: Build, supervise: Supervise) -> None:
    script = "import sys; print('Error: The index has 3 dimensions.'); sys.exit(1)"
    supervisor = supervise(service("init", sys.executable, "-c", script, step=True))
    assert await supervisor.run() == 1
    assert supervisor.state.error.startswith("init failed: The index has 3 dimensions (its log is")


async def test_a_program_that_is_missing_is_a_failure(service: Build, supervise: Supervise) -> None:
    supervisor = supervise(service("minio", "/nowhere/minio"))
    assert await supervisor.run() == 1
    assert "/nowhere/minio does not start: No such file or directory" in supervisor.state.error


async def test_one_that_ignores_the_request_to_stop_is_killed(service: Build, supervise: Supervise) -> None:
    stubborn = service("worker", "sh", "-c", "trap '' TERM; while :; do sleep 0.1; done")
    supervisor = supervise(stubborn)
    running = asyncio.create_task(supervisor.run())
    await until(lambda: supervisor.state.state == "ready")
    pid = supervisor.state.services["worker"].pid
    await asyncio.sleep(0.2)
    supervisor.stop()
    await running
    assert birth_seconds(pid) == 0.0


async def test_leftovers_of_a_killed_supervisor_are_ended(service: Build, supervise: Supervise, tmp_path: Path) -> None:
    orphan = subprocess.run(
        ["sh", "-c", "setsid sleep 60 >/dev/null 2>&1 & echo $!"], capture_output=True, text=True, check=True
    )
    left = int(orphan.stdout)
    first = supervise(service("kafka"))
    first.state.services["kafka"].pid, first.state.services["kafka"].birth = left, birth_seconds(left)
    write_state(tmp_path, first.state)
    second = supervise(service("kafka"))
    running = asyncio.create_task(second.run())
    await until(lambda: second.state.state == "ready")
    assert birth_seconds(left) == 0.0
    second.stop()
    await running


def test_pauses_grow_and_are_bounded() -> None:
    chance = random.Random(3)
    pauses = [pause_seconds(failures, chance) for failures in range(1, 12)]
    assert 0.25 <= pauses[0] <= 0.5
    assert 2.0 <= pauses[3] <= 4.0
    assert max(pauses) <= 30.0 and min(pauses[8:]) >= 15.0


def test_one_supervisor_for_a_folder(tmp_path: Path) -> None:
    assert not is_running(tmp_path)
    with only_supervisor(tmp_path):
        assert is_running(tmp_path)
        with pytest.raises(KadrError, match="kadr already runs with the data in"), only_supervisor(tmp_path):
            pass
    assert not is_running(tmp_path)


def test_services_that_wait_for_each_other_are_refused(service: Build) -> None:
    with pytest.raises(KadrError, match="a, b"):
        levels([service("a", after=("b",)), service("b", after=("a",))])
