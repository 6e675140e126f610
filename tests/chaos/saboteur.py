"""Kills, stops, restarts and cuts off, in an order that the seed decides."""

from __future__ import annotations

import asyncio
import random
import signal
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from minio.notificationconfig import NotificationConfig

from chaos.fleet import PLAIN, Fleet, Worker
from chaos.proxy import FaultProxy
from chaos.world import World, persist
from infra.clients import object_store
from infra.initialise import add_notification

SERVICES = ("kafka", "opensearch", "minio")


@dataclass(frozen=True, slots=True)
class Sabotage:
    """How much of what.

    Attributes:
        zombies: Workers that are paused for longer than their session lasts, and go on.
        rebalances: Guests that join the group and leave it again.
        restarts: How often each of Kafka, OpenSearch and the object store is killed.
        outages: Times in which OpenSearch refuses everything.
        silences: Times in which the bucket sends no notifications.
        pause_seconds: Pause between two acts, on average.
    """

    kills: int = 9
    zombies: int = 3
    rebalances: int = 4
    restarts: int = 1
    outages: int = 2
    silences: int = 2
    pause_seconds: float = 6.0


class Saboteur:
    """Commits acts of sabotage, one after the other.

    Attributes:
        done: How many of each.
    """

    def __init__(
        self,
        world: World,
        fleet: Fleet,
        proxy: FaultProxy,
        rng: random.Random,
        *,
        session_seconds: float,
        tell: Callable[[str], None],
        guests: Sequence[str] = PLAIN,
    ) -> None:
        self.done: Counter[str] = Counter()
        self._world = world
        self._fleet = fleet
        self._proxy = proxy
        self._rng = rng
        self._session_seconds = session_seconds
        self._tell = tell
        self._guests = guests

    async def work(self, sabotage: Sabotage) -> None:
        """Commits all of it."""
        acts: list[tuple[str, Callable[[], Awaitable[None]]]] = [
            *[("kills", self._kill)] * sabotage.kills,
            *[("zombies", self._pause)] * sabotage.zombies,
            *[("rebalances", self._rebalance)] * sabotage.rebalances,
            *[("outages", self._refuse)] * sabotage.outages,
            *[("silences", self._silence)] * sabotage.silences,
            *[(f"restarts of {name}", self._restart(name)) for name in SERVICES] * sabotage.restarts,
        ]
        self._rng.shuffle(acts)
        for name, act in acts:
            await asyncio.sleep(self._rng.uniform(0.5, 1.5) * sabotage.pause_seconds)
            await act()
            self.done[name] += 1
            self._tell(f"{name}: {self.done[name]}")

    async def _kill(self) -> None:
        await self._fleet.calm()
        (await self._victim()).send(signal.SIGKILL)

    async def _pause(self) -> None:
        """Makes a zombie: the group gives its partitions away, and then it goes on with what it had."""
        await self._fleet.calm()
        worker = await self._victim()
        paused = worker.process
        worker.send(signal.SIGSTOP)
        await asyncio.sleep(1.5 * self._session_seconds)
        if worker.process is paused and worker.runs:
            worker.send(signal.SIGCONT)

    async def _rebalance(self) -> None:
        guest = Worker(f"guest-{self._rng.getrandbits(32):08x}", named=False, program=self._guests)
        async with self._fleet.running(guest):
            await self._fleet.joined(guest)
            await asyncio.sleep(1.0)

    async def _refuse(self) -> None:
        self._proxy.down = True
        await asyncio.sleep(self._rng.uniform(2, 8))
        self._proxy.down = False

    async def _silence(self) -> None:
        """Cuts the notifications off for some seconds."""
        store, bucket = object_store(self._world.scope.settings), self._world.bucket
        await persist(lambda: asyncio.to_thread(store.set_bucket_notification, bucket, NotificationConfig()))
        await asyncio.sleep(self._rng.uniform(2, 6))
        await persist(lambda: asyncio.to_thread(add_notification, store, bucket, self._world.scope.target))

    def _restart(self, name: str) -> Callable[[], Awaitable[None]]:
        async def restart() -> None:
            pid = self._world.stack.kill(name)
            await asyncio.to_thread(self._world.stack.wait_restarted, name, pid)

        return restart

    async def _victim(self) -> Worker:
        while not (running := [worker for worker in self._fleet.workers if worker.runs]):
            await asyncio.sleep(0.1)
        return self._rng.choice(running)
