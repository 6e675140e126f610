"""One run: publishers, workers and saboteurs at the same time, then quiet, then the verdict."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from services import Scope

from chaos.contents import SPAN_SECONDS, Contents
from chaos.fleet import Fleet, Worker
from chaos.oracle import Oracle
from chaos.poller import Poller
from chaos.proxy import FaultProxy, Faults
from chaos.publisher import Publishers
from chaos.relay import Habits, Relay
from chaos.report import report
from chaos.saboteur import Sabotage, Saboteur
from chaos.setting import prepared
from chaos.verdict import become_quiet, judge
from chaos.world import opened
from infra.stack import LocalStack
from stream.failpoints import LOOK, SPAN

SESSION_SECONDS = 6.0
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """How large a run is, and what happens in it.

    Attributes:
        seconds: How long the publishers take, about.
        quiet_seconds: How long it may take afterwards until nothing moves.
        reconcile_seconds: Pause between two comparisons that the workers make by themselves.
        refresh_interval: How long searches may see nothing new.
    """

    seed: int
    operations: int
    keys: int
    contents: int
    workers: int
    publishers: int
    seconds: float
    quiet_seconds: float
    sabotage: Sabotage
    failpoints: tuple[str, ...]
    faults: Faults = field(default_factory=Faults)
    habits: Habits = field(default_factory=Habits)
    reconcile_seconds: float = 20.0
    refresh_interval: str = "30s"

    @property
    def environment(self) -> dict[str, str]:
        """The workers' settings."""
        return {
            "KADR_SPAN_SECONDS": f"{SPAN_SECONDS:g}",
            "KADR_SESSION_TIMEOUT_SECONDS": f"{SESSION_SECONDS:g}",
            "KADR_RETRY_LONGEST_SECONDS": "2",
            "KADR_RECONCILE_EVERY_SECONDS": f"{self.reconcile_seconds:g}",
            "KADR_SWEEP_EVERY_SECONDS": f"{self.reconcile_seconds:g}",
            "KADR_RESEND_AFTER_SECONDS": "30",
            "KADR_WATCHDOG_SECONDS": "60",
        }


def short(seed: int) -> Plan:
    """A run of a minute or two."""
    return Plan(
        seed=seed,
        operations=48,
        keys=12,
        contents=8,
        workers=2,
        publishers=3,
        seconds=45.0,
        quiet_seconds=90.0,
        sabotage=Sabotage(kills=2, zombies=1, rebalances=1, restarts=0, outages=1, silences=1, pause_seconds=2.0),
        failpoints=("span.done", "look.write", "span.bulk"),
        reconcile_seconds=10.0,
    )


def long(seed: int) -> Plan:
    """A run of about twenty minutes on two cores."""
    return Plan(
        seed=seed,
        operations=1000,
        keys=200,
        contents=60,
        workers=2,
        publishers=4,
        seconds=720.0,
        quiet_seconds=900.0,
        sabotage=Sabotage(kills=12, zombies=5, rebalances=8, restarts=2, outages=3, silences=4, pause_seconds=8.0),
        failpoints=(*LOOK, *SPAN),
        faults=Faults(hang_after=0.0005),
    )


async def run(stack: LocalStack, scope: Scope, feed: str, plan: Plan, logs: Path, tell: Tell) -> dict[str, Any]:
    """Does everything, and returns the report."""
    tell(f"seed {plan.seed}: {plan.operations} operations on {plan.keys} keys, {plan.workers} workers")
    rng = random.Random(plan.seed)
    contents = Contents(plan.contents, rng)
    oracle = Oracle.of(plan.keys)
    proxy = FaultProxy(scope.opensearch_url, plan.faults, random.Random(plan.seed + 1))
    async with opened(stack, scope, feed) as world, proxy.serving():
        await world.set_refresh_interval(plan.refresh_interval)
        fleet = Fleet({**scope.environment, **plan.environment, "KADR_OPENSEARCH_URL": proxy.url}, logs)
        fleet.failpoints.extend(plan.failpoints)
        fleet.is_calm = world.nobody_is_suspected
        poller = Poller(world, contents, oracle.keys, random.Random(plan.seed + 2))
        relay = Relay(world, plan.habits, random.Random(plan.seed + 3))
        publishers = Publishers(world, contents, oracle, rng)
        saboteur = Saboteur(
            world, fleet, proxy, random.Random(plan.seed + 4), session_seconds=SESSION_SECONDS, tell=tell
        )
        workers = [Worker(f"worker-{number}", named=number % 2 == 0) for number in range(plan.workers)]
        async with relay.carrying(), fleet.running(*workers), poller.polling(), telling(oracle, fleet, poller, tell):
            await fleet.joined(*workers, seconds=60)
            proxy.faulty = True
            async with asyncio.TaskGroup() as group:
                group.create_task(publishers.work(plan.operations, publishers=plan.publishers, seconds=plan.seconds))
                group.create_task(saboteur.work(plan.sabotage))
            await reached(fleet, publishers, seconds=plan.quiet_seconds)
            tell("everything is done; waiting for quiet")
            proxy.faulty = False
            await world.set_refresh_interval("1s")
            await relay.drained()
            quiet = await become_quiet(world, oracle, seconds=plan.quiet_seconds, tell=tell)
            verdict = await judge(world, oracle)
        verdict.quiet_seconds = quiet
        return report(plan.seed, oracle, fleet, saboteur, proxy, relay, poller, verdict)


async def reached(fleet: Fleet, publishers: Publishers, *, seconds: float) -> None:
    """Goes on publishing until every failpoint was reached: each needs work of its kind."""
    stop = asyncio.get_running_loop().time() + seconds
    while (fleet.failpoints or fleet.workers[0].armed) and asyncio.get_running_loop().time() < stop:
        await publishers.work(2, publishers=1, seconds=2.0)


@asynccontextmanager
async def telling(
    oracle: Oracle, fleet: Fleet, poller: Poller, tell: Tell, *, every: float = 10.0
) -> AsyncIterator[None]:
    """Says how far a run is, from time to time."""

    async def go_on() -> None:
        while True:
            await asyncio.sleep(every)
            tell(
                f"{oracle.operations} operations, {fleet.starts} starts of workers, {len(fleet.reached)} failpoints, "
                f"{poller.counts['moments']} moments judged, {poller.counts['foreign']} foreign"
            )

    task = asyncio.create_task(go_on())
    try:
        yield
    finally:
        task.cancel()


def run_all(stack: LocalStack, scope: Scope, plan: Plan, logs: Path, tell: Tell) -> dict[str, Any]:
    """Prepares a scope and runs a plan in it."""
    with prepared(scope) as (own, feed):
        return asyncio.run(run(stack, own, feed, plan, logs, tell))
