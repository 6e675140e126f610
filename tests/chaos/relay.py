"""Carries the object store's notifications to kadr, badly: twice, out of order, or not at all."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError

from chaos.world import World, persist


@dataclass(frozen=True, slots=True)
class Habits:
    """How often a notification is dropped, carried twice, or kept back for up to some seconds."""

    drop: float = 0.05
    double: float = 0.2
    delay: float = 0.3
    longest_seconds: float = 4.0


class Relay:
    """Reads the feed and writes to the uploads topic.

    Attributes:
        counts: What became of the notifications.
    """

    def __init__(self, world: World, habits: Habits, rng: random.Random) -> None:
        self.counts: Counter[str] = Counter()
        self._world = world
        self._habits = habits
        self._rng = rng
        self._late: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def carrying(self) -> AsyncIterator[None]:
        """Carries for as long as the block lasts."""
        task = asyncio.create_task(self._carry())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, *self._late, return_exceptions=True)

    async def drained(self) -> None:
        """Waits for the notifications that are kept back."""
        while self._late:
            await asyncio.wait(set(self._late))

    async def _carry(self) -> None:
        brokers = self._world.stream.kafka_brokers
        consumer = AIOKafkaConsumer(self._world.feed, bootstrap_servers=brokers, auto_offset_reset="earliest")
        await consumer.start()
        try:
            while True:
                try:
                    batches = await consumer.getmany(timeout_ms=500)
                except KafkaError:
                    continue
                for record in (record for batch in batches.values() for record in batch):
                    self._take(record.value, record.key)
        finally:
            await consumer.stop()

    def _take(self, value: bytes, key: bytes) -> None:
        self.counts["seen"] += 1
        if self._rng.random() < self._habits.drop:
            self.counts["dropped"] += 1
            return
        copies = 2 if self._rng.random() < self._habits.double else 1
        self.counts["doubled"] += copies - 1
        for _ in range(copies):
            late = self._rng.random() < self._habits.delay
            self.counts["delayed"] += late
            seconds = self._rng.uniform(0, self._habits.longest_seconds) if late else 0.0
            task = asyncio.create_task(self._send(value, key, seconds))
            self._late.add(task)
            task.add_done_callback(self._late.discard)

    async def _send(self, value: bytes, key: bytes, seconds: float) -> None:
        await asyncio.sleep(seconds)
        await persist(lambda: self._world.producer.send_and_wait(self._world.stream.uploads_topic, value, key))
