"""How far the consumer group has come, as Kafka knows it."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any, Protocol

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError

from stream.errors import TransientError
from stream.producer import WatchedProducer

# What the clocks of workers and brokers may differ by: records are dated by whoever sent them.
_CLOCK_SKEW_SECONDS = 60.0
_PATIENCE_SECONDS = 30.0


class Progress(Protocol):
    """What the planner and the reconciler ask about the group. Both may raise TransientError."""

    async def lag(self, topic: str) -> int:
        """Counts the records of a topic that the group has not finished."""

    async def passed(self, topic: str, at_seconds: float) -> bool:
        """Says whether the group has finished every record that was sent up to a time (POSIX seconds)."""


class GroupProgress:
    """Compares the group's committed offsets with the log.

    The workers commit what is finished without a gap (see `stream.transport`), so a committed offset vouches for
    every record before it.

    Args:
        consumer: Has the group's name and no subscription: it asks, and never joins.
        producer: Knows the partitions of the topics.
    """

    def __init__(self, consumer: AIOKafkaConsumer, producer: AIOKafkaProducer | WatchedProducer) -> None:
        self._consumer = consumer
        self._producer = producer

    async def lag(self, topic: str) -> int:
        """See `Progress.lag`."""
        async with _answers(topic):
            partitions = await self._partitions(topic)
            ends = await self._consumer.end_offsets(partitions)
            reached = await self._reached(partitions)
            return sum(max(0, ends[partition] - reached[partition]) for partition in partitions)

    async def passed(self, topic: str, at_seconds: float) -> bool:
        """See `Progress.passed`; a minute more is asked for, because clocks differ."""
        at_ms = round((at_seconds + _CLOCK_SKEW_SECONDS) * 1000)
        async with _answers(topic):
            partitions = await self._partitions(topic)
            ends = await self._consumer.end_offsets(partitions)
            later = await self._consumer.offsets_for_times(dict.fromkeys(partitions, at_ms))
            reached = await self._reached(partitions)
            needed = {p: later[p].offset if later.get(p) is not None else ends[p] for p in partitions}
            return all(reached[partition] >= needed[partition] for partition in partitions)

    async def _partitions(self, topic: str) -> list[TopicPartition]:
        return [TopicPartition(topic, number) for number in await self._producer.partitions_for(topic)]

    async def _reached(self, partitions: Iterable[TopicPartition]) -> dict[Any, int]:
        """Returns where the group goes on; where it never committed that is the start of the log."""
        starts: dict[Any, int] = await self._consumer.beginning_offsets(partitions)
        return {p: max(await self._consumer.committed(p) or 0, start) for p, start in starts.items()}


@asynccontextmanager
async def _answers(subject: str) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            yield
    except (KafkaError, TimeoutError, OSError) as error:
        message = f"Kafka does not say how far the group is with {subject}: {error!r}"
        raise TransientError(message, dependency="kafka") from error
