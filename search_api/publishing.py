"""Events about videos, sent to the worker through Kafka."""

from __future__ import annotations

import asyncio

import structlog

from search_api.problems import Refusal
from stream.errors import TransientError
from stream.events import OwnEvent
from stream.publish import Publisher

_PATIENCE_SECONDS = 10.0
_log = structlog.get_logger(__name__)


class Events:
    """Publishes events; connects when the first one is sent, because searches do without Kafka."""

    def __init__(self, kafka_brokers: str, *, topic: str) -> None:
        self._brokers = kafka_brokers
        self._topic = topic
        self._publisher: Publisher | None = None
        self._lock = asyncio.Lock()

    async def connect(self) -> None:
        """See to it that Kafka answers.

        Raises:
            Refusal: it does not.
        """
        await self._connected()

    async def publish(self, event: OwnEvent) -> None:
        """Send an event and wait until the brokers have it.

        Raises:
            Refusal: they did not take it in time; it may arrive all the same.
        """
        publisher = await self._connected()
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                await publisher.publish(event)
        except (TransientError, TimeoutError) as error:
            raise _away(self._brokers, error) from error

    async def close(self) -> None:
        """Give the connection back."""
        publisher, self._publisher = self._publisher, None
        if publisher is not None:
            await publisher.__aexit__(None, None, None)

    async def _connected(self) -> Publisher:
        async with self._lock:
            if self._publisher is None:
                try:
                    async with asyncio.timeout(_PATIENCE_SECONDS):
                        self._publisher = await Publisher(self._brokers, topic=self._topic).__aenter__()
                except (TransientError, TimeoutError) as error:
                    raise _away(self._brokers, error) from error
            return self._publisher


def _away(brokers: str, error: Exception) -> Refusal:
    _log.warning("event not published", error=repr(error))
    return Refusal(
        503,
        "events-unavailable",
        f"Kafka at {brokers} takes no event now. Nothing was changed; try again.",
        headers={"Retry-After": "5"},
    )
