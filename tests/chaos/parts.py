"""The parts of `make chaos`: the long run, single misfortunes, proofs and measurements, each with what it must show."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from services import Scope

from chaos import cost, listing, scenarios
from chaos.report import ZEROES
from chaos.run import Plan, run_all
from chaos.setting import COLOURS, MODELS, prepared
from infra.stack import LocalStack

Found = TypeVar("Found")
Figures = dict[str, Any]


class Hall:
    """Where the parts are played: the services, a scope of its own for each, and a folder for logs."""

    def __init__(
        self, stack: LocalStack, scopes: Iterator[Scope], plan: Plan, logs: Path, tell: Callable[[str], None]
    ) -> None:
        self.stack = stack
        self.plan = plan
        self.tell = tell
        self._scopes = scopes
        self._logs = logs
        self._numbers = itertools.count(1)

    def logs(self, name: str) -> Path:
        """Makes a folder for the logs of a play."""
        folder = self._logs / name
        folder.mkdir(parents=True)
        return folder

    @contextmanager
    def scope(self) -> Iterator[Scope]:
        """Lends a scope; its indices are gone afterwards."""
        scope = next(self._scopes)
        yield scope
        scope.remove()

    def play(
        self, scenario: Callable[..., Awaitable[Found]], *wishes: str, program: str = COLOURS, **named: Any
    ) -> Found:
        """Plays a scenario in a scope of its own."""

        async def played(own: Scope) -> Found:
            logs = self.logs(f"{next(self._numbers)}-{scenario.__name__}")
            return await scenario(self.stack, own, logs, *wishes, **named)

        with self.scope() as scope, prepared(scope, relayed=False, program=program) as (own, _):
            return asyncio.run(played(own))


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the whole.

    Attributes:
        play: Plays it, and returns its figures.
        wrong: Says what in them must not be.
        services: Whether it needs Kafka, OpenSearch and MinIO.
    """

    play: Callable[[Hall], Figures]
    wrong: Callable[[Figures], list[str]]
    services: bool = True


def not_so(**holds: bool) -> list[str]:
    return [f"not so: {name.replace('_', ' ')}" for name, so in holds.items() if not so]


def run(hall: Hall) -> Figures:
    with hall.scope() as scope:
        return run_all(hall.stack, scope, hall.plan, hall.logs("run"), hall.tell)


def wrong_run(found: Figures) -> list[str]:
    wrong = [f"{name} is {found[name]}" for name in ZEROES if found[name]]
    missed = found["failpoints_not_reached"]
    return wrong + ([f"not reached: {', '.join(missed)}"] if missed else [])


def killer(hall: Hall) -> Figures:
    return hall.play(scenarios.one_that_kills, rebalances=10)


def wrong_killer(found: Figures) -> list[str]:
    return not_so(
        there_is_one_dead_letter=len(found["dead_letters"]) == 1,
        no_innocent_is_lost=not found["innocents_lost"],
        there_were_ten_rebalances=found["rebalances"] == 10,
    )


def failing(hall: Hall) -> Figures:
    return hall.play(scenarios.a_death_while_failing)


def wrong_failing(found: Figures) -> list[str]:
    return not_so(
        each_death_adds_one_letter_at_most=1 <= len(found["dead_letters"]) <= 1 + len(found["reached"]),
        the_end_is_told=not found["unannounced"],
        the_span_has_failed=found["states"] == ["f"],
    )


def outage(hall: Hall) -> Figures:
    return hall.play(scenarios.outage, watchdog_seconds=5.0)


def wrong_outage(found: Figures) -> list[str]:
    return not_so(
        there_is_no_dead_letter=not found["dead_letters"],
        no_worker_was_started_again=found["starts"] == 2,
        nothing_is_lost=not found["lost"],
    )


def backlog(hall: Hall) -> Figures:
    return hall.play(scenarios.backlog, videos=20, reconciles=10)


def wrong_backlog(found: Figures) -> list[str]:
    return not_so(
        each_span_was_sent_once=found["span_records"] == found["spans"],
        nothing_is_lost_or_doubled=not found["lost"] and not found["duplicates"],
    )


def offsets(hall: Hall) -> Figures:
    plain = hall.play(scenarios.a_death_with_a_gap, "plain-offsets")
    strict = hall.play(scenarios.a_death_with_a_gap)
    return {"lost_with_plain_offsets": len(plain.wrongs.lost), "lost_with_strict_offsets": len(strict.wrongs.lost)}


def wrong_offsets(found: Figures) -> list[str]:
    return not_so(
        plain_offsets_lose_something=found["lost_with_plain_offsets"] > 0,
        strict_offsets_lose_nothing=found["lost_with_strict_offsets"] == 0,
    )


def show(hall: Hall) -> Figures:
    with scenarios.show_left_out():
        blind = hall.play(scenarios.a_death_before_the_sweep, polls=10)
    seeing = hall.play(scenarios.a_death_before_the_sweep, polls=10)
    return {"foreign_without_show": blind.counts["foreign"], "foreign_with_show": seeing.counts["foreign"]}


def wrong_show(found: Figures) -> list[str]:
    return not_so(
        without_SHOW_something_foreign_is_shown=found["foreign_without_show"] > 0,
        with_SHOW_nothing_foreign_is=found["foreign_with_show"] == 0,
    )


def protocol(hall: Hall) -> Figures:
    return hall.play(cost.cost_of_the_protocol, program=MODELS, spans=40)


def wrong_protocol(found: Figures) -> list[str]:
    return not_so(the_protocol_costs_five_per_cent_at_most=found["share"] <= 0.05)


def ten_hours(hall: Hall) -> Figures:
    with hall.scope() as scope, prepared(scope) as (own, _):
        return asyncio.run(cost.ledger_of_ten_hours(own))


def wrong_ten_hours(found: Figures) -> list[str]:
    return not_so(
        each_span_takes_two_updates=found["updates"] <= 2 * found["spans"] + 10,
        the_document_stays_below_150_kB=found["document_bytes"] < 150_000,
    )


def million(_: Hall) -> Figures:
    return listing.compared()


PARTS = {
    "run": Part(run, wrong_run),
    "killer": Part(killer, wrong_killer),
    "failing": Part(failing, wrong_failing),
    "outage": Part(outage, wrong_outage),
    "backlog": Part(backlog, wrong_backlog),
    "offsets": Part(offsets, wrong_offsets),
    "show": Part(show, wrong_show),
    "protocol": Part(protocol, wrong_protocol),
    "ten-hours": Part(ten_hours, wrong_ten_hours),
    "million": Part(million, listing.failures, services=False),
}
