"""The local stack as an object: what the demo, the tests and `kadr up` start, wait for and stop."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType

from infra.errors import KadrError
from infra.obtain import obtain
from infra.plan import PARTS, program_environment
from infra.process import die_with_parent, last_meaningful_line, rotate
from infra.settings import StackSettings
from infra.state import HEALTHY, ServiceState, StackState, is_running, read_state

POLL_SECONDS = 0.1
SUPERVISOR_SECONDS = 30.0

Progress = Callable[[str], None]
Watcher = Callable[[str, ServiceState], None]


class LocalStack:
    """Runs the services of a data folder under a supervisor, or joins those that run there already.

    As a context manager it starts, waits until all is ready, and at the end stops what it started itself.
    """

    def __init__(
        self,
        settings: StackSettings,
        parts: Sequence[str] = PARTS,
        *,
        on_progress: Progress = lambda line: None,
        on_change: Watcher | None = None,
        detached: bool = False,
    ) -> None:
        """Prepares; nothing is started yet.

        Args:
            settings: where everything is.
            parts: which parts to run, out of kafka, opensearch, minio, encoder, worker, api.
            on_progress: told, line by line, what is going on.
            on_change: told of every change of a service while `wait_ready` waits; by default ready ones become lines.
            detached: whether the supervisor goes on when this process ends (`kadr up`).
        """
        self.settings = settings
        self.parts = tuple(parts)
        self.joined = False
        self._on_progress = on_progress
        self._on_change = on_change or self._tell_change
        self._detached = detached
        self._supervisor: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "LocalStack":
        """Starts, and waits until all is ready; stops again what it started if that fails."""
        try:
            self.start()
            self.wait_ready()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Stops what it started."""
        self.stop()

    def start(self) -> None:
        """Obtains what is missing and starts the supervisor, or joins the one that runs.

        Start it from the main thread: the kernel ends the supervisor when the thread ends that started it.

        Raises:
            KadrError: something is missing, or another stack runs in this folder without some of the parts.
        """
        if is_running(self.settings.data):
            self._join()
            return
        servers = [name for name in self.settings.local_servers if name in self.parts and name != "encoder"]
        obtain(servers, self.settings.servers_folder, self._on_progress)
        self._supervisor = self._spawn()

    def _join(self) -> None:
        running = self.state().services
        absent = [part for part in self.parts if not any(name.split("-")[0] == part for name in running)]
        if absent:
            raise KadrError(
                f"kadr already runs with the data in {self.settings.data}, but without {', '.join(absent)}: "
                "stop it with kadr down first."
            )
        self.joined = True
        self._on_progress(f"kadr already runs with the data in {self.settings.data}")

    def _spawn(self) -> subprocess.Popen[bytes]:
        folder = self.settings.data
        try:
            self.settings.logs_folder.mkdir(parents=True, exist_ok=True)
            (folder / "state.json").unlink(missing_ok=True)  # It tells of an earlier run.
            rotate(self._log)
            with self._log.open("ab") as log:
                return subprocess.Popen(
                    [sys.executable, "-m", "infra.supervisor", "--parts", ",".join(self.parts)],
                    cwd=folder,
                    env=program_environment(self.settings),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,  # Ctrl-C in a terminal is for this process; it tells the supervisor.
                    preexec_fn=None if self._detached else die_with_parent(signal.SIGTERM),
                )
        except OSError as error:
            raise KadrError(f"{folder} cannot be used ({error.strerror}): set KADR_DATA to another folder.") from error

    @property
    def _log(self) -> Path:
        return self.settings.logs_folder / "supervisor.log"

    def state(self) -> StackState:
        """Reads how everything is now."""
        return read_state(self.settings.data)

    def wait_ready(self) -> None:
        """Waits until every service is ready.

        Raises:
            KadrError: one of them could not be started; the sentence has the path of its log.
        """
        seen: dict[str, tuple[str, int]] = {}
        started = time.monotonic()
        while True:
            ended = self._supervisor is not None and self._supervisor.poll() is not None
            state = self.state()
            self._tell(state, seen)
            if state.state == "ready":
                return
            if state.state == "failed" and state.error:
                raise KadrError(state.error)
            late = not state.services and time.monotonic() - started > SUPERVISOR_SECONDS
            if ended or late or (self.joined and not is_running(self.settings.data)):
                line = last_meaningful_line(self._log) or "it said nothing"
                raise KadrError(f"The supervisor stopped: {line} (its log is {self._log}).")
            time.sleep(POLL_SECONDS)

    def _tell(self, state: StackState, seen: dict[str, tuple[str, int]]) -> None:
        for name, service in state.services.items():
            now = (service.state, service.restarts)
            if seen.get(name) != now:
                seen[name] = now
                self._on_change(name, service)

    def _tell_change(self, name: str, service: ServiceState) -> None:
        if service.state in HEALTHY:
            self._on_progress(f"{name} is {service.state} after {service.ready_seconds:.1f} s")
        elif service.state == "restarting":
            self._on_progress(f"{name} is started again: {service.error}")

    def kill(self, name: str, number: int = signal.SIGKILL) -> int:
        """Sends a signal to a service's process, as a crash would; returns the number of that process.

        Raises:
            KadrError: it does not run.
        """
        service = self.state().services.get(name)
        if service is None or not service.pid:
            raise KadrError(f"{name} does not run.")
        os.kill(service.pid, number)
        return service.pid

    def wait_restarted(self, name: str, old_pid: int, timeout_seconds: float = 120.0) -> None:
        """Waits until a service is ready again in another process.

        Raises:
            KadrError: it is not, in this time.
        """
        until = time.monotonic() + timeout_seconds
        while time.monotonic() < until:
            service = self.state().services[name]
            if service.state == "ready" and service.pid not in (0, old_pid):
                return
            time.sleep(POLL_SECONDS)
        raise KadrError(f"{name} was not ready again after {timeout_seconds:.0f} s: {service.error}.")

    def stop(self) -> None:
        """Stops what this object started, in reverse order; what it joined runs on."""
        if self._supervisor is not None:
            stop_supervisor(self._supervisor.pid, self.settings, self._supervisor)
            self._supervisor = None


def stop_supervisor(pid: int, settings: StackSettings, child: subprocess.Popen[bytes] | None = None) -> None:
    """Asks a supervisor to stop everything and waits for it; kills it, and with it its children, if it hangs.

    Args:
        pid: its process.
        settings: the settings of its stack.
        child: its handle, if this process started it.
    """
    # Each of the four levels may use up its grace.
    until = time.monotonic() + 4 * settings.stop_seconds + 10.0
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
        while time.monotonic() < until:
            if (child.poll() is not None) if child else not is_running(settings.data):
                return
            time.sleep(POLL_SECONDS)
        os.kill(pid, signal.SIGKILL)
    if child:
        child.wait()
