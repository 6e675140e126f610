"""Single misfortunes, each with its own proof: what kills workers, what lasts long, what is said too often."""

from __future__ import annotations

import asyncio
import random
import signal
import sys
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from services import Scope

from chaos.contents import SPAN_SECONDS, Contents
from chaos.fleet import Fleet, Worker
from chaos.oracle import Oracle
from chaos.poller import Poller
from chaos.proxy import FaultProxy, Faults
from chaos.saboteur import Sabotage, Saboteur
from chaos.setting import TESTS, python_path
from chaos.verdict import Verdict, become_quiet, command, judge
from chaos.world import World, opened, until
from infra.stack import LocalStack
from search_api.show import shows_moment
from stream.events import VideoLook
from stream.failpoints import FAILURE

WRAPPED = str(TESTS / "chaos" / "wrapped_worker.py")
SESSION_SECONDS = 6.0
ENVIRONMENT = {
    "KADR_SPAN_SECONDS": f"{SPAN_SECONDS:g}",
    "KADR_SESSION_TIMEOUT_SECONDS": f"{SESSION_SECONDS:g}",
    "KADR_RETRY_LONGEST_SECONDS": "1",
    "KADR_RECONCILE_EVERY_SECONDS": "0",
    "KADR_SWEEP_EVERY_SECONDS": "0",
}


def silent(_: str) -> None: ...


@dataclass(slots=True)
class Stage:
    """What a scenario plays on.

    Attributes:
        oracle: Its keys are those that `put` was told.
    """

    world: World
    fleet: Fleet
    contents: Contents
    oracle: Oracle
    proxy: FaultProxy

    async def put(self, *names: str, number: int | None = None) -> None:
        """Stores a video under each name: the one of that number, or each another."""
        for index, name in enumerate(names):
            content = self.contents.all[index % len(self.contents.all) if number is None else number]
            await self.world.put(name, content.data)
            self.oracle.add(name).stored(content)

    async def entry(self, name: str) -> dict[str, Any]:
        id_ = self.world.id_of(name)
        return (await self.world.ledger([id_])).get(id_, {})

    async def until_status(self, status: str, *names: str, seconds: float = 120.0) -> None:
        async def reached() -> bool:
            return all([(await self.entry(name)).get("status") == status for name in names])

        await until(reached, f"{', '.join(names)} to be {status}", seconds=seconds)

    async def all_emitted(self, names: Iterable[str]) -> bool:
        entries = [await self.entry(name) for name in names]
        return all(entry and entry["emitted"] and entry["status"] == "indexing" for entry in entries)

    async def quiet(self, *, reconcile: bool = False, seconds: float = 60.0) -> Verdict:
        await become_quiet(self.world, self.oracle, seconds=seconds, reconcile=reconcile, tell=silent)
        return await judge(self.world, self.oracle)


@asynccontextmanager
async def staged(
    stack: LocalStack, scope: Scope, logs: Path, *, contents: int = 8, **environment: str
) -> AsyncIterator[Stage]:
    """Sets a stage whose notifications reach kadr as ever."""
    proxy = FaultProxy(scope.opensearch_url, Faults(), random.Random(0))
    own = {"PYTHONPATH": python_path(), "KADR_OPENSEARCH_URL": proxy.url, **environment}
    fleet = Fleet({**scope.environment, **ENVIRONMENT, **own}, logs)
    async with opened(stack, scope, f"{scope.topic_prefix}uploads") as world, proxy.serving():
        yield Stage(world, fleet, Contents(contents, random.Random(0), most_shots=4), Oracle(), proxy)


async def one_that_kills(stack: LocalStack, scope: Scope, logs: Path, *, rebalances: int) -> dict[str, Any]:
    """A video that kills its worker, beside innocents and rebalances."""
    program = (WRAPPED, "killer")
    innocents = [f"innocent {number}.mp4" for number in range(8)]
    async with staged(stack, scope, logs) as stage:
        saboteur = Saboteur(
            stage.world,
            stage.fleet,
            stage.proxy,
            random.Random(0),
            session_seconds=SESSION_SECONDS,
            tell=silent,
            guests=program,
        )
        nothing = Sabotage(kills=0, zombies=0, rebalances=rebalances, restarts=0, outages=0, silences=0)
        workers = [Worker(f"worker-{number}", program=program) for number in range(2)]
        await stage.put("killer.mp4", number=0)
        await stage.put(*innocents)
        async with stage.fleet.running(*workers):
            async with asyncio.TaskGroup() as group:
                group.create_task(saboteur.work(nothing))
                group.create_task(stage.until_status("failed", "killer.mp4", seconds=240))
            await stage.until_status("ready", *innocents)
            stage.oracle.keys.pop("killer.mp4")
            verdict = await stage.quiet()
            killer = await stage.entry("killer.mp4")
    return {
        "deaths": stage.fleet.endings[-signal.SIGKILL],
        "rebalances": saboteur.done["rebalances"],
        "dead_letters": verdict.letters,
        "reason": killer["reason"],
        "innocents_lost": verdict.wrongs.lost,
    }


