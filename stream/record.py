"""A Kafka record as kadr's agents see it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, Self

from stream.entry import Received


@dataclass(frozen=True, slots=True)
class Record:
    """One record: where it lies, when the broker appended it, and its raw bytes."""

    topic: str
    partition: int
    offset: int
    timestamp_ms: int
    key: bytes | None
    value: bytes | None

    @property
    def name(self) -> str:
        return f"{self.topic}:{self.partition}:{self.offset}"

    @property
    def received(self) -> Received:
        return Received(self.timestamp_ms, self.offset)

    @classmethod
    def of(cls, message: Any) -> Self:
        """Takes over a Faust message, whose timestamp is in seconds."""
        timestamp_ms = round((message.timestamp or 0.0) * 1000)
        return cls(message.topic, message.partition, message.offset, timestamp_ms, message.key, message.value)


class Producer(Protocol):
    """What kadr needs of a Kafka producer (`aiokafka.AIOKafkaProducer`)."""

    async def send_and_wait(
        self,
        topic: str,
        value: bytes | None = None,
        key: bytes | None = None,
        *,
        headers: Sequence[tuple[str, bytes]] | None = None,
    ) -> Any: ...


def header_list(headers: Mapping[str, str | int]) -> list[tuple[str, bytes]]:
    """Returns headers as Kafka carries them."""
    return [(name, str(value).encode()) for name, value in headers.items()]
