"""Keeps the services of a local stack alive: `python -m infra.supervisor [--parts kafka,opensearch,...]`.

It starts them in their order, starts again what dies, and stops all in reverse order when it is told to stop. The
kernel kills its children when it is itself killed, so that nothing survives it.
"""

import argparse
import asyncio
import logging
import os
import random
import signal
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from infra.errors import KadrError
from infra.plan import PARTS, plan
from infra.ports import check_free
from infra.process import birth_seconds, end, end_leftover, kill_group, last_meaningful_line, rotate, start
from infra.service import Service, levels
from infra.settings import StackSettings, read_settings
from infra.state import HEALTHY, Phase, ServiceState, StackState, only_supervisor, read_state, write_state

FIRST_TRIES = 2
SHORTEST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0
STEADY_SECONDS = 60.0
POLL_SECONDS = 0.2
ROTATE_SECONDS = 60.0

Watcher = Callable[[str, ServiceState], None]


class Supervisor:
    """Runs services until it is told to stop, or one of them does not start."""

    def __init__(
        self,
        services: Sequence[Service],
        data: Path,
        *,
        stop_seconds: float,
        on_change: Watcher = lambda name, state: None,
        chance: random.Random | None = None,
    ) -> None:
        """Prepares; nothing is started yet.

        Args:
            services: what to run, with the order among them.
            data: the folder of the state file.
            stop_seconds: how long each service has for stopping by itself.
            on_change: told whenever a service changes its phase.
            chance: the source of jitter.
        """
        self._levels = levels(services)
        self._services = [service for level in self._levels for service in level]
        self._data = data
        self._stop_seconds = stop_seconds
        self._on_change = on_change
        self._chance = chance or random.Random()
        self._ready = {service.name: asyncio.Event() for service in services}
        self._running: dict[str, asyncio.subprocess.Process] = {}
        self._stop = asyncio.Event()
        self.state = StackState(pid=os.getpid())
        for service in self._services:
            log = str(service.launch.log) if service.launch else ""
            self.state.services[service.name] = ServiceState(log=log, address=service.address)

    def stop(self) -> None:
        """Asks `run` to stop everything and return."""
        self._stop.set()

    async def run(self) -> int:
        """Runs until `stop`; returns the exit status: 1 if a service could not be started.

        Raises:
            KadrError: a port is taken.
        """
        self._end_leftovers()
        check_free([port for service in self._services if service.launch for port in service.ports])
        write_state(self._data, self.state)
        keepers = {service.name: asyncio.create_task(self._keep(service)) for service in self._services}
        keepers["the logs"] = asyncio.create_task(self._rotate_logs())
        for keeper in keepers.values():
            keeper.add_done_callback(self._stop_after_bug)
        try:
            await self._stop.wait()
        finally:
            await self._stop_all(list(keepers.values()))
        return 1 if self.state.state == "failed" else 0

    def _stop_after_bug(self, keeper: asyncio.Task[None]) -> None:
        if not keeper.cancelled() and keeper.exception() is not None:
            self._stop.set()

    def _end_leftovers(self) -> None:
        """Ends what a supervisor that was killed may have left for a moment."""
        for left in read_state(self._data).services.values():
            if left.pid:
                end_leftover(left.pid, left.birth, self._stop_seconds)

    async def _keep(self, service: Service) -> None:
        """Starts a service after what it needs, and again whenever it dies."""
        for name in service.after:
            await self._ready[name].wait()
        failures = 0
        while True:
            started = time.monotonic()
            error = await self._run_once(service)
            if not error:
                return
            was_ready = self._ready[service.name].is_set()
            failures = 1 if time.monotonic() - started > STEADY_SECONDS else failures + 1
            if not was_ready and failures >= FIRST_TRIES:
                self._fail(service, error)
                return
            state = self.state.services[service.name]
            state.restarts += 1
            self._change(service.name, "restarting", error=error)
            await asyncio.sleep(pause_seconds(failures, self._chance))

    async def _run_once(self, service: Service) -> str:
        """Runs a service as long as it lives; returns why it ended, nothing for a step that is done."""
        state = self.state.services[service.name]
        self._change(service.name, "starting")
        started = time.monotonic()
        if service.launch is None:
            return await self._wait_elsewhere(service, started)
        written = service.launch.log.stat().st_size if service.launch.log.exists() else 0
        try:
            running = await start(service.launch)
        except OSError as error:
            return f"{service.launch.command[0]} does not start: {error.strerror}"
        self._running[service.name] = running
        state.pid, state.birth = running.pid, birth_seconds(running.pid)
        write_state(self._data, self.state)
        try:
            late = await self._wait_ready(service, running, started)
            if not late and not service.is_step:
                await running.wait()
        finally:
            if running.returncode is not None:
                kill_group(running.pid)  # What it left behind must not hold its port.
        if late:
            await end(running, self._stop_seconds)
        del self._running[service.name]
        state.pid, state.birth = 0, 0.0
        if service.is_step and running.returncode == 0:
            return self._finish(service, "done", started)
        return late or _why_it_ended(service, running.returncode or 0, written)

    async def _wait_elsewhere(self, service: Service, started: float) -> str:
        assert service.check is not None
        while reason := await service.check():
            if time.monotonic() - started > service.start_seconds:
                return f"{reason}; it is not one that kadr starts (KADR_LOCAL_SERVERS)"
            await asyncio.sleep(POLL_SECONDS)
        return self._finish(service, "ready", started)

    async def _wait_ready(self, service: Service, running: asyncio.subprocess.Process, started: float) -> str:
        """Waits until a process is ready, or ended; says so if it takes too long."""
        reason = "it did not end"
        while running.returncode is None:
            if service.check is not None:
                reason = await service.check()
                if not reason and running.returncode is None:
                    return self._finish(service, "ready", started)
            if time.monotonic() - started > service.start_seconds:
                return f"not ready after {service.start_seconds:.0f} s: {reason}"
            await asyncio.sleep(POLL_SECONDS)
        return ""

    def _finish(self, service: Service, phase: Phase, started: float) -> str:
        """Notes that a service is ready or a step is done."""
        self.state.services[service.name].ready_seconds = round(time.monotonic() - started, 1)
        self._ready[service.name].set()
        if self.state.state == "starting" and all(event.is_set() for event in self._ready.values()):
            self.state.state = "ready"
        self._change(service.name, phase)
        return ""

    def _fail(self, service: Service, error: str) -> None:
        self.state.state = "failed"
        log = f" (its log is {service.launch.log})" if service.launch else ""
        what = "failed" if service.is_step else "does not start"
        self.state.error = f"{service.name} {what}: {error.rstrip('.')}{log}."
        self._change(service.name, "failed", error=error)
        self._stop.set()

    def _change(self, name: str, phase: Phase, error: str | None = None) -> None:
        state = self.state.services[name]
        state.state = phase
        if error is not None:
            state.error = error
        write_state(self._data, self.state)
        self._on_change(name, state)

    async def _rotate_logs(self) -> None:
        while True:
            for service in self._services:
                if service.launch:
                    rotate(service.launch.log)
            await asyncio.sleep(ROTATE_SECONDS)

    async def _stop_all(self, keepers: Sequence[asyncio.Task[None]]) -> None:
        """Stops level after level, the last started first; raises what a keeper should not have raised."""
        if self.state.state != "failed":
            self.state.state = "stopping"
        for keeper in keepers:
            keeper.cancel()
        endings = await asyncio.gather(*keepers, return_exceptions=True)
        for level in reversed(self._levels):
            await asyncio.gather(*(self._stop_one(service.name) for service in level))
        if self.state.state != "failed":
            self.state.state = "stopped"
        write_state(self._data, self.state)
        for ending in endings:
            if isinstance(ending, Exception):
                raise ending

    async def _stop_one(self, name: str) -> None:
        running = self._running.pop(name, None)
        state = self.state.services[name]
        if running is not None:
            self._change(name, "stopping")
            await end(running, self._stop_seconds)
        state.pid, state.birth = 0, 0.0
        if state.state != "failed":
            self._change(name, "stopped")


