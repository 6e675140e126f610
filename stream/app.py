"""The worker process: builds every client once, and runs the planner and span agents in a Faust app."""

import asyncio
import os
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Collection
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import structlog
import urllib3
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError
from faust.types import TP
from minio import Minio
from opensearchpy import AsyncOpenSearch

from encoders.client import EncoderClient
from stream.breaker import Breakers, Probe
from stream.dimensions import DimensionMismatch, check_dimensions
from stream.errors import Dependency, TransientError
from stream.health import HealthPortTaken, serve_health
from stream.index import MomentsIndex
from stream.intake import Intake
from stream.lag import GroupOffsets
from stream.ledger import Ledger
from stream.logs import configure_logs
from stream.media.client import MediaDecoder
from stream.outage import ping_encoder, ping_opensearch
from stream.outbox import Outbox, Topics
from stream.periodic import Periodic, running
from stream.planner import Planner
from stream.producer import WatchedProducer
from stream.progress import GroupProgress
from stream.settings import StreamSettings
from stream.slots import Slots
from stream.spans import SpanWorker
from stream.store import Store
from stream.sweeper import Sweeper
from stream.transport import StrictApp
from stream.upkeep import Upkeep, build_upkeep
from stream.vigil import Vigil
from stream.watchdog import EXIT_STATUS

_LOG = structlog.get_logger(__name__)
_WAITING_SPANS = 64
_STORE_CONNECTIONS = 16
_LOOKS_NEED: frozenset[Dependency] = frozenset({"opensearch", "object store", "kafka"})
_SPANS_NEED: frozenset[Dependency] = _LOOKS_NEED | {"encoder"}


@dataclass(frozen=True, slots=True)
class Clients:
    """The worker's connections to other services, and to the children that decode for it."""

    opensearch: AsyncOpenSearch
    minio: Minio
    encoder: EncoderClient
    producer: WatchedProducer
    watcher: AIOKafkaConsumer
    admin: AIOKafkaAdminClient
    decoder: MediaDecoder


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
            http_client=urllib3.PoolManager(
                timeout=urllib3.Timeout(connect=5, read=60),
                retries=urllib3.Retry(total=2, backoff_factor=0.2),
                maxsize=_STORE_CONNECTIONS,
            ),
        )
        encoder = await stack.enter_async_context(EncoderClient(settings.encoder_url, api_key=settings.encoder_api_key))
        decoder = MediaDecoder(settings.media_limits)
        stack.push_async_callback(decoder.close)
        producer = AIOKafkaProducer(bootstrap_servers=settings.kafka_brokers, acks="all", enable_idempotence=True)
        watcher = AIOKafkaConsumer(
            bootstrap_servers=settings.kafka_brokers, group_id=settings.consumer_group, enable_auto_commit=False
        )
        admin = AIOKafkaAdminClient(bootstrap_servers=settings.kafka_brokers)
        try:
            for client, stop in ((producer, producer.stop), (watcher, watcher.stop), (admin, admin.close)):
                stack.push_async_callback(stop)
                await client.start()
        except KafkaError as error:
            raise TransientError(f"Kafka does not answer at {settings.kafka_brokers}: {error}") from error
        yield Clients(opensearch, minio, encoder, WatchedProducer(producer), watcher, admin, decoder)


@dataclass(frozen=True, slots=True)
class Handlers:
    """The work that a worker does: two kinds for every worker, upkeep for the one that leads."""

    planner: Planner
    spans: SpanWorker
    upkeep: Upkeep


def build_handlers(settings: StreamSettings, clients: Clients) -> Handlers:
    """Puts the planner, the span worker and the upkeep together."""
    progress = GroupProgress(clients.watcher, clients.producer)
    ledger = Ledger(clients.opensearch, index=settings.videos_index, script_prefix=settings.index_prefix)
    store = Store(clients.minio, thumbnail_bucket=settings.thumbnail_bucket)
    topics = Topics(settings.uploads_topic, settings.spans_topic, settings.status_topic, settings.dead_letters_topic)
    outbox = Outbox(clients.producer, topics)
    sweeper = Sweeper(clients.opensearch, store, index=settings.moments_index)
    slots = Slots(settings.concurrent_spans)
    planner = Planner(
        ledger=ledger,
        store=store,
        decoder=clients.decoder,
        outbox=outbox,
        progress=progress,
        sweeper=sweeper,
        slots=slots,
        buckets=settings.buckets,
        spans_topic=settings.spans_topic,
        span_seconds=settings.span_seconds,
    )
    spans = SpanWorker(
        ledger=ledger,
        store=store,
        decoder=clients.decoder,
        encoder=clients.encoder,
        index=MomentsIndex(clients.opensearch, index=settings.moments_index),
        outbox=outbox,
        sweeper=sweeper,
        slots=slots,
    )
    upkeep = build_upkeep(
        settings, opensearch=clients.opensearch, minio=clients.minio, producer=clients.producer, progress=progress
    )
    return Handlers(planner, spans, upkeep)


