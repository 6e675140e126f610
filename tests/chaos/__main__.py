"""`make chaos`: the long run, single misfortunes, proofs and measurements, into `build/chaos.json`."""

from __future__ import annotations

import argparse
import json
import secrets
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import structlog
from services import scopes, session_folder, session_settings

from chaos.parts import PARTS, Figures, Hall
from chaos.run import Plan, long, short
from infra.obtain import obtain
from infra.settings import read_settings
from infra.stack import LocalStack

SERVERS = ("kafka", "opensearch", "minio")
TARGET = Path("build/chaos.json")


def main() -> int:
    options, found = parse(), dict[str, Figures]()
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    folder, names = session_folder(), options.only or list(PARTS)
    stack = LocalStack(session_settings(folder), SERVERS, on_progress=tell)
    with services(stack) if any(PARTS[name].services for name in names) else nullcontext():
        hall = Hall(stack, scopes(stack), planned(options), folder / "logs" / "chaos", tell)
        for name in names:
            found[name] = played(name, hall)
            if not options.only:
                write(found)
    return concluded(found, folder)


@contextmanager
def services(stack: LocalStack) -> Iterator[None]:
    """Runs Kafka, OpenSearch and MinIO for as long as the block lasts."""
    obtain(SERVERS, read_settings().servers_folder, tell)
    with stack:
        yield


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6), help="the order of all that happens")
    parser.add_argument("--short", action="store_true", help="the form of the tests")
    parser.add_argument("--scale", type=float, default=1.0, help="part of the operations and sabotage of the long form")
    parser.add_argument("--only", nargs="+", choices=PARTS, help="parts; they are printed and not written")
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


def played(name: str, hall: Hall) -> Figures:
    """Plays a part; one that breaks off is wrong, and the others are still played."""
    tell(f"part: {name}")
    started = time.monotonic()
    try:
        found = PARTS[name].play(hall)
        wrong = PARTS[name].wrong(found)
    except Exception as error:  # the boundary of a part
        found, wrong = {}, [f"broke off: {error!r}"]
    seconds = round(time.monotonic() - started)
    tell(f"{name} took {seconds} s: {'; '.join(wrong) or 'all is as it must be'}")
    return {**found, "seconds": seconds, "wrong": wrong}


def body(found: Figures) -> dict[str, Any]:
    """Puts the figures of the run first, then the two that are asked for most, then every other part."""
    of_run = {**found.get("run", {})}
    return {
        **of_run,
        "protocol_cost": found.get("protocol", {}).get("share"),
        "ledger_updates_10h": found.get("ten-hours", {}).get("updates"),
        "parts": {name: figures for name, figures in found.items() if name != "run"},
        "wrong": wrongs(found),
        "seconds": sum(figures["seconds"] for figures in found.values()),
    }


def wrongs(found: Figures) -> list[str]:
    return [f"{name}: {wrong}" for name, figures in found.items() for wrong in figures["wrong"]]


def write(found: Figures) -> None:
    """Writes what there is so far: whoever breaks a run off keeps its figures."""
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(json.dumps(body(found), indent=2, ensure_ascii=False) + "\n")


def concluded(found: Figures, folder: Path) -> int:
    print(json.dumps(body(found), indent=2, ensure_ascii=False))
    if wrong := wrongs(found):
        tell(f"WRONG: {'; '.join(wrong)} (logs in {folder})")
        return 1
    shutil.rmtree(folder)
    return 0


def tell(line: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {line}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
