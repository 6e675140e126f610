"""Publishes kadr's own events to Kafka."""

from types import TracebackType
from typing import Self

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from stream.errors import TransientError
from stream.events import OwnEvent, event_key, event_value


class Publisher:
    """Sends own events and waits until the brokers have them.

    Example:
        async with Publisher("127.0.0.1:9092") as publisher:
            await publisher.publish(VideoUploaded(bucket="videos", key="cat.mp4", title="A cat"))
    """

    def __init__(self, kafka_brokers: str, *, topic: str = "kadr.uploads") -> None:
        self._brokers = kafka_brokers
        self._topic = topic
        self._producer: AIOKafkaProducer | None = None

    async def __aenter__(self) -> Self:
        producer = AIOKafkaProducer(bootstrap_servers=self._brokers, acks="all", enable_idempotence=True)
        try:
            await producer.start()
        except KafkaError as error:
            await producer.stop()
            raise TransientError(f"Kafka does not answer at {self._brokers}: {error}") from error
        self._producer = producer
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._producer is not None:
            await self._producer.stop()

    async def publish(self, event: OwnEvent) -> None:
        """Sends one event.

        Raises:
            TransientError: The brokers did not take it; it may or may not have arrived.
        """
        if self._producer is None:
            raise RuntimeError("use `async with Publisher(...)`")
        try:
            await self._producer.send_and_wait(self._topic, event_value(event), key=event_key(event))
        except KafkaError as error:
            raise TransientError(f"Kafka did not take the event for {event.bucket}/{event.key}: {error}") from error
