"""A Kafka record as kadr's agents see it."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, Self

from stream.entry import Received

RECEIVED = "kadr-received"
"""Header of an event that is sent again: when it was received for the first time."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record: where it lies, when the broker appended it, and its raw bytes; of a header's values the last."""

    topic: str
    partition: int
    offset: int
    timestamp_ms: int
    key: bytes | None
    value: bytes | None
    headers: Mapping[str, bytes] = field(default_factory=dict, hash=False)

    @property
    def name(self) -> str:
        return f"{self.topic}:{self.partition}:{self.offset}"

    @property
    def received(self) -> Received:
        """When its event counts as received: one that was sent again overtakes nothing that came after it."""
        own = Received(self.timestamp_ms, self.offset)
        first = _received(self.headers.get(RECEIVED, b""))
        return first if first is not None and own.newer(first) else own

    @classmethod
    def of(cls, message: Any) -> Self:
        """Takes over a Faust message, whose timestamp is in seconds."""
        timestamp_ms = round((message.timestamp or 0.0) * 1000)
        headers = header_map(message.headers)
        return cls(message.topic, message.partition, message.offset, timestamp_ms, message.key, message.value, headers)


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


def header_map(headers: Any) -> dict[str, bytes]:
    """Takes over headers as Faust and aiokafka give them: None, a mapping, or pairs; values may be missing."""
    if not headers:
        return {}
    pairs: Iterable[tuple[str, Any]] = headers.items() if isinstance(headers, Mapping) else headers
    return {name: value.encode() if isinstance(value, str) else bytes(value or b"") for name, value in pairs}


def _received(text: bytes) -> Received | None:
    found = re.fullmatch(rb"(\d{1,18}):(\d{1,18})", text)
    return Received(int(found[1]), int(found[2])) if found else None