def pause_seconds(failures: int, chance: random.Random) -> float:
    """Says how long to wait before the next start: twice as long after each failure, with jitter, up to 30 s."""
    longest = min(LONGEST_PAUSE_SECONDS, SHORTEST_PAUSE_SECONDS * 2.0 ** (failures - 1))
    return longest * chance.uniform(0.5, 1.0)


def _why_it_ended(service: Service, status: int, written: int) -> str:
    assert service.launch is not None
    if status in (-signal.SIGKILL, -signal.SIGTERM):
        return f"killed by {signal.Signals(-status).name}"
    line = last_meaningful_line(service.launch.log, written)
    if service.is_step and line:
        return line.removeprefix("Error: ")
    how = f"killed by {signal.Signals(-status).name}" if status < 0 else f"ended with exit status {status}"
    return f"{how}: {line}" if line else how


async def supervise(settings: StackSettings, parts: Sequence[str], on_change: Watcher) -> int:
    """Runs a stack in this process until SIGTERM or SIGINT; returns the exit status.

    Raises:
        KadrError: it cannot start; the state file says why, too.
    """
    with only_supervisor(settings.data):
        write_state(settings.data, StackState(pid=os.getpid(), services=read_state(settings.data).services))
        try:
            services = plan(settings, parts)
            supervisor = Supervisor(services, settings.data, stop_seconds=settings.stop_seconds, on_change=on_change)
            loop = asyncio.get_running_loop()
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
                loop.add_signal_handler(number, supervisor.stop)
            status = await supervisor.run()
        except KadrError as error:
            write_state(settings.data, StackState(pid=os.getpid(), state="failed", error=str(error)))
            raise
        if supervisor.state.error:
            raise KadrError(supervisor.state.error)
        return status


def print_change(name: str, state: ServiceState) -> None:
    """Writes a change of phase as one line, for a terminal or the supervisor's own log."""
    detail = f" after {state.ready_seconds:.1f} s" if state.state in HEALTHY else ""
    detail += f": {state.error}" if state.state in ("restarting", "failed") else ""
    print(f"{time.strftime('%H:%M:%S')} {name} {state.state}{detail}", flush=True)


def main() -> int:
    """Runs the supervisor with the settings of the environment."""
    parser = argparse.ArgumentParser(description="Keeps the local stack of kadr alive.")
    parser.add_argument("--parts", default=",".join(PARTS), help="comma-separated parts to run")
    parts = parser.parse_args().parts.split(",")
    # aiokafka reports every try of a broker that is just starting.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    try:
        return asyncio.run(supervise(read_settings(), parts, print_change))
    except KadrError as error:
        print(error, file=sys.stderr, flush=True)
        return 1


if __name__ == "__main__":
    sys.exit(main())
