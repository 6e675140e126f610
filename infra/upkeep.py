"""`kadr reconcile` and `kadr sweep`: what the workers do by themselves from time to time, now and with a report."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from typing import Any

import click
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import KafkaError
from opensearchpy import AsyncOpenSearch
from opensearchpy.exceptions import OpenSearchException
from pydantic import ValidationError

from infra.clients import async_search_engine, object_store, quiet_libraries, reason_of
from infra.errors import KadrError
from infra.settings import StackSettings, read_settings
from stream.errors import TransientError
from stream.progress import GroupProgress
from stream.reconciler import Report
from stream.settings import StreamSettings
from stream.sweeper import SweepReport
from stream.upkeep import build_reconciler, build_sweeper

KINDS = {
    "unknown": "objects that the ledger does not know",
    "changed": "objects with other content than the ledger knows",
    "vanished": "videos whose object is gone",
    "unsent": "videos whose spans were not sent",
    "stuck": "videos whose spans have been pending for too long",
}
LOTS = {
    "leftovers": "moments left over",
    "outdated": "moments with older metadata",
    "orphans": "moments without a video in the ledger, which stay",
}


@click.command()
@click.option("--dry-run", is_flag=True, help="Only report; send nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def reconcile(dry_run: bool, as_json: bool) -> None:
    """Compare the buckets with the ledger.

    Asks the workers to look at every object that differs, such as one whose notification was lost. They do so by
    themselves every KADR_RECONCILE_EVERY_SECONDS.

    \b
    Examples:
      kadr reconcile
      kadr reconcile --dry-run --json
    """
    report = _run(lambda settings: reconcile_buckets(settings, dry_run=dry_run))
    _print(report, as_json, reconciled_lines(report, dry_run=dry_run))


@click.command()
@click.option("--dry-run", is_flag=True, help="Only report; delete nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def sweep(dry_run: bool, as_json: bool) -> None:
    """Delete moments that the ledger does not vouch for.

    The search API never shows them; direct queries to OpenSearch may, until then. The workers sweep by themselves
    every KADR_SWEEP_EVERY_SECONDS.

    \b
    Examples:
      kadr sweep
      kadr sweep --dry-run --json
    """
    report = _run(lambda settings: sweep_index(settings, dry_run=dry_run))
    _print(report, as_json, swept_lines(report, dry_run=dry_run))


async def reconcile_buckets(settings: StackSettings, *, dry_run: bool = False) -> Report:
    """Compares the buckets with the ledger; see `Reconciler.reconcile`."""
    async with _search_engine(settings) as opensearch, _kafka(settings) as (producer, progress):
        reconciler = build_reconciler(
            _stream(), opensearch=opensearch, minio=object_store(settings), producer=producer, progress=progress
        )
        return await reconciler.reconcile(dry_run=dry_run)


async def sweep_index(settings: StackSettings, *, dry_run: bool = False) -> SweepReport:
    """Sweeps the whole moments index; see `IndexSweeper.sweep`."""
    async with _search_engine(settings) as opensearch:
        sweeper = build_sweeper(_stream(), opensearch=opensearch, minio=object_store(settings))
        return await sweeper.sweep(dry_run=dry_run)


def reconciled_lines(report: Mapping[str, Any], *, dry_run: bool) -> Iterator[str]:
    """Tells a reconciler's report in words."""
    yield f"compared {report['objects']} objects with {report['videos']} videos of the ledger"
    for bucket, reason in report["unavailable"].items():
        yield f"left out the bucket {bucket}: {reason}"
    for kind, found in report["differences"].items():
        yield from _kind_lines(found["count"], KINDS[kind], found["examples"])
    differing = sum(found["count"] for found in report["differences"].values())
    if not differing:
        yield "nothing differs"
    elif not dry_run:
        rest = f"; {differing - report['sent']} wait for the workers to come on" if differing > report["sent"] else ""
        yield f"asked for {report['sent']} looks{rest}"


def swept_lines(report: Mapping[str, Any], *, dry_run: bool) -> Iterator[str]:
    """Tells a sweeper's report in words."""
    yield f"compared {report['moments']} moments with the ledger"
    for kind, words in LOTS.items():
        if report[kind]:
            yield from _kind_lines(report[kind], words, report["examples"][kind])
    if not any(report[kind] for kind in LOTS):
        yield "nothing is left over"
    elif not dry_run:
        yield f"deleted {report['leftovers']} and brought {report['outdated']} up to date"


def _kind_lines(count: int, words: str, examples: list[str]) -> Iterator[str]:
    yield f"{count} {words}"
    yield from (f"  {example}" for example in examples)
    if count > len(examples):
        yield "  …"


def _run(work: Callable[[StackSettings], Awaitable[Report | SweepReport]]) -> dict[str, Any]:
    quiet_libraries()
    settings = read_settings()

    async def finish() -> dict[str, Any]:
        return (await work(settings)).body()

    with _in_words(settings):
        return asyncio.run(finish())


def _print(report: Mapping[str, Any], as_json: bool, lines: Iterator[str]) -> None:
    if as_json:
        click.echo(json.dumps(report, indent=2, ensure_ascii=False))
        return
    for line in lines:
        click.echo(line)


def _stream() -> StreamSettings:
    try:
        return StreamSettings()
    except ValidationError as error:
        first = error.errors()[0]
        raise KadrError(f"KADR_{str(first['loc'][0]).upper()}: {first['msg']}.") from error


@contextmanager
def _in_words(settings: StackSettings) -> Iterator[None]:
    """Turns what the services answer into a sentence."""
    try:
        yield
    except TransientError as error:
        raise KadrError(f"{str(error).rstrip('.')}: start everything with `kadr up`, and try again.") from error
    except OpenSearchException as error:
        raise KadrError(
            f"OpenSearch at {settings.opensearch_url} does not do as it should ({reason_of(error)}): make the indices "
            "with `kadr init`."
        ) from error


@asynccontextmanager
async def _search_engine(settings: StackSettings) -> AsyncIterator[AsyncOpenSearch]:
    async with async_search_engine(settings, timeout_seconds=60.0) as client:
        yield client


@asynccontextmanager
async def _kafka(settings: StackSettings) -> AsyncIterator[tuple[AIOKafkaProducer, GroupProgress]]:
    brokers = settings.kafka_brokers
    async with AsyncExitStack() as stack:
        try:
            producer = AIOKafkaProducer(bootstrap_servers=brokers, acks="all", enable_idempotence=True)
            stack.push_async_callback(producer.stop)
            await producer.start()
            consumer = AIOKafkaConsumer(
                bootstrap_servers=brokers, group_id=settings.consumer_group, enable_auto_commit=False
            )
            stack.push_async_callback(consumer.stop)
            await consumer.start()
        except (KafkaError, OSError) as error:
            raise TransientError(f"Kafka does not answer at {brokers} ({type(error).__name__})") from error
        yield producer, GroupProgress(consumer, producer)
