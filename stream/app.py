"""The worker process: builds every client once, and runs the planner and span agents in a Faust app."""

import asyncio
import os
import signal
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from faust.types import TP
from minio import Minio
from opensearchpy import AsyncOpenSearch

from encoders.client import EncoderClient
from stream.errors import TransientError
from stream.index import MomentsIndex
from stream.intake import Intake
from stream.ledger import Ledger
from stream.logs import configure_logs
from stream.media import MediaDecoder, MediaLimits
from stream.outbox import Outbox, Topics
from stream.planner import Planner
from stream.settings import StreamSettings
from stream.slots import Slots
from stream.spans import SpanWorker
from stream.store import Store
from stream.sweeper import Sweeper
from stream.transport import StrictApp

_LOG = structlog.get_logger(__name__)
_WAITING_SPANS = 64


@dataclass(frozen=True, slots=True)
class Clients:
    """The worker's connections to other services."""

    opensearch: AsyncOpenSearch
    minio: Minio
    encoder: EncoderClient
    producer: AIOKafkaProducer


@asynccontextmanager
async def open_clients(settings: StreamSettings) -> AsyncIterator[Clients]:
    """Opens the connections and closes them at the end.

    Raises:
        TransientError: Kafka does not answer.
    """
    async with AsyncExitStack() as stack:
        password = settings.opensearch_password.get_secret_value()
        opensearch = AsyncOpenSearch(
            settings.opensearch_url,
            http_auth=(settings.opensearch_user, password) if settings.opensearch_user else None,
            timeout=30,
            max_retries=0,
        )
        stack.push_async_callback(opensearch.close)
        store = urlsplit(settings.minio_url)
        minio = Minio(
            store.netloc,
            settings.minio_access_key,
            settings.minio_secret_key.get_secret_value(),
            secure=store.scheme == "https",
        )
        encoder = await stack.enter_async_context(EncoderClient(settings.encoder_url))
        producer = AIOKafkaProducer(bootstrap_servers=settings.kafka_brokers, acks="all", enable_idempotence=True)
        stack.push_async_callback(producer.stop)
        try:
            await producer.start()
        except KafkaError as error:
            raise TransientError(f"Kafka does not answer at {settings.kafka_brokers}: {error}") from error
        yield Clients(opensearch, minio, encoder, producer)


@dataclass(frozen=True, slots=True)
class Handlers:
    """The two kinds of work that a worker does."""

    planner: Planner
    spans: SpanWorker


def build_handlers(settings: StreamSettings, clients: Clients) -> Handlers:
    """Puts the planner and the span worker together."""
    ledger = Ledger(clients.opensearch, index=settings.videos_index, script_prefix=settings.index_prefix)
    store = Store(clients.minio, thumbnail_bucket=settings.thumbnail_bucket)
    topics = Topics(settings.uploads_topic, settings.spans_topic, settings.status_topic, settings.dead_letters_topic)
    outbox = Outbox(clients.producer, topics)
    sweeper = Sweeper(clients.opensearch, store, index=settings.moments_index)
    limits = MediaLimits(wall_seconds=settings.decode_timeout_seconds, memory_bytes=settings.decode_memory_mb * 2**20)
    decoder = MediaDecoder(limits)
    planner = Planner(
        ledger=ledger,
        store=store,
        decoder=decoder,
        outbox=outbox,
        sweeper=sweeper,
        buckets=settings.buckets,
        span_seconds=settings.span_seconds,
    )
    spans = SpanWorker(
        ledger=ledger,
        store=store,
        decoder=decoder,
        encoder=clients.encoder,
        index=MomentsIndex(clients.opensearch, index=settings.moments_index),
        outbox=outbox,
        sweeper=sweeper,
        slots=Slots(settings.concurrent_spans),
    )
    return Handlers(planner, spans)


def build_app(settings: StreamSettings, handlers: Handlers) -> StrictApp:
    """Builds the Faust app: raw values, at-least-once, no tables, no web server; topics exist already."""
    app = StrictApp(
        settings.consumer_group,
        broker=[f"kafka://{broker.strip()}" for broker in settings.kafka_brokers.split(",")],
        store="memory://",
        datadir=Path(tempfile.gettempdir()) / f"{settings.consumer_group}-data",
        value_serializer="raw",
        key_serializer="raw",
        web_enabled=False,
        topic_disable_leader=True,
        topic_allow_declare=False,
        stream_wait_empty=False,
        broker_session_timeout=settings.session_timeout_seconds,
        broker_heartbeat_interval=settings.session_timeout_seconds / 5,
        broker_commit_interval=1.0,
    )
    intakes = [
        _consume(app, settings.uploads_topic, handlers.planner, settings.concurrent_looks, settings),
        _consume(app, settings.spans_topic, handlers.spans, _WAITING_SPANS, settings),
    ]

    async def give_back_lost_partitions(_: Any, /, *arguments: Any, signal: Any = None, **__: Any) -> None:
        assigned: set[TP] = arguments[0]
        for intake in intakes:
            await intake.keep_only({(tp.topic, tp.partition) for tp in assigned})

    async def stop_work(_: Any, /, *__: Any, signal: Any = None, **___: Any) -> None:
        for intake in intakes:
            await intake.close()

    app.on_partitions_assigned.connect(give_back_lost_partitions, weak=False)
    app.on_before_shutdown.connect(stop_work, weak=False)
    return app


def _consume(app: StrictApp, name: str, handler: Planner | SpanWorker, limit: int, settings: StreamSettings) -> Intake:
    intake = Intake(handler, app.finish, limit=limit, longest_pause_seconds=settings.retry_longest_seconds)

    async def agent(stream: Any) -> None:
        async for event in stream.noack().events():
            await intake.admit(event.message)

    app.agent(app.topic(name, value_serializer="raw", key_serializer="raw"), name=f"kadr.{name}")(agent)
    return intake


async def run(settings: StreamSettings) -> int:
    """Works until SIGTERM or SIGINT; returns the exit status: 1 if the app stopped by itself."""
    asked, loop = asyncio.Event(), asyncio.get_running_loop()

    def ask_to_stop() -> None:
        asked.set()
        # Faust and its producers wait for a broker that is away as long as it takes.
        loop.call_later(settings.stop_seconds * 0.8, _leave, 1)

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ask_to_stop)
    async with open_clients(settings) as clients:
        app = build_app(settings, build_handlers(settings, clients))
        await app.start()
        _LOG.info("worker started", group=settings.consumer_group)
        await app.wait(asked.wait())
        await app.stop()
    return 0 if asked.is_set() else 1


def _leave(status: int) -> None:
    """Ends the process whatever its threads still wait for."""
    sys.stderr.flush()
    os._exit(status)


def main() -> None:
    """Runs the worker with the settings of the environment."""
    configure_logs()
    try:
        status = asyncio.run(run(StreamSettings()))
    except TransientError as error:
        sys.exit(f"kadr worker: {error}")
    _leave(status)
