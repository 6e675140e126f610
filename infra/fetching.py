"""Fetches models one after the other, says before what comes under which licence, and shows how far it is."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn
from rich.table import Table

from encoders.registry.places import Place
from infra.answers import console

if TYPE_CHECKING:
    from encoders.registry.hub import Plan

_STEPS = 10


def fetch_all(places: Sequence[Place], models_dir: Path) -> None:
    """Fetches the models that are not here, and says so of those that are.

    Raises:
        ModelError: One cannot be fetched; what came before stays.
    """
    from encoders.registry.hub import fetch, plan_fetch

    for place in places:
        if place.present:
            click.echo(f"{place.name} is here already" + (f", in {place.folder}." if place.folder else "."))
    plans = [plan_fetch(place.hub, models_dir) for place in places if not place.present and place.hub is not None]
    if not plans:
        return
    _announce(plans, models_dir)
    for plan in plans:
        with _shown(plan) as advance:
            fetch(plan, models_dir, advance)
        click.echo(f"{plan.model.name} is in {plan.folder}.")


def megabytes(count: int) -> str:
    """Writes a number of bytes for people, in MB or GB."""
    return (
        f"{count / 1e9:.1f} GB"
        if count >= 10**9
        else f"{count / 1e6:.1f} MB"
        if count < 10**7
        else f"{count / 1e6:.0f} MB"
    )


def _announce(plans: Sequence["Plan"], models_dir: Path) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("model", "size", "licence", "from"):
        table.add_column(heading, overflow="fold", justify="right" if heading == "size" else "left")
    for plan in plans:
        there = f" ({megabytes(plan.fetched_bytes)} are here)" if plan.fetched_bytes else ""
        source = f"{plan.model.repository} at {plan.revision[:8]}"
        table.add_row(plan.model.name, f"{megabytes(plan.bytes)}{there}", plan.licence, source)
    console().print(table)
    click.echo(
        f"Fetching {megabytes(sum(plan.bytes for plan in plans))} into {models_dir}; Ctrl-C keeps what is there."
    )
    sys.stdout.flush()


@contextmanager
def _shown(plan: "Plan") -> Iterator[Callable[[int], None]]:
    """A bar in a terminal, a line for every tenth elsewhere."""
    terminal = Console()
    if not terminal.is_terminal:
        yield _lines(plan)
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=terminal) as progress:
        task = progress.add_task(plan.model.name, total=plan.bytes)
        yield lambda count: progress.advance(task, count)


def _lines(plan: "Plan") -> Callable[[int], None]:
    here, said = 0, 0

    def advance(count: int) -> None:
        nonlocal here, said
        here += count
        if plan.bytes and here * _STEPS // plan.bytes > said:
            said = here * _STEPS // plan.bytes
            click.echo(f"{plan.model.name}: {megabytes(here)} of {megabytes(plan.bytes)}")
            sys.stdout.flush()

    return advance
