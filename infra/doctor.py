"""`kadr doctor`: looks at everything and says what is wrong and what to do."""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict

import click
from rich.markup import escape
from rich.table import Table

from infra.answers import console
from infra.checks import (
    check_api,
    check_encoder,
    check_gpu,
    check_opensearch,
    check_stack,
    check_store,
    check_versions,
    check_workers,
)
from infra.checks_kafka import check_kafka
from infra.checks_media import check_sandbox
from infra.clients import quiet_libraries
from infra.findings import Finding, ill
from infra.settings import StackSettings, read_settings

Check = Callable[[StackSettings], Awaitable[list[Finding]]]

LONGEST_SECONDS = 10.0
CHECKS: tuple[tuple[str, Check], ...] = (
    ("versions", check_versions),
    ("gpu", check_gpu),
    ("sandbox", check_sandbox),
    ("local stack", check_stack),
    ("workers", check_workers),
    ("kafka", check_kafka),
    ("opensearch", check_opensearch),
    ("object store", check_store),
    ("encoder", check_encoder),
    ("search API", check_api),
)


async def examine(settings: StackSettings, checks: Sequence[tuple[str, Check]] = CHECKS) -> list[Finding]:
    """Runs every check, side by side; one that hangs is a finding, too."""
    found = await asyncio.gather(*(_within_time(name, check, settings) for name, check in checks))
    return [finding for findings in found for finding in findings]


async def _within_time(name: str, check: Check, settings: StackSettings) -> list[Finding]:
    try:
        async with asyncio.timeout(LONGEST_SECONDS):
            return await check(settings)
    except TimeoutError:
        return [ill(name, f"no answer after {LONGEST_SECONDS:.0f} s", "Look at its log; start it again.")]


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
def doctor(as_json: bool) -> None:
    """Check everything and say what is wrong.

    Versions, services, workers, lag, GPU and models. The exit status is 0 when nothing is wrong.

    \b
    Examples:
      kadr doctor
      kadr doctor --json
    """
    quiet_libraries()
    findings = asyncio.run(examine(read_settings()))
    healthy = all(finding.healthy for finding in findings)
    if as_json:
        body = {"healthy": healthy, "checks": [asdict(finding) for finding in findings]}
        click.echo(json.dumps(body, indent=2, ensure_ascii=False))
    else:
        show(findings)
    sys.exit(0 if healthy else 1)


def show(findings: Sequence[Finding]) -> None:
    """Prints the findings as a table, what is wrong in red with what to do."""
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold", ratio=1)
    for finding in findings:
        mark, text = ("[green]ok[/green]", escape(finding.text)) if finding.healthy else _wrong(finding)
        table.add_row(mark, finding.name, text)
    console().print(table)


def _wrong(finding: Finding) -> tuple[str, str]:
    text = escape(finding.text).rstrip(".")
    return "[red]wrong[/red]", f"[red]{text}.[/red] {escape(finding.advice[0].upper() + finding.advice[1:])}"