def build_breakers(settings: StreamSettings, clients: Clients, offsets: GroupOffsets) -> Breakers:
    """Builds a breaker for each service that the worker needs."""
    store = Store(clients.minio, thumbnail_bucket=settings.thumbnail_bucket)
    probes: dict[Dependency, Probe] = {
        "opensearch": lambda: ping_opensearch(clients.opensearch, settings.videos_index, settings.moments_index),
        "object store": store.ping,
        "encoder": lambda: ping_encoder(clients.encoder),
        "kafka": offsets.ping,
    }
    return Breakers(probes, longest_pause_seconds=settings.retry_longest_seconds)


def build_app(settings: StreamSettings, handlers: Handlers, breakers: Breakers) -> tuple[StrictApp, dict[str, Intake]]:
    """Builds the Faust app: raw values, at-least-once, no tables, no web server; topics exist already.

    Returns:
        The app, and its intakes by topic.
    """
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
        consumer_group_instance_id=settings.worker_name or None,
        broker_session_timeout=settings.session_timeout_seconds,
        broker_heartbeat_interval=settings.session_timeout_seconds / 5,
        broker_commit_interval=1.0,
    )
    longest = settings.retry_longest_seconds

    def take_in(topic: str, handler: Planner | SpanWorker, needed: Collection[Dependency], limit: int) -> Intake:
        intake = Intake(
            handler, app.finish, breakers=breakers, needed=needed, limit=limit, longest_pause_seconds=longest
        )

        async def agent(stream: Any) -> None:
            async for event in stream.noack().events():
                await intake.admit(event.message)

        app.agent(app.topic(topic, value_serializer="raw", key_serializer="raw"), name=f"kadr.{topic}")(agent)
        return intake

    intakes = {
        settings.uploads_topic: take_in(
            settings.uploads_topic, handlers.planner, _LOOKS_NEED, settings.concurrent_looks
        ),
        settings.spans_topic: take_in(settings.spans_topic, handlers.spans, _SPANS_NEED, _WAITING_SPANS),
    }

    async def give_back_lost_partitions(_: Any, /, *arguments: Any, signal: Any = None, **__: Any) -> None:
        assigned: set[TP] = arguments[0]
        for intake in intakes.values():
            await intake.keep_only({(tp.topic, tp.partition) for tp in assigned})

    async def stop_work(_: Any, /, *__: Any, signal: Any = None, **___: Any) -> None:
        for intake in intakes.values():
            await intake.close()

    app.on_partitions_assigned.connect(give_back_lost_partitions, weak=False)
    app.on_before_shutdown.connect(stop_work, weak=False)
    return app, intakes


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
        await check_dimensions(clients.encoder, clients.opensearch, index=settings.moments_index)
        offsets = GroupOffsets(clients.watcher, clients.admin, group=settings.consumer_group)
        breakers = build_breakers(settings, clients, offsets)
        handlers = build_handlers(settings, clients)
        app, intakes = build_app(settings, handlers, breakers)
        vigil = Vigil(
            name=settings.worker_name,
            app=app,
            intakes=intakes,
            breakers=breakers,
            offsets=offsets,
            patience_seconds=settings.watchdog_seconds,
            join_seconds=settings.session_timeout_seconds,
            end=lambda: _leave(EXIT_STATUS),
            producer=clients.producer,
        )
        health = serve_health(vigil.health, settings.worker_health_bind, settings.worker_health_port)
        async with health, vigil.kept():
            await app.start()
            _LOG.info("worker started", group=settings.consumer_group)
            async with running(_works(settings, handlers, app, breakers)):
                await app.wait(asked.wait())
            loop.call_later(settings.stop_seconds, _leave, 1)
            await app.stop()
        await breakers.close()
    return 0 if asked.is_set() else 1


def _works(settings: StreamSettings, handlers: Handlers, app: StrictApp, breakers: Breakers) -> list[Periodic]:
    """Returns the work of the one worker that has been given the first partition of uploads."""
    first = TP(settings.uploads_topic, 0)
    return handlers.upkeep.periodic(settings, leads=lambda: first in app.partitions(), breakers=breakers)


def _leave(status: int) -> None:
    """Ends the process whatever its threads still wait for."""
    sys.stderr.flush()
    os._exit(status)


def main() -> None:
    """Runs the worker with the settings of the environment."""
    configure_logs()
    try:
        status = asyncio.run(run(StreamSettings()))
    except (TransientError, HealthPortTaken, DimensionMismatch) as error:
        sys.exit(f"kadr worker: {error}")
    _leave(status)
