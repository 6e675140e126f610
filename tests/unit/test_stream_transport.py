"""The cases that plain faust-streaming 0.15.3 gets wrong, on the strict consumer."""

from types import SimpleNamespace
from typing import Any

import faust
import pytest
from faust.types import TP

from stream.transport import StrictApp, StrictConsumer

PARTITION = TP("x", 0)


class Delivery:
    """Stands for a Faust message: the consumer only looks at where it lies."""

    def __init__(self, offset: int) -> None:
        self.tp, self.offset, self.topic, self.acked = PARTITION, offset, PARTITION.topic, False


@pytest.fixture
async def consumer() -> Any:
    app = StrictApp("test", broker="kafka://localhost:9", web_enabled=False)

    async def take(message: Any) -> None: ...

    async def rebalance(*_: Any) -> None: ...

    consumer = app.transport.create_consumer(
        callback=take, on_partitions_revoked=rebalance, on_partitions_assigned=rebalance
    )
    assert isinstance(consumer, StrictConsumer)
    return consumer


async def deliver(consumer: Any, *offsets: int) -> dict[int, Any]:
    messages: dict[int, Any] = {offset: Delivery(offset) for offset in offsets}
    for message in messages.values():
        await consumer.callback(message)
    return messages


async def test_commits_the_contiguous_head_only(consumer: Any) -> None:
    messages = await deliver(consumer, 1, 2, 3, 4)
    for offset in (1, 2, 4):
        assert consumer.finish(messages[offset])
    assert consumer._new_offset(PARTITION) == 3
    assert consumer._new_offset(PARTITION) is None
    assert consumer.in_flight() == 1
    consumer.finish(messages[3])
    assert consumer._new_offset(PARTITION) == 5


@pytest.mark.parametrize("committed", [None, 0, 2585])
async def test_never_passes_a_message_in_flight_at_the_head(consumer: Any, committed: int | None) -> None:
    consumer._committed_offset[PARTITION] = committed
    messages = await deliver(consumer, 2585, 2586, 2587)
    consumer.finish(messages[2586])
    consumer.finish(messages[2587])
    assert consumer._new_offset(PARTITION) is None


async def test_the_message_after_an_offset_gap_is_not_finished_by_the_gap(consumer: Any) -> None:
    messages = await deliver(consumer, 5, 8, 9)
    await consumer._add_gap(PARTITION, 6, 8)
    consumer.finish(messages[5])
    consumer.finish(messages[9])
    assert consumer._new_offset(PARTITION) == 6
    consumer.finish(messages[8])
    assert consumer._new_offset(PARTITION) == 10


async def test_fausts_own_acknowledgements_finish_nothing(consumer: Any) -> None:
    messages = await deliver(consumer, 1)
    assert consumer.ack(messages[1]) is False
    assert messages[1].acked
    assert consumer._new_offset(PARTITION) is None


async def test_a_message_of_an_older_assignment_finishes_nothing(consumer: Any) -> None:
    old = await deliver(consumer, 1, 2)
    await consumer.on_partitions_revoked({PARTITION})
    new = await deliver(consumer, 1, 2)
    assert consumer.finish(old[1]) is False
    assert consumer._new_offset(PARTITION) is None
    assert consumer.finish(new[1]) is True
    assert consumer._new_offset(PARTITION) == 2


async def test_it_is_in_its_group_from_assignment_to_revocation(consumer: Any) -> None:
    assert not consumer.in_group
    await consumer.on_partitions_assigned(set())
    assert consumer.in_group
    await consumer.on_partitions_revoked({PARTITION})
    assert not consumer.in_group


async def test_plain_faust_would_commit_past_a_message_in_flight() -> None:
    """Shows that the cases above can fail."""
    app = faust.App("plain", broker="kafka://localhost:9", web_enabled=False)
    consumer: Any = app.transport.create_consumer(
        callback=SimpleNamespace, on_partitions_revoked=None, on_partitions_assigned=None
    )
    consumer._committed_offset[PARTITION] = 2585
    consumer._acked[PARTITION] = [2586, 2587]
    assert consumer._new_offset(PARTITION) == 2588
