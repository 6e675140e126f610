"""`kadr dead-letters`: what was put aside, and trying it again or discarding it."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import click
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from opensearchpy.exceptions import OpenSearchException

from infra.clients import async_search_engine, quiet_libraries, reason_of
from infra.errors import KadrError
from infra.letter_choice import Id, selecting, selection_for_change, selection_of
from infra.letter_view import body_of, print_json, print_table
from infra.settings import StackSettings, read_settings
from stream.dead_letters import DeadLetters, Selection, open_dead_letters
from stream.errors import TransientError
from stream.ledger import Ledger
from stream.letter import Letter, LetterId
from stream.outbox import Outbox, Topics
from stream.replay import Action, Replay
from stream.settings import StreamSettings


@click.group("dead-letters")
def dead_letters() -> None:
    """List, show, replay and discard dead letters.

    A dead letter is a record that kadr does not try again by itself. It is open until it is replayed or discarded.

    \b
    Examples:
      kadr dead-letters list --since 2h
      kadr dead-letters show 0:17
      kadr dead-letters replay --reason kills_workers --dry-run
      kadr dead-letters discard 0:17
    """


@dead_letters.command("list")
@selecting
@click.option("--all", "handled", is_flag=True, help="Also those that were replayed or discarded.")
@click.option("--limit", type=click.IntRange(1), default=200, show_default=True, help="Most rows of the table.")
@click.option("--json", "as_json", is_flag=True, help="Print all of them as JSON.")
def list_letters(handled: bool, limit: int, as_json: bool, **chosen: Any) -> None:
    """List the open dead letters.

    \b
    Examples:
      kadr dead-letters list
      kadr dead-letters list --stage probe --since 2026-01-31 --json
      kadr dead-letters list --all
    """
    selection = selection_of(handled=handled, **chosen)
    letters = selected(read_settings(), selection)
    run(print_json(letters) if as_json else print_table(letters, limit=limit, with_state=handled))


@dead_letters.command()
@click.argument("id", type=Id())
def show(id: LetterId) -> None:
    """Show a dead letter with the record that it holds, as JSON.

    \b
    Example:
      kadr dead-letters show 0:17
    """

    async def work() -> None:
        async for letter in selected(read_settings(), Selection(ids=frozenset((id,)))):
            click.echo(json.dumps(body_of(letter, whole=True), indent=2, ensure_ascii=False))

    run(work())


@dead_letters.command()
@selecting
@click.option("--dry-run", is_flag=True, help="Only say what would happen.")
def replay(dry_run: bool, **chosen: Any) -> None:
    """Try dead letters again. It does no harm to repeat that.

    An event is sent again and keeps its place among the events of its object; content that failed is planned anew; a
    failed span is tried again. What has been done or replaced since is only closed.

    \b
    Examples:
      kadr dead-letters replay 0:17 0:18
      kadr dead-letters replay --stage span --since 2h --dry-run
    """
    selection = selection_for_change(chosen)

    async def work() -> None:
        settings = read_settings()
        async with open_replay(settings) as replay:
            async for letter in selected(settings, selection):
                step = await (replay.judge(letter) if dry_run else replay.replay(letter))
                click.echo(f"{letter.id} {said_of(step.action, dry_run)}: {step.text}")

    run(work())


@dead_letters.command()
@selecting
@click.option("--dry-run", is_flag=True, help="Only say what would happen.")
def discard(dry_run: bool, **chosen: Any) -> None:
    """Close dead letters without trying them again.

    \b
    Examples:
      kadr dead-letters discard 0:17
      kadr dead-letters discard --reason not_json --until 7d
    """
    selection = selection_for_change(chosen)

    async def work() -> None:
        settings = read_settings()
        async with open_replay(settings) as replay:
            async for letter in selected(settings, selection):
                if letter.state != "open":
                    click.echo(f"{letter.id} is {letter.state} already")
                    continue
                if not dry_run:
                    await replay.discard(letter)
                click.echo(f"{letter.id} {'would be ' if dry_run else ''}discarded: {letter.message}")

    run(work())


def said_of(action: Action, dry_run: bool) -> str:
    """Says in a word or two what becomes of a letter."""
    match action:
        case Action.KEEP:
            return "stays"
        case Action.NOTHING:
            return "would only be closed" if dry_run else "is closed"
        case _:
            return "would be replayed" if dry_run else "replayed"


async def selected(settings: StackSettings, selection: Selection) -> AsyncIterator[Letter]:
    """Yields the letters that are meant, one at a time.

    Raises:
        KadrError: Kafka does not answer, or one of the ids is no letter's.
    """
    missing = set(selection.ids)
    async with open_letters(settings) as letters:
        async for letter in letters.select(selection):
            missing.discard(letter.id)
            yield letter
    if missing:
        raise KadrError(f"No dead letter that is meant has the id {', '.join(map(str, sorted(missing)))}.")


@asynccontextmanager
async def open_letters(settings: StackSettings) -> AsyncIterator[DeadLetters]:
    """Opens the topic of the dead letters."""
    topic = f"{settings.topic_prefix}dead-letters"
    async with open_dead_letters(settings.kafka_brokers, topic=topic) as letters:
        yield letters


@asynccontextmanager
async def open_replay(settings: StackSettings) -> AsyncIterator[Replay]:
    """Opens what replaying and discarding needs; OpenSearch is asked only when a letter is about a video."""
    stream = StreamSettings()
    topics = Topics(stream.uploads_topic, stream.spans_topic, stream.status_topic, stream.dead_letters_topic)
    async with AsyncExitStack() as stack:
        opensearch = async_search_engine(settings)
        stack.push_async_callback(opensearch.close)
        producer = AIOKafkaProducer(bootstrap_servers=settings.kafka_brokers, acks="all", enable_idempotence=True)
        stack.push_async_callback(producer.stop)
        await producer.start()
        ledger = Ledger(opensearch, index=stream.videos_index, script_prefix=settings.index_prefix)
        yield Replay(ledger=ledger, outbox=Outbox(producer, topics), topics=topics)


def run(work: Awaitable[None]) -> None:
    """Runs a command's work.

    Raises:
        KadrError: Kafka or OpenSearch does not answer or refuses.
    """

    async def awaited() -> None:
        await work

    quiet_libraries()
    try:
        asyncio.run(awaited())
    except TransientError as error:
        raise KadrError(f"{str(error).rstrip('.')}: `kadr doctor` says what is wrong.") from error
    except KafkaError as error:
        raise KadrError(f"Kafka does not answer ({type(error).__name__}): start it with `kadr up`.") from error
    except OpenSearchException as error:
        raise KadrError(f"OpenSearch refuses ({reason_of(error)}): has `kadr init` been run?") from error
