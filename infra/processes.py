"""`kadr up`, `down`, `status`, and the programs that run in the foreground: `worker`, `api`, `encoder`."""

import asyncio
import json
import logging
import sys
import time
from dataclasses import asdict
from typing import Any

import click

from infra.errors import KadrError
from infra.settings import SERVERS, StackSettings, read_settings


@click.command()
@click.option("--foreground", is_flag=True, help="Stay in this terminal; Ctrl-C stops everything.")
@click.option(
    "--only",
    metavar="PARTS",
    default="",
    help="Comma-separated parts to start: kafka, opensearch, minio, encoder, worker, api.",
)
def up(foreground: bool, only: str) -> None:
    """Start the local stack and wait until it is ready.

    The first time this obtains Kafka, OpenSearch and MinIO (some minutes). One supervisor stays and starts again what
    dies. Servers that KADR_LOCAL_SERVERS does not name must run already, at their addresses.

    \b
    Examples:
      kadr up
      kadr up --foreground
      KADR_LOCAL_SERVERS=opensearch,minio,encoder KADR_KAFKA_BROKERS=kafka.example:9092 kadr up
    """
    from infra.plan import PARTS

    settings = read_settings()
    parts = tuple(part.strip() for part in only.split(",") if part.strip()) or PARTS
    if foreground:
        _stay(settings, parts)
    else:
        _start(settings, parts)


def _stay(settings: StackSettings, parts: tuple[str, ...]) -> None:
    from infra.obtain import obtain
    from infra.supervisor import print_change, supervise

    servers = [name for name in SERVERS if name in settings.local_servers and name in parts and name != "encoder"]
    obtain(servers, settings.servers_folder, click.echo)
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # It reports every try of a broker that is just starting.
    click.echo("Starting; Ctrl-C stops everything.")
    sys.exit(asyncio.run(supervise(settings, parts, print_change)))


def _start(settings: StackSettings, parts: tuple[str, ...]) -> None:
    from infra.progress import ServiceProgress
    from infra.stack import LocalStack

    started = time.monotonic()
    with ServiceProgress() as progress:
        stack = LocalStack(settings, parts, on_progress=progress.line, on_change=progress.service, detached=True)
        try:
            stack.start()
            stack.wait_ready()
        except BaseException:
            stack.stop()
            raise
    click.echo(f"Everything is ready after {time.monotonic() - started:.0f} s.")
    if "api" in parts:
        click.echo(f"The page and the API are at {settings.api_url}, the object store is at {settings.minio_url}.")


@click.command()
def down() -> None:
    """Stop the local stack; its data stay.

    \b
    Example:
      kadr down
    """
    from infra.stack import stop_supervisor
    from infra.state import is_running, read_state

    settings = read_settings()
    if not is_running(settings.data):
        click.echo(f"Nothing runs with the data in {settings.data}.")
        return
    stop_supervisor(read_state(settings.data).pid, settings)
    click.echo("Everything is stopped.")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
def status(as_json: bool) -> None:
    """Show what runs and where; the exit status is 0 when everything is ready.

    \b
    Examples:
      kadr status
      kadr status --json
    """
    from infra.state import HEALTHY, is_running, read_state

    settings = read_settings()
    state = read_state(settings.data)
    running = is_running(settings.data)
    healthy = running and bool(state.services) and all(s.state in HEALTHY for s in state.services.values())
    if as_json:
        click.echo(json.dumps({"running": running, "data": str(settings.data), **asdict(state)}, indent=2))
    elif not running:
        click.echo(f"Nothing runs with the data in {settings.data}.{' ' + state.error if state.error else ''}")
    else:
        _print_table(asdict(state)["services"])
    sys.exit(0 if healthy else 1)


def _print_table(services: dict[str, dict[str, Any]]) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for heading in ("service", "state", "process", "restarts", "address", "last error"):
        table.add_column(heading, overflow="fold")
    for name, service in services.items():
        colour = {"ready": "green", "done": "green", "failed": "red", "restarting": "red"}.get(
            service["state"], "yellow"
        )
        process = str(service["pid"] or "")
        table.add_row(
            name,
            f"[{colour}]{service['state']}[/]",
            process,
            str(service["restarts"]),
            service["address"],
            escape(service["error"]),
        )
    Console().print(table)


@click.command()
def worker() -> None:
    """Run a Faust worker in the foreground: it plans videos and indexes their spans.

    \b
    Example:
      kadr worker
    """
    _run_program("stream.app", "the worker")


@click.command()
def api() -> None:
    """Run the search API in the foreground, at KADR_API_URL.

    \b
    Examples:
      kadr api
      KADR_API_URL=http://127.0.0.1:8900 kadr api
    """
    _run_program("search_api.app", "the search API")


@click.command()
def encoder() -> None:
    """Run the encoder server in the foreground, at KADR_ENCODER_URL: the only process that loads models.

    \b
    Example:
      kadr encoder
    """
    _run_program("encoders.serving.server", "the encoder server")


def _run_program(module: str, what: str) -> None:
    """Runs the `main` of a module, which reads its own settings."""
    import importlib

    from pydantic import ValidationError

    try:
        ended = importlib.import_module(module).main()
    except ValidationError as error:
        wrong = "; ".join(f"KADR_{str(e['loc'][0]).upper()}: {e['msg']}" for e in error.errors() if e["loc"])
        raise KadrError(f"The settings of {what} are wrong: {wrong or error}.") from error
    sys.exit(ended if isinstance(ended, int) else 0)
