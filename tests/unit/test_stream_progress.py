"""When the group has passed a time: committed offsets against the log, partition by partition."""

from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from stream.errors import TransientError
from stream.progress import GroupProgress

SENT_AT = 1000.0


class Kafka:
    """Both clients at once. Each partition: first offset of the log, its end, the committed offset, and the offset of
    the first record that was sent after the time that is asked for."""

    def __init__(self, *partitions: tuple[int, int, int | None, int | None]) -> None:
        self._partitions = {TopicPartition("spans", n): values for n, values in enumerate(partitions)}
        self.asked_ms: set[int] = set()

    async def partitions_for(self, topic: str) -> set[int]:
        return {partition.partition for partition in self._partitions}

    async def beginning_offsets(self, partitions: Any) -> Any:
        return {partition: self._partitions[partition][0] for partition in partitions}

    async def end_offsets(self, partitions: Any) -> Any:
        return {partition: self._partitions[partition][1] for partition in partitions}

    async def committed(self, partition: TopicPartition) -> int | None:
        return self._partitions[partition][2]

    async def offsets_for_times(self, times: dict[TopicPartition, int]) -> Any:
        self.asked_ms |= set(times.values())
        later = {partition: self._partitions[partition][3] for partition in times}
        return {p: SimpleNamespace(offset=offset) if offset is not None else None for p, offset in later.items()}


def progress(kafka: Kafka) -> GroupProgress:
    return GroupProgress(kafka, kafka)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("partitions", "expected"),
    [
        ([(0, 5, 5, None)], True),
        ([(0, 5, 4, None)], False),
        ([(0, 9, 7, 7)], True),
        ([(0, 9, 6, 7)], False),
        ([(0, 9, 7, 7), (0, 3, 2, None)], False),
        ([(0, 0, None, None)], True),
        ([(0, 1, None, None)], False),
        ([(4, 4, None, None)], True),
        ([(4, 5, 2, 4)], True),
    ],
)
async def test_passed(partitions: list[tuple[int, int, int | None, int | None]], expected: bool) -> None:
    assert await progress(Kafka(*partitions)).passed("spans", SENT_AT) is expected


async def test_a_minute_is_left_for_clocks_that_differ() -> None:
    kafka = Kafka((0, 0, None, None))
    await progress(kafka).passed("spans", SENT_AT)
    assert kafka.asked_ms == {1_060_000}


async def test_lag_counts_what_is_not_finished() -> None:
    assert await progress(Kafka((0, 5, 3, None), (2, 6, None, None), (0, 1, 1, None))).lag("spans") == 2 + 4


async def test_kafka_that_is_away_is_an_outage() -> None:
    class Away(Kafka):
        async def end_offsets(self, partitions: Any) -> Any:
            raise KafkaError("away")

    with pytest.raises(TransientError, match="spans"):
        await progress(Away((0, 0, None, None))).passed("spans", SENT_AT)
