"""How far behind a worker is, asked over a connection of its own: Faust's consumer may be just what is stuck."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError
from faust.types import TP

from stream.errors import TransientError


class GroupOffsets:
    """Reads the offsets of a consumer group.

    Args:
        consumer: Has the group's id and subscribes to nothing, so that it never joins.
        admin: Tells who the group's members are.
        group: Name of the group.
        longest_seconds: How long one answer may take.
    """

    def __init__(
        self, consumer: AIOKafkaConsumer, admin: AIOKafkaAdminClient, *, group: str, longest_seconds: float = 10.0
    ) -> None:
        self._consumer = consumer
        self._admin = admin
        self._group = group
        self._longest_seconds = longest_seconds

    async def ping(self) -> None:
        """Asks for a sign of life.

        Raises:
            TransientError: Kafka does not answer.
        """
        async with self._answers():
            await self._consumer.topics()

    async def members(self) -> tuple[str, ...]:
        """Lists the group's members by the names that the broker gave them.

        Raises:
            TransientError: Kafka does not answer.
        """
        async with self._answers():
            answers = await self._admin.describe_consumer_groups([self._group])
        return tuple(member[0] for answer in answers for group in answer.groups for member in group[5])

    async def lag_and_committed(self, partitions: Collection[TP]) -> tuple[Mapping[str, int], Mapping[str, int]]:
        """Returns, by topic, how many records are not committed, and the sum of the committed offsets.

        Raises:
            TransientError: Kafka does not answer.
        """
        async with self._answers():
            return await self._read([TopicPartition(tp.topic, tp.partition) for tp in partitions])

    async def _read(self, partitions: list[TopicPartition]) -> tuple[Counter[str], Counter[str]]:
        await self._consumer.topics()  # Also without partitions it must be known whether Kafka answers.
        begin = await self._consumer.beginning_offsets(partitions) if partitions else {}
        end = await self._consumer.end_offsets(partitions) if partitions else {}
        lag, done = Counter[str](), Counter[str]()
        for partition in partitions:
            committed = await self._consumer.committed(partition) or 0
            lag[partition.topic] += max(0, end[partition] - max(committed, begin[partition]))
            done[partition.topic] += committed
        return lag, done

    @asynccontextmanager
    async def _answers(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(self._longest_seconds):
                yield
        except (KafkaError, OSError) as error:  # Running out of time is an OSError, too.
            reason = str(error) or type(error).__name__
            raise TransientError(f"Kafka does not answer: {reason}", dependency="kafka") from error
