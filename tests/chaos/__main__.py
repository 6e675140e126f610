"""`make chaos`: the long run, single misfortunes, and the proof that all of this notices what it is there for."""

from __future__ import annotations

import argparse
import asyncio
import json
import secrets
import shutil
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from services import Scope, scopes, session_folder, session_settings

from chaos import scenarios
from chaos.cost import cost_of_the_protocol
from chaos.report import ZEROES
from chaos.run import Plan, long, run_all, short
from chaos.setting import prepared
from infra.obtain import obtain
from infra.settings import read_settings
from infra.stack import LocalStack

PARTS = ("kafka", "opensearch", "minio")
TARGET = Path("build/chaos.json")

Found = TypeVar("Found")


def main() -> int:
    options = parse()
    folder = session_folder()
    obtain(PARTS, read_settings().servers_folder, tell)
    stack = LocalStack(session_settings(folder), PARTS, on_progress=tell)
    with stack:
        found = everything(stack, planned(options), folder, scenarios_too=not options.only_run)
    wrong = failures(found)
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(json.dumps({**found, "wrong": wrong}, indent=2, ensure_ascii=False) + "\n")
    print(
        json.dumps({name: value for name, value in found.items() if name != "examples"}, indent=2, ensure_ascii=False)
    )
    tell(f"written to {TARGET}")
    if wrong:
        tell(f"WRONG: {'; '.join(wrong)} (logs in {folder}, seed {found['seed']})")
        return 1
    shutil.rmtree(folder)
    return 0


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6), help="the order of all that happens")
    parser.add_argument("--short", action="store_true", help="the form of the tests")
    parser.add_argument("--scale", type=float, default=1.0, help="part of the operations and sabotage of the long form")
    parser.add_argument("--only-run", action="store_true", help="leave the single misfortunes out")
    return parser.parse_args()


def planned(options: argparse.Namespace) -> Plan:
    return short(options.seed) if options.short else scaled(long(options.seed), options.scale)


def scaled(plan: Plan, scale: float) -> Plan:
    """Makes a run smaller; every kind of sabotage stays."""

    def part(number: int) -> int:
        return max(1, round(number * scale))

    acts = plan.sabotage
    return replace(
        plan,
        operations=part(plan.operations),
        keys=part(plan.keys),
        seconds=plan.seconds * scale,
        sabotage=replace(
            acts,
            kills=part(acts.kills),
            zombies=part(acts.zombies),
            rebalances=part(acts.rebalances),
            restarts=part(acts.restarts),
            outages=part(acts.outages),
            silences=part(acts.silences),
        ),
    )


def everything(stack: LocalStack, plan: Plan, folder: Path, *, scenarios_too: bool) -> dict[str, Any]:
    started, each = time.monotonic(), scopes(stack)
    logs = folder / "logs"
    found = run_all(stack, next(each), plan, logs, tell)
    if scenarios_too:
        found["scenarios"] = play(stack, each, folder)
    return {**found, "seconds": round(time.monotonic() - started)}


def play(stack: LocalStack, each: Iterator[Scope], folder: Path) -> dict[str, Any]:
    """Plays every scenario in a scope of its own."""

    def stage(name: str, scenario: Callable[..., Awaitable[Found]], *arguments: Any, **named: Any) -> Found:
        tell(f"scenario: {name}")
        logs = folder / "logs" / name.replace(" ", "-")
        logs.mkdir(parents=True, exist_ok=True)
        with prepared(next(each), relayed=False) as (scope, _):
            return asyncio.run(_awaited(scenario(stack, scope, logs, *arguments, **named)))

    gap = scenarios.a_death_with_a_gap
    with scenarios.show_left_out():
        blind = stage("show left out", scenarios.a_death_before_the_sweep, polls=10)
    return {
        "a video that kills": stage("a video that kills", scenarios.one_that_kills, rebalances=10),
        "a long outage": stage("a long outage", scenarios.outage, watchdog_seconds=5.0),
        "a backlog": stage("a backlog", scenarios.backlog, videos=20, reconciles=10),
        "lost with plain offsets": len(stage("plain offsets", gap, "plain-offsets").wrongs.lost),
        "lost with strict offsets": len(stage("strict offsets", gap).wrongs.lost),
        "foreign without show": blind.counts["foreign"],
        "foreign with show": stage("show", scenarios.a_death_before_the_sweep, polls=10).counts["foreign"],
        "cost of the protocol": stage("cost of the protocol", cost_of_the_protocol, videos=6),
    }


async def _awaited(work: Awaitable[Found]) -> Found:
    return await work


def failures(found: dict[str, Any]) -> list[str]:
    """Says what must not be."""
    wrong = [f"{name} is {found[name]}" for name in ZEROES if found[name]]
    if found["failpoints_not_reached"]:
        wrong.append(f"not reached: {', '.join(found['failpoints_not_reached'])}")
    played = found.get("scenarios")
    if played is None:
        return wrong
    killer, away, backlog = played["a video that kills"], played["a long outage"], played["a backlog"]
    expected = {
        "one dead letter for the video that kills": len(killer["dead_letters"]) == 1,
        "no innocent lost": not killer["innocents_lost"],
        "no dead letter after an outage": not away["dead_letters"],
        "no restart in an outage": away["starts"] == 2,
        "each span of a backlog sent once": backlog["span_records"] == backlog["spans"],
        "plain offsets lose": played["lost with plain offsets"] > 0,
        "strict offsets do not": played["lost with strict offsets"] == 0,
        "without SHOW something foreign is shown": played["foreign without show"] > 0,
        "with SHOW nothing is": played["foreign with show"] == 0,
        "the protocol costs 5 % at most": played["cost of the protocol"]["share"] <= 0.05,
    }
    return wrong + [f"not so: {name}" for name, holds in expected.items() if not holds]


def tell(line: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {line}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
