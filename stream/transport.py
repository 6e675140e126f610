"""A Faust transport that commits only what was finished, in order.

faust-streaming 0.15.3 counts skipped, failed and garbage collected messages as done, commits past messages in flight
when acknowledgements leave a gap, and takes offset gaps for finished work. So none of its acknowledgements is believed
here: each delivered message is kept, in order, until `finish` names that very message.
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import faust
from faust.transport.drivers.aiokafka import Consumer, Transport
from faust.types import TP, Message


class StrictConsumer(Consumer):
    """Commits the head of what was delivered, as far as it was finished without a gap.

    A message that was delivered under an older assignment can be finished as often as one likes: it is not in the
    record any more, so it moves nothing.

    Attributes:
        in_group: Whether the group has settled with this consumer in it; it may have given it no partition.
    """

    def __init__(self, *args: Any, callback: Callable[[Message], Awaitable[None]], **kwargs: Any) -> None:
        self._delivered: dict[TP, dict[int, Message]] = defaultdict(dict)
        self._finished: dict[TP, set[int]] = defaultdict(set)
        self.in_group = False

        async def deliver(message: Message) -> None:
            self._delivered[message.tp][message.offset] = message
            await callback(message)

        super().__init__(*args, callback=deliver, **kwargs)

    def finish(self, message: Message) -> bool:
        """Says that a message needs no more work.

        Returns:
            False if it belongs to an older assignment, so that it will be or was delivered again.
        """
        if self._delivered[message.tp].get(message.offset) is not message:
            return False
        self._finished[message.tp].add(message.offset)
        return True

    def in_flight(self) -> int:
        """Counts the messages delivered and not finished."""
        return sum(len(self._delivered[tp]) - len(self._finished[tp]) for tp in list(self._delivered))

    def ack(self, message: Message) -> bool:
        """Forgets Faust's own acknowledgement; only `finish` counts."""
        message.acked = True
        self._unacked_messages.discard(message)
        return False

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        self.in_group = False
        self._forget_deliveries()
        await super().on_partitions_revoked(revoked)

    async def on_partitions_assigned(self, assigned: set[TP], generation_id: int = 0) -> None:
        self._forget_deliveries()
        await super().on_partitions_assigned(assigned, generation_id)
        self.in_group = True

    def _forget_deliveries(self) -> None:
        self._delivered.clear()
        self._finished.clear()

    def _filter_tps_with_pending_acks(self, topics: Any = None) -> Iterator[TP]:
        return (tp for tp in list(self._finished) if topics is None or tp in topics or tp.topic in topics)

    def _new_offset(self, tp: TP) -> int | None:
        delivered, finished, head = self._delivered[tp], self._finished[tp], None
        for offset in list(delivered):
            if offset not in finished:
                break
            del delivered[offset]
            finished.discard(offset)
            head = offset + 1
        return head

    async def _add_gap(self, tp: TP, offset_from: int, offset_to: int) -> None:
        """Offsets that never arrive (transaction markers, compaction) stand in nobody's way."""


class StrictTransport(Transport):
    """Faust's Kafka transport with the strict consumer."""

    Consumer = StrictConsumer


class StrictApp(faust.App):
    """A Faust app on the strict transport."""

    def _new_transport(self) -> StrictTransport:
        return StrictTransport(self.conf.broker_consumer, self, loop=self.loop)

    def finish(self, message: Message) -> bool:
        """See `StrictConsumer.finish`."""
        consumer: Any = self.consumer
        return bool(consumer.finish(message))

    @property
    def in_group(self) -> bool:
        """See `StrictConsumer`; also False before there is a consumer."""
        consumer: Any = self._consumer
        return consumer is not None and bool(consumer.in_group)

    def partitions(self) -> set[TP]:
        """Returns the partitions that the group gave to this worker."""
        return set(self.consumer.assignment()) if self.in_group else set()

    @property
    def member(self) -> str:
        """The name that the broker gave this worker in its group; empty while it has none."""
        consumer: Any = self._consumer
        return str(consumer._thread._ensure_consumer()._coordinator.member_id) if self.in_group else ""
