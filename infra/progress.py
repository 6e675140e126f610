"""Shows how the services come up: a live line for each in a terminal, plain lines elsewhere."""

import sys
from types import TracebackType

import click
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from infra.state import HEALTHY, ServiceState


class ServiceProgress:
    """One line per service; a context manager."""

    def __init__(self) -> None:
        """Prepares; shows nothing yet."""
        self._console = Console()
        self._live: Progress | None = None
        self._lines: dict[str, TaskID] = {}
        if self._console.is_terminal:
            self._live = Progress(
                SpinnerColumn(finished_text="[green]ok"),
                TextColumn("{task.description}"),
                TextColumn("{task.fields[note]}", markup=False),
                TimeElapsedColumn(),
                console=self._console,
            )

    def __enter__(self) -> "ServiceProgress":
        """Begins to show."""
        if self._live:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Leaves the last lines as they are."""
        if self._live:
            self._live.stop()

    def line(self, text: str) -> None:
        """Shows a line of its own, for example what is being fetched."""
        if self._live:
            self._live.console.print(text, markup=False, highlight=False)
        else:
            click.echo(text)
            sys.stdout.flush()

    def service(self, name: str, state: ServiceState) -> None:
        """Shows how a service is now."""
        healthy = state.state in HEALTHY
        if self._live:
            if name not in self._lines:
                self._lines[name] = self._live.add_task(name, total=1, note="")
            note = state.state if not state.error or healthy else f"{state.state}: {state.error}"
            self._live.update(self._lines[name], note=note, completed=1 if healthy else 0)
        elif healthy:
            self.line(f"{name} is {state.state} after {state.ready_seconds:.1f} s")
        elif state.state == "restarting":
            self.line(f"{name} is started again: {state.error}")
