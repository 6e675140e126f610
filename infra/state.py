"""What the supervisor tells others: a lock that says that it lives, and a file that says how its services are."""

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

from infra.errors import KadrError

Phase = Literal["waiting", "starting", "ready", "done", "restarting", "stopping", "stopped", "failed"]
HEALTHY: tuple[Phase, ...] = ("ready", "done")


@dataclass(slots=True)
class ServiceState:
    """How one service is.

    Attributes:
        state: its phase.
        pid: its process, 0 if it has none.
        birth: when that process was started, in seconds since the epoch.
        restarts: how often it died after it had been started.
        error: why it died last, in one line.
        ready_seconds: how long its last start took until it was ready.
        log: path of its log, empty for one that runs elsewhere.
        address: where it is found.
    """

    state: Phase = "waiting"
    pid: int = 0
    birth: float = 0.0
    restarts: int = 0
    error: str = ""
    ready_seconds: float = 0.0
    log: str = ""
    address: str = ""


@dataclass(slots=True)
class StackState:
    """How the whole stack is: its supervisor, one phase for all, and the services in their order."""

    pid: int = 0
    state: Phase = "starting"
    error: str = ""
    services: dict[str, ServiceState] = field(default_factory=dict)


def write_state(data: Path, state: StackState) -> None:
    """Replaces the state file; a reader sees the old one or the new one."""
    temporary = data / ".state.json.new"
    temporary.write_text(json.dumps(asdict(state), indent=1), encoding="utf-8")
    temporary.replace(data / "state.json")


def read_state(data: Path) -> StackState:
    """Reads the state file; an empty state if there is none, or one of another version."""
    try:
        stored = json.loads((data / "state.json").read_text(encoding="utf-8"))
        services = {name: ServiceState(**values) for name, values in stored.pop("services").items()}
        return StackState(services=services, **stored)
    except (OSError, ValueError, KeyError, TypeError):
        return StackState(state="stopped")


@contextmanager
def only_supervisor(data: Path) -> Iterator[None]:
    """Holds the lock of a data folder.

    Raises:
        KadrError: another supervisor holds it, or the folder cannot be written.
    """
    try:
        data.mkdir(parents=True, exist_ok=True)
        lock = (data / "supervisor.lock").open("a")
    except OSError as error:
        raise KadrError(f"{data} cannot be written ({error.strerror}): set KADR_DATA to another folder.") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise KadrError(
                f"kadr already runs with the data in {data} (process {read_state(data).pid}): "
                "stop it with kadr down, or set KADR_DATA to another folder."
            ) from error
        yield


def is_running(data: Path) -> bool:
    """Says whether a supervisor lives for this data folder."""
    try:
        with (data / "supervisor.lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False
