"""The services of a run, seen from outside and in real time."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import KafkaError
from aiokafka.structs import TopicPartition
from minio import Minio
from opensearchpy import AsyncOpenSearch
from opensearchpy.exceptions import OpenSearchException
from services import Scope

from infra.clients import STORE_ERRORS, async_search_engine, object_store
from infra.stack import LocalStack
from search_api.app import create_app
from search_api.settings import SearchSettings
from stream.errors import TransientError
from stream.events import OwnEvent, event_key, event_value, video_id
from stream.settings import StreamSettings

Answer = TypeVar("Answer")
_PAUSE_SECONDS = 0.3


@dataclass(slots=True)
class World:
    """Everything that the parts of a run share.

    Attributes:
        scope: Its topics, indices and buckets.
        feed: Topic to which the object store sends notifications; the relay carries them to the uploads topic.
        search: OpenSearch without the faults that the workers suffer.
        api: The search API, likewise.
    """

    stack: LocalStack
    scope: Scope
    feed: str
    stream: StreamSettings
    search: AsyncOpenSearch
    api: httpx.AsyncClient
    producer: AIOKafkaProducer
    _store: Minio = field(init=False)

    def __post_init__(self) -> None:
        self._store = object_store(self.scope.settings)

    @property
    def bucket(self) -> str:
        return self.scope.bucket

    def id_of(self, key: str) -> str:
        return video_id(self.bucket, key)

    async def put(self, key: str, data: bytes) -> None:
        await persist(lambda: asyncio.to_thread(self._put, key, data))

    def _put(self, key: str, data: bytes) -> None:
        self._store.put_object(self.bucket, key, io.BytesIO(data), len(data))

    async def remove(self, key: str) -> None:
        await persist(lambda: asyncio.to_thread(self._store.remove_object, self.bucket, key))

    async def publish(self, event: OwnEvent) -> None:
        await persist(
            lambda: self.producer.send_and_wait(self.stream.uploads_topic, event_value(event), event_key(event))
        )

    async def ledger(self, ids: Iterable[str]) -> dict[str, dict[str, Any]]:
        """Reads ledger documents in real time."""
        body = {"ids": sorted(ids)}
        answer = await self.search.mget(index=self.stream.videos_index, body=body)
        return {doc["_id"]: doc["_source"] for doc in answer["docs"] if doc.get("found")}

    async def nobody_is_suspected(self) -> bool:
        """Says whether every pending span could lose two more workers, which is what can happen until this is seen."""
        body = {"query": {"term": {"status": "indexing"}}, "size": 1000, "_source": False}
        try:
            hits = (await self.search.search(index=self.stream.videos_index, body=body))["hits"]["hits"]
            entries = await self.ledger(hit["_id"] for hit in hits) if hits else {}
        except OpenSearchException:
            return False
        spans = [span for entry in entries.values() for span in entry["spans"]]
        return not any(span["state"] == "p" and span["lost"] >= 3 for span in spans)

    async def moments(self) -> dict[str, dict[str, Any]]:
        """Reads every moment of the index."""
        await self.search.indices.refresh(index=self.stream.moments_index)
        found: dict[str, dict[str, Any]] = {}
        after: list[Any] = []
        while True:
            body = {
                "size": 1000,
                "query": {"match_all": {}},
                "sort": [{"video_id": "asc"}, {"start_seconds": "asc"}, {"_id": "asc"}],
                **({"search_after": after} if after else {}),
            }
            hits = (await self.search.search(index=self.stream.moments_index, body=body))["hits"]["hits"]
            found |= {hit["_id"]: hit["_source"] for hit in hits}
            if len(hits) < 1000:
                return found
            after = hits[-1]["sort"]

    async def records(self, topic: str) -> list[Any]:
        """Reads a topic from its begin to its end."""
        consumer = AIOKafkaConsumer(bootstrap_servers=self.stream.kafka_brokers, auto_offset_reset="earliest")
        await consumer.start()
        try:
            partitions = [TopicPartition(topic, number) for number in await self.producer.partitions_for(topic)]
            consumer.assign(partitions)
            ends = await consumer.end_offsets(partitions)
            records: list[Any] = []
            while [p for p in partitions if await consumer.position(p) < ends[p]]:
                for batch in (await consumer.getmany(timeout_ms=500)).values():
                    records += batch
            return records
        finally:
            await consumer.stop()

    async def lag(self) -> int:
        """Counts the records that the workers have not committed."""
        group = AIOKafkaConsumer(bootstrap_servers=self.stream.kafka_brokers, group_id=self.stream.consumer_group)
        await group.start()
        try:
            topics = (self.stream.uploads_topic, self.stream.spans_topic)
            partitions = [TopicPartition(t, n) for t in topics for n in await self.producer.partitions_for(t)]
            ends = await group.end_offsets(partitions)
            return sum([ends[p] - (await group.committed(p) or 0) for p in partitions])
        finally:
            await group.stop()

    async def set_refresh_interval(self, interval: str) -> None:
        body = {"index": {"refresh_interval": interval}}
        await self.search.indices.put_settings(index=self.stream.moments_index, body=body)


async def persist(work: Callable[[], Awaitable[Answer]], *, seconds: float = 180.0) -> Answer:
    """Does something again until the service is back: an operation counts once it succeeded."""
    stop = asyncio.get_running_loop().time() + seconds
    while True:
        try:
            return await work()
        except (*STORE_ERRORS, KafkaError, TransientError):
            if asyncio.get_running_loop().time() > stop:
                raise
            await asyncio.sleep(_PAUSE_SECONDS)


async def until(condition: Callable[[], Awaitable[bool]], subject: str, *, seconds: float) -> None:
    """Waits for a condition, and fails with its name."""
    stop = asyncio.get_running_loop().time() + seconds
    while not await condition():
        if asyncio.get_running_loop().time() > stop:
            raise AssertionError(f"waited {seconds:.0f} s for {subject}")
        await asyncio.sleep(_PAUSE_SECONDS)


@asynccontextmanager
async def opened(stack: LocalStack, scope: Scope, feed: str) -> AsyncIterator[World]:
    """Opens the clients of a run."""
    async with AsyncExitStack() as exits:
        search = await exits.enter_async_context(async_search_engine(scope.settings))
        app = create_app(scope.read(SearchSettings))
        await exits.enter_async_context(app.router.lifespan_context(app))
        transport = httpx.ASGITransport(app=app)
        api = await exits.enter_async_context(httpx.AsyncClient(transport=transport, base_url="http://api"))
        producer = AIOKafkaProducer(bootstrap_servers=scope.settings.kafka_brokers, acks="all")
        await producer.start()
        exits.push_async_callback(producer.stop)
        yield World(stack, scope, feed, scope.read(StreamSettings), search, api, producer)
