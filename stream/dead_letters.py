"""The dead-letters topic: which letters are open, and which of them somebody means."""

import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError, UnknownTopicOrPartitionError
from aiokafka.structs import TopicPartition

from stream.errors import TransientError
from stream.letter import Answer, Letter, LetterId, State

_FETCH_BYTES = 4 << 20
_PATIENCE_SECONDS = 30.0
# What a mark, one byte for each record of the topic, stands for; None: no letter.
_MARKS: tuple[State | None, ...] = (None, "open", "replayed", "discarded")


@dataclass(frozen=True, slots=True)
class Selection:
    """Which letters somebody means; empty means any.

    Attributes:
        ids: These and no others, whatever their state.
        since_ms, until_ms: When a letter was written, in `[since_ms, until_ms)`.
        handled: Also those that were replayed or discarded.
    """

    ids: frozenset[LetterId] = frozenset()
    reasons: frozenset[str] = frozenset()
    stages: frozenset[str] = frozenset()
    since_ms: int | None = None
    until_ms: int | None = None
    handled: bool = False

    @property
    def everything(self) -> bool:
        """True if nothing narrows it."""
        return not (self.ids or self.reasons or self.stages) and self.since_ms is None and self.until_ms is None

    def takes(self, letter: Letter) -> bool:
        """Says whether a letter is meant."""
        return (
            (not self.ids or letter.id in self.ids)
            and (not self.reasons or letter.reason in self.reasons)
            and (not self.stages or letter.stage in self.stages)
            and (self.since_ms is None or letter.last_seen_ms >= self.since_ms)
            and (self.until_ms is None or letter.last_seen_ms < self.until_ms)
            and (self.handled or bool(self.ids) or letter.state == "open")
        )


class DeadLetters:
    """Reads the topic up to where it ended when it was opened; one byte of memory for each record there."""

    def __init__(
        self, consumer: AIOKafkaConsumer, begins: Mapping[TopicPartition, int], ends: Mapping[TopicPartition, int]
    ) -> None:
        self._consumer = consumer
        self._begins = begins
        self._ends = ends

    async def count_open(self) -> int:
        """Counts the letters that nobody has replayed or discarded."""
        return sum(marks.count(_MARKS.index("open")) for marks in (await self._marks()).values())

    async def select(self, selection: Selection) -> AsyncIterator[Letter]:
        """Yields the letters that are meant, as they lie in the topic."""
        marks = await self._marks()
        async for partition, found in self._records():
            state = _MARKS[marks[partition.partition][found.offset - self._begins[partition]]]
            if state is None:
                continue
            letter = Letter.of(LetterId(partition.partition, found.offset), state, found)
            if selection.takes(letter):
                yield letter

    async def _marks(self) -> dict[int, bytearray]:
        """Reads what became of each record; an answer may lie before its letter, in another partition."""
        begins = {partition.partition: begin for partition, begin in self._begins.items()}
        marks = {partition.partition: bytearray(end - self._begins[partition]) for partition, end in self._ends.items()}
        async for partition, found in self._records():
            answer = Answer.of(found)
            id = answer.id if answer is not None else LetterId(partition.partition, found.offset)
            place = id.offset - begins.get(id.partition, 0)
            if not 0 <= place < len(marks.get(id.partition, b"")):
                continue
            if answer is not None:
                marks[id.partition][place] = _MARKS.index(answer.handled)
            elif not marks[id.partition][place]:
                marks[id.partition][place] = _MARKS.index("open")
        return marks

    async def _records(self) -> AsyncIterator[tuple[TopicPartition, Any]]:
        """Yields every record from the begin to the end of each partition.

        Raises:
            TransientError: Kafka stopped answering.
        """
        for partition, begin in self._begins.items():
            self._consumer.seek(partition, begin)
        moved, before = time.monotonic(), -1
        while behind := [p for p, end in self._ends.items() if await self._consumer.position(p) < end]:
            batches = await self._consumer.getmany(*behind, timeout_ms=500, max_records=500)
            for partition, records in batches.items():
                for found in records:
                    if found.offset < self._ends[partition]:
                        yield partition, found
            positions = sum([await self._consumer.position(partition) for partition in behind])
            if positions != before:
                moved, before = time.monotonic(), positions
            elif time.monotonic() - moved > _PATIENCE_SECONDS:
                raise TransientError(f"Kafka stopped sending dead letters for {_PATIENCE_SECONDS:.0f} s")


@asynccontextmanager
async def open_dead_letters(kafka_brokers: str, *, topic: str) -> AsyncIterator[DeadLetters]:
    """Opens the topic for reading.

    Raises:
        TransientError: Kafka does not answer, or has no such topic.
    """
    consumer = AIOKafkaConsumer(
        topic,
        bootstrap_servers=kafka_brokers,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        fetch_max_bytes=_FETCH_BYTES,
        max_partition_fetch_bytes=_FETCH_BYTES,
    )
    try:
        await consumer.start()
        partitions = sorted(consumer.assignment())
        begins, ends = await consumer.beginning_offsets(partitions), await consumer.end_offsets(partitions)
        yield DeadLetters(consumer, begins, ends)
    except UnknownTopicOrPartitionError as error:
        raise TransientError(f"Kafka at {kafka_brokers} has no topic {topic}") from error
    except KafkaError as error:
        raise TransientError(f"Kafka does not answer at {kafka_brokers}: {error}") from error
    finally:
        await consumer.stop()