async def a_death_while_failing(stack: LocalStack, scope: Scope, logs: Path) -> dict[str, Any]:
    """A span that cannot be decoded; its worker dies after the dead letter, and the next after the ledger knows."""
    async with staged(stack, scope, logs) as stage:
        stage.fleet.failpoints.extend(FAILURE)
        worker = Worker("worker", program=(WRAPPED, "broken"))
        async with stage.fleet.running(worker):
            await stage.put("broken.mp4", number=0)
            await until(lambda: _are_reached(stage.fleet, FAILURE), "both failpoints to be reached", seconds=180)
            await stage.until_status("failed", "broken.mp4")
            verdict = await stage.quiet()
            entry = await stage.entry("broken.mp4")
    return {
        "reached": sorted(stage.fleet.reached),
        "dead_letters": verdict.letters,
        "unannounced": verdict.unannounced,
        "states": [span["state"] for span in entry["spans"]],
    }


async def outage(stack: LocalStack, scope: Scope, logs: Path, *, watchdog_seconds: float) -> dict[str, Any]:
    """OpenSearch refuses everything for three times as long as the watchdog waits."""
    names = [f"{number}.mp4" for number in range(6)]
    async with staged(stack, scope, logs, KADR_WATCHDOG_SECONDS=f"{watchdog_seconds:g}") as stage:
        workers = [Worker(f"worker-{number}") for number in range(2)]
        async with stage.fleet.running(*workers):
            await stage.fleet.joined(*workers)
            stage.proxy.down = True
            await stage.put(*names)
            await asyncio.sleep(3 * watchdog_seconds)
            stage.proxy.down = False
            await stage.until_status("ready", *names)
            verdict = await stage.quiet()
            starts = stage.fleet.starts
    return {"starts": starts, "dead_letters": verdict.letters, "lost": verdict.wrongs.lost}


async def backlog(stack: LocalStack, scope: Scope, logs: Path, *, videos: int, reconciles: int) -> dict[str, Any]:
    """A backlog, while somebody reconciles again and again and asks for each span once more."""
    held = logs / "held"
    held.touch()
    names = [f"slow {number}.mp4" for number in range(videos)]
    async with staged(stack, scope, logs, KADR_RESEND_AFTER_SECONDS="0.1") as stage:
        await stage.put(*names)
        async with stage.fleet.running(Worker("worker", program=(WRAPPED, "hold", str(held)))):
            await until(lambda: stage.all_emitted(names), "every span to be sent", seconds=120)
            for _ in range(reconciles):
                await command(stage.world, "reconcile", KADR_RESEND_AFTER_SECONDS="0.1")
                for name in names:
                    await stage.world.publish(VideoLook(bucket=stage.world.bucket, key=name, resend="revision"))
            held.unlink()
            verdict = await stage.quiet(reconcile=True, seconds=120)
            entries = [await stage.entry(name) for name in names]
    return {
        "spans": sum(entry["spans_total"] for entry in entries),
        "span_records": verdict.span_records,
        "most_emissions": max(entry["emissions"] for entry in entries),
        "lost": verdict.wrongs.lost,
        "duplicates": verdict.wrongs.duplicates,
    }


async def a_death_with_a_gap(stack: LocalStack, scope: Scope, logs: Path, *wishes: str, videos: int = 24) -> Verdict:
    """A worker dies while the oldest span of all is at work and everything after it is done and committed."""
    held = logs / "held"
    held.touch()
    others = [f"{number}.mp4" for number in range(videos)]
    async with staged(stack, scope, logs) as stage:
        worker = Worker("worker", program=(WRAPPED, *wishes, "hold", str(held)))
        await stage.put("slow.mp4", number=0)
        async with stage.fleet.running(worker):
            await stage.until_status("indexing", "slow.mp4")
            await stage.put(*others)
            await stage.until_status("ready", *others)
            await _commits_end(stage.world)
            worker.send(signal.SIGKILL)
            held.unlink()
            await stage.fleet.joined(worker)
            return await stage.quiet(seconds=30)


async def _commits_end(world: World) -> None:
    """Waits until all is committed that will be: the strict consumer commits nothing past the oldest record."""
    lags = [-1]
    while len(lags) < 4 or len(set(lags[-4:])) > 1:
        lags.append(await world.lag())
        await asyncio.sleep(1.0)


async def a_death_before_the_sweep(stack: LocalStack, scope: Scope, logs: Path, *, polls: int) -> Poller:
    """A worker dies right after the ledger took a new revision, so that the old one's moments are still there."""
    async with staged(stack, scope, logs, contents=2) as stage:
        worker = Worker("worker")
        async with stage.fleet.running(worker):
            await stage.put("a.mp4", number=0)
            await stage.until_status("ready", "a.mp4")
            await _commits_end(stage.world)
            stage.fleet.failpoints.append("look.write")
            worker.send(signal.SIGKILL)
            await until(lambda: _is_armed(worker), "the worker to be armed", seconds=30)
            worker.wanted = False
            await stage.put("a.mp4", number=1)
            await until(lambda: _is_dead(worker), "the worker to die", seconds=60)
            poller = Poller(stage.world, stage.contents, stage.oracle.keys, random.Random(0))
            for _ in range(polls):
                await poller.ask()
            return poller


@contextmanager
def show_left_out() -> Iterator[None]:
    """Lets the search API of this process show whatever it finds."""
    name = shows_moment.__name__
    modules = [module for path, module in sys.modules.items() if path.startswith("search_api") and name in vars(module)]
    for module in modules:
        setattr(module, name, lambda *_: True)
    try:
        yield
    finally:
        for module in modules:
            setattr(module, name, shows_moment)


async def _is_armed(worker: Worker) -> bool:
    return worker.runs and bool(worker.armed)


async def _are_reached(fleet: Fleet, failpoints: Sequence[str]) -> bool:
    return set(failpoints) <= set(fleet.reached)


async def _is_dead(worker: Worker) -> bool:
    return not worker.runs
