"""How a user says which dead letters are meant: by id, reason, stage and time."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import click

from infra.errors import KadrError
from stream.dead_letters import Selection
from stream.letter import LetterId

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
STAGES = ("event", "planner", "probe", "span")

Command = Callable[..., None]


class Instant(click.ParamType):
    """A time in milliseconds: an ISO date or time, UTC unless it says otherwise, or how long ago (2h, 30m, 7d)."""

    name = "TIME"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if isinstance(value, int):
            return value
        now = datetime.now(UTC)
        if ago := re.fullmatch(r"(\d{1,9})([smhdw])", value):
            return round((now.timestamp() - int(ago[1]) * UNITS[ago[2]]) * 1000)
        try:
            found = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no time: write 2026-01-31, 2026-01-31T12:00:00Z or 2h.", param, ctx)
        return round(found.replace(tzinfo=found.tzinfo or UTC).timestamp() * 1000)


class Id(click.ParamType):
    """A dead letter's id."""

    name = "ID"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> LetterId:
        if isinstance(value, LetterId):
            return value
        try:
            return LetterId.parse(value)
        except ValueError as error:
            self.fail(f"{error}.", param, ctx)


def selecting(command: Command) -> Command:
    """Adds the ways to select letters."""
    for decorate in (
        click.option("--until", type=Instant(), help="Written before this time."),
        click.option("--since", type=Instant(), help="Written at this time or later: ISO, or how long ago (2h)."),
        click.option("--stage", "stages", multiple=True, type=click.Choice(STAGES), help="Put aside at this stage."),
        click.option("--reason", "reasons", multiple=True, help="Put aside for this reason code."),
        click.argument("ids", nargs=-1, type=Id(), metavar="[ID]..."),
    ):
        command = decorate(command)
    return command


def selection_of(
    *,
    ids: tuple[LetterId, ...],
    reasons: tuple[str, ...],
    stages: tuple[str, ...],
    since: int | None,
    until: int | None,
    handled: bool = False,
) -> Selection:
    """Reads the options of `selecting`."""
    return Selection(frozenset(ids), frozenset(reasons), frozenset(stages), since, until, handled)


def selection_for_change(chosen: dict[str, Any]) -> Selection:
    """Reads the options of a command that changes something.

    Raises:
        KadrError: None is given.
    """
    selection = selection_of(**chosen)
    if selection.everything:
        raise KadrError("Say which dead letters: by id, or with --reason, --stage, --since or --until.")
    return selection
