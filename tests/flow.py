"""A publisher, a worker and a reader for the tests of the whole way."""

import asyncio
import io
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaConsumer
from aiokafka.structs import TopicPartition
from httpx import ASGITransport, AsyncClient, Response
from opensearchpy import OpenSearch
from services import Scope

from infra.clients import object_store, search_engine
from search_api.app import create_app
from search_api.settings import SearchSettings
from stream.events import OwnEvent, video_id
from stream.publish import Publisher
from stream.settings import StreamSettings

FINAL = ("ready", "partial", "failed")


class Flow:
    """One test's bucket, topics and indices, seen from outside."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.stream: StreamSettings = scope.read(StreamSettings)
        self.store = object_store(scope.settings)
        self.client: OpenSearch = search_engine(scope.settings)

    def put(self, key: str, content: bytes | Path) -> str:
        """Stores an object; returns its video's id."""
        data = content.read_bytes() if isinstance(content, Path) else content
        self.store.put_object(self.scope.bucket, key, io.BytesIO(data), len(data))
        return video_id(self.scope.bucket, key)

    def delete(self, key: str) -> None:
        self.store.remove_object(self.scope.bucket, key)

    def publish(self, *events: OwnEvent) -> None:
        async def send() -> None:
            async with Publisher(self.stream.kafka_brokers, topic=self.stream.uploads_topic) as publisher:
                for event in events:
                    await publisher.publish(event)

        asyncio.run(send())

    def publish_raw(self, *values: bytes) -> None:
        async def send() -> None:
            async with Publisher(self.stream.kafka_brokers, topic=self.stream.uploads_topic) as publisher:
                assert publisher._producer is not None
                for value in values:
                    await publisher._producer.send_and_wait(self.stream.uploads_topic, value)

        asyncio.run(send())

    def ledger(self, video: str) -> dict[str, Any]:
        """Returns a video's ledger document; empty if there is none."""
        answer = self.client.get(index=self.stream.videos_index, id=video, params={"ignore": 404})
        source: dict[str, Any] = answer.get("_source", {})
        return source

    def wait_for(self, video: str, expected: Callable[[dict[str, Any]], bool], seconds: float = 90) -> dict[str, Any]:
        """Waits until a ledger document is as expected."""
        entry: dict[str, Any] = {}

        def as_expected() -> bool:
            nonlocal entry
            entry = self.ledger(video)
            return bool(entry) and expected(entry)

        until(as_expected, f"the ledger of {video}", lambda: entry, seconds)
        return entry

    def wait_final(self, video: str, seconds: float = 90) -> dict[str, Any]:
        return self.wait_for(video, lambda entry: entry["status"] in FINAL and entry["emitted"], seconds)

    def moments(self, video: str) -> dict[str, dict[str, Any]]:
        """Returns a video's moments as they lie in the index, by id."""
        self.client.indices.refresh(index=self.stream.moments_index)
        query = {"query": {"term": {"video_id": video}}, "size": 1000, "sort": ["start_seconds"]}
        hits = self.client.search(index=self.stream.moments_index, body=query)["hits"]["hits"]
        return {hit["_id"]: hit["_source"] for hit in hits}

    def search(self, query: str, **wish: Any) -> dict[str, Any]:
        """Asks the search API, as its users do."""
        answer = asyncio.run(self._ask({"query": query, **wish}))
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def _ask(self, body: dict[str, Any]) -> Response:
        app = create_app(self.scope.read(SearchSettings))
        transport = ASGITransport(app=app)
        async with app.router.lifespan_context(app), AsyncClient(transport=transport, base_url="http://api") as api:
            return await api.post("/search", json=body)

    def found(self, query: str) -> list[str]:
        return [hit["key"] for hit in self.search(query)["hits"]]

    def dead_letters(self, expected: int, seconds: float = 30) -> list[dict[str, str]]:
        """Reads at least so many dead letters' headers."""
        return asyncio.run(self._dead_letters(expected, seconds))

    async def _dead_letters(self, expected: int, seconds: float) -> list[dict[str, str]]:
        consumer = AIOKafkaConsumer(
            self.stream.dead_letters_topic,
            bootstrap_servers=self.stream.kafka_brokers,
            auto_offset_reset="earliest",
        )
        await consumer.start()
        try:
            letters: list[dict[str, str]] = []
            stop = time.monotonic() + seconds
            while len(letters) < expected and time.monotonic() < stop:
                for records in (await consumer.getmany(timeout_ms=500)).values():
                    letters += [{name: value.decode() for name, value in record.headers} for record in records]
            return letters
        finally:
            await consumer.stop()

    def lag(self) -> int:
        """Counts the records that the worker's group has not committed."""
        return asyncio.run(self._lag())

    async def _lag(self) -> int:
        topics = (self.stream.uploads_topic, self.stream.spans_topic)
        consumer = AIOKafkaConsumer(
            *topics,
            bootstrap_servers=self.stream.kafka_brokers,
            group_id=None,
        )
        reader = AIOKafkaConsumer(bootstrap_servers=self.stream.kafka_brokers, group_id=self.stream.consumer_group)
        await consumer.start()
        await reader.start()
        try:
            partitions = [TopicPartition(t, p) for t in topics for p in consumer.partitions_for_topic(t) or ()]
            ends = await consumer.end_offsets(partitions)
            committed = {partition: await reader.committed(partition) or 0 for partition in partitions}
            return sum(ends[partition] - committed[partition] for partition in partitions)
        finally:
            await consumer.stop()
            await reader.stop()

    def start_worker(self, **environment: str) -> "subprocess.Popen[bytes]":
        """Starts `kadr worker` on this test's topics."""
        return subprocess.Popen(
            [sys.executable, "-m", "infra.cli", "worker"], env={**self.scope.environment, **environment}
        )

    @contextmanager
    def worker(self, **environment: str) -> Iterator["subprocess.Popen[bytes]"]:
        """A worker for as long as the block lasts, stopped as `kadr down` stops it."""
        process = self.start_worker(**environment)
        try:
            yield process
        finally:
            process.terminate()
            process.wait(30)


def until(
    condition: Callable[[], bool], subject: str, state: Callable[[], object] = lambda: "", seconds: float = 60
) -> None:
    """Waits for a condition, and fails with the state that it was in."""
    stop = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > stop:
            raise AssertionError(f"waited {seconds} s for {subject}: {state()}")
        time.sleep(0.2)
