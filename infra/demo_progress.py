"""Shows how far the demo is: a bar for every stage in a terminal, plain lines elsewhere."""

import sys
from types import TracebackType

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from infra.ledger_view import Counts


class StageProgress:
    """One bar per stage; a context manager."""

    def __init__(self) -> None:
        """Prepares; shows nothing yet."""
        self._live: Progress | None = None
        self._bars: dict[str, TaskID] = {}
        if sys.stdout.isatty():
            self._live = Progress(
                TextColumn("{task.description:<16}"),
                BarColumn(bar_width=30),
                MofNCompleteColumn(),
                TimeElapsedColumn(),
                TextColumn("{task.fields[note]}", markup=False),
                console=Console(),
            )

    def __enter__(self) -> "StageProgress":
        """Begins to show."""
        if self._live:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leaves the last bars as they are."""
        if self._live:
            self._live.stop()

    def rendered(self, name: str, done: int, total: int) -> None:
        """Tells of one of the demo's own videos that is there."""
        self._stage("videos made", done, total, note=name if done < total else "")
        if not self._live and done == total:
            click.echo(f"{total} videos are made")

    def uploaded(self, done: int, total: int) -> None:
        """Tells how many videos are stored."""
        self._stage("uploaded", done, total)
        if not self._live and done == total:
            click.echo(f"uploaded {total} videos (those with the same content are left as they are)")

    def counted(self, counts: Counts) -> None:
        """Tells how far the ledger is."""
        self._stage("planned", counts.planned, counts.videos)
        self._stage("spans done", counts.spans_done, max(counts.spans, 1))
        self._stage("ready", counts.ready, counts.videos)
        if not self._live:
            click.echo(str(counts))
            sys.stdout.flush()

    def _stage(self, name: str, done: int, total: int, *, note: str = "") -> None:
        if not self._live:
            return
        if name not in self._bars:
            self._bars[name] = self._live.add_task(name, total=total, note=note)
        self._live.update(self._bars[name], completed=done, total=total, note=note)
