"""A Kafka producer that says when it can never send again, so that its process is started anew.

aiokafka numbers the batches of an idempotent producer. After a broker has refused a number as out of order, it refuses
all that follow; and when aiokafka's sending task has failed, nothing is sent any more. Neither passes.
"""

from collections.abc import Sequence

from aiokafka import AIOKafkaProducer
from aiokafka.errors import (
    InvalidProducerEpoch,
    InvalidProducerIdMapping,
    KafkaError,
    OutOfOrderSequenceNumber,
    ProducerFenced,
)

_FOR_EVER = (OutOfOrderSequenceNumber, InvalidProducerEpoch, InvalidProducerIdMapping, ProducerFenced)


class WatchedProducer:
    """Sends as `aiokafka.AIOKafkaProducer` does.

    Attributes:
        broken: Why nothing can be sent any more; empty as long as all is well.
    """

    def __init__(self, producer: AIOKafkaProducer) -> None:
        self.broken = ""
        self._producer = producer

    async def partitions_for(self, topic: str) -> set[int]:
        """Names the partitions of a topic."""
        found: set[int] = await self._producer.partitions_for(topic)
        return found

    async def send_and_wait(
        self,
        topic: str,
        value: bytes | None = None,
        key: bytes | None = None,
        *,
        headers: Sequence[tuple[str, bytes]] | None = None,
    ) -> None:
        """Sends a record and waits until the brokers have it.

        Raises:
            KafkaError: They did not take it.
        """
        try:
            await self._producer.send_and_wait(topic, value, key, headers=headers)
        except KafkaError as error:
            if isinstance(error, _FOR_EVER) or self._sender_has_ended():
                self.broken = f"the Kafka producer can send no more ({error!r})"
            raise

    def _sender_has_ended(self) -> bool:
        sender = getattr(self._producer, "_sender", None)
        task = getattr(sender, "sender_task", None)
        return task is not None and bool(task.done())
