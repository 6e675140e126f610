"""Shows dead letters: as a table, and as JSON."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import click
from rich.markup import escape
from rich.table import Table

from infra.answers import console
from stream.letter import Letter

MOST_BYTES_SHOWN = 10_000


async def print_json(letters: AsyncIterator[Letter]) -> None:
    """Prints letters as one JSON array, each as soon as it is read."""
    first = True
    click.echo("[", nl=False)
    async for letter in letters:
        click.echo("\n  " if first else ",\n  ", nl=False)
        click.echo(json.dumps(body_of(letter), ensure_ascii=False), nl=False)
        first = False
    click.echo("]" if first else "\n]")


async def print_table(letters: AsyncIterator[Letter], *, limit: int, with_state: bool) -> None:
    """Prints the first letters as a table, and how many more there are."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("id", "written", "stage", "reason", *(["state"] if with_state else [])):
        table.add_column(name, no_wrap=True)
    table.add_column("of", overflow="fold", max_width=36)
    table.add_column("why", overflow="fold", ratio=1)
    count = 0
    async for letter in letters:
        count += 1
        if count <= limit:
            table.add_row(*map(escape, row_of(letter, with_state=with_state)))
    if count:
        console().print(table)
    if count > limit:
        click.echo(f"and {count - limit} more: see --limit and --json")
    if not count:
        click.echo("There is no such dead letter.")


def row_of(letter: Letter, *, with_state: bool) -> list[str]:
    """Returns a letter as a row of the table."""
    state = [letter.state] if with_state else []
    of = letter.subject or letter.record.name
    return [str(letter.id), clock(letter.last_seen_ms), letter.stage, letter.reason, *state, of, letter.message]


def body_of(letter: Letter, *, whole: bool = False) -> dict[str, Any]:
    """Returns a letter as JSON, with the record that it holds if that is wanted."""
    body: dict[str, Any] = {
        "id": str(letter.id),
        "state": letter.state,
        "stage": letter.stage,
        "reason": letter.reason,
        "message": letter.message,
        "subject": letter.subject,
        "attempts": letter.attempts,
        "first_seen": clock(letter.first_seen_ms),
        "last_seen": clock(letter.last_seen_ms),
        "origin": letter.record.name,
        "trace": letter.trace,
    }
    if whole:
        headers = {name: value.decode(errors="replace") for name, value in letter.record.headers.items()}
        body |= {"record": {"key": text_of(letter.record.key), "headers": headers, "value": value_of(letter)}}
    return body


def value_of(letter: Letter) -> Any:
    """Returns the value of a letter's record: JSON as it is, anything else as text."""
    try:
        return json.loads(letter.record.value or b"")
    except ValueError:
        return text_of(letter.record.value)


def text_of(data: bytes | None) -> str | None:
    """Returns bytes as text, cut where it gets too long."""
    return None if data is None else data[:MOST_BYTES_SHOWN].decode(errors="replace")


def clock(milliseconds: int) -> str:
    """Writes a time in UTC, to the second."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
