"""The workers of a run, started again whenever they end, as a supervisor does it."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from collections import Counter, deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from infra.ports import free_ports
from stream.failpoints import VARIABLE

_POLL_SECONDS = 0.1
_PAUSE_SECONDS = 0.5
_CALM_SECONDS = 60.0
PLAIN = ("-m", "infra.cli", "worker")


@dataclass(slots=True)
class Worker:
    """A worker and what becomes of it.

    Attributes:
        armed: The failpoint at which its present process will die.
        expected: Whether somebody has killed or stopped its present process.
        wanted: Whether it is to be started again.
    """

    name: str
    named: bool = True
    program: Sequence[str] = PLAIN
    process: subprocess.Popen[bytes] | None = None
    armed: str = ""
    expected: bool = False
    wanted: bool = True
    port: int = field(default_factory=lambda: free_ports(1)[0])

    @property
    def runs(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def send(self, number: int) -> None:
        """Sends a signal; one that ends the process is expected to."""
        assert self.process is not None
        self.expected = self.expected or number in (signal.SIGKILL, signal.SIGTERM)
        self.process.send_signal(number)


class Fleet:
    """Starts workers, and starts them again.

    Attributes:
        failpoints: Those that are still to be reached; each new process of a worker that takes them gets the next.
        reached: Failpoints at which a process died.
        missed: Those at which none died, once the workers are stopped.
        endings: Exit statuses of processes that ended by themselves, and not at a failpoint.
        is_calm: Whether a worker may die now. A span whose workers die five times running is put aside, and rightly.
    """

    def __init__(self, environment: Mapping[str, str], log_folder: Path) -> None:
        self.workers: list[Worker] = []
        self.failpoints: deque[str] = deque()
        self.reached: list[str] = []
        self.missed: list[str] = []
        self.endings: Counter[int] = Counter()
        self.starts = 0
        self.is_calm: Callable[[], Awaitable[bool]] = _always
        self._environment = environment
        self._folder = log_folder

    @asynccontextmanager
    async def running(self, *workers: Worker) -> AsyncIterator[None]:
        """Runs workers for as long as the block lasts."""
        self.workers += workers
        keepers = [asyncio.create_task(self._keep(worker), name=worker.name) for worker in workers]
        try:
            yield
        finally:
            self.missed = [*self.failpoints, *(worker.armed for worker in workers if worker.armed)]
            for keeper in keepers:
                keeper.cancel()
            await asyncio.gather(*keepers, return_exceptions=True)
            await asyncio.gather(*(self._stop(worker) for worker in workers))
            for worker in workers:
                self.workers.remove(worker)

    async def joined(self, *workers: Worker, seconds: float = 120.0) -> None:
        """Waits until these workers have their place in the group, or at most so long: they may be killed again."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds), httpx.AsyncClient(trust_env=False) as client:
                for worker in workers:
                    while not await is_ready(client, worker):
                        await asyncio.sleep(_POLL_SECONDS)

    async def _keep(self, worker: Worker) -> None:
        takes_failpoints = worker is self.workers[0]
        while True:
            takes_one = takes_failpoints and self.failpoints and await self.is_calm()
            worker.armed = self.failpoints.popleft() if takes_one else ""
            worker.expected = False
            worker.process = self._start(worker)
            if takes_failpoints and not worker.armed:
                await self._end_once_calm(worker)
            while worker.runs:
                await asyncio.sleep(_POLL_SECONDS)
            self._note_end(worker)
            await asyncio.sleep(_PAUSE_SECONDS)
            while not worker.wanted:
                await asyncio.sleep(_POLL_SECONDS)

    async def calm(self) -> None:
        """Waits until a worker may die, or for so long that the one that is to blame must be found otherwise."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_CALM_SECONDS):
                while not await self.is_calm():
                    await asyncio.sleep(1.0)

    async def _end_once_calm(self, worker: Worker) -> None:
        """Lets a worker without a failpoint end well, so that its next process takes one."""
        while worker.runs and self.failpoints:
            if await self.is_calm():
                worker.send(signal.SIGTERM)
                return
            await asyncio.sleep(1.0)

    def _start(self, worker: Worker) -> subprocess.Popen[bytes]:
        self.starts += 1
        own = {
            "KADR_WORKER_NAME": worker.name if worker.named else "",
            "KADR_WORKER_HEALTH_PORT": str(worker.port),
            VARIABLE: worker.armed,
        }
        with (self._folder / f"{worker.name}.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, *worker.program], env={**self._environment, **own}, stdout=log, stderr=log
            )

    def _note_end(self, worker: Worker) -> None:
        assert worker.process is not None
        status = worker.process.returncode
        at_failpoint = status == -signal.SIGKILL and not worker.expected
        if worker.armed and at_failpoint:
            self.reached.append(worker.armed)
        else:
            if worker.armed:
                self.failpoints.append(worker.armed)
            if not worker.expected:
                self.endings[status] += 1

    async def _stop(self, worker: Worker) -> None:
        if worker.process is None or not worker.runs:
            return
        worker.process.send_signal(signal.SIGCONT)
        worker.send(signal.SIGTERM)
        try:
            async with asyncio.timeout(30):
                while worker.runs:
                    await asyncio.sleep(_POLL_SECONDS)
        except TimeoutError:
            worker.send(signal.SIGKILL)
            worker.process.wait()


async def _always() -> bool:
    return True


async def is_ready(client: httpx.AsyncClient, worker: Worker) -> bool:
    with suppress(httpx.TransportError):
        return (await client.get(f"http://127.0.0.1:{worker.port}/ready")).status_code == 200
    return False
