"""A producer that can never send again is noticed; one that has to wait is not."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.errors import KafkaConnectionError, KafkaError, MessageSizeTooLargeError, OutOfOrderSequenceNumber

from stream.producer import WatchedProducer
from stream.watchdog import Glimpse, Watchdog


def producer(error: Exception, *, sends: bool = True) -> WatchedProducer:
    async def send_and_wait(*_: Any, **__: Any) -> None:
        raise error

    task = SimpleNamespace(done=lambda: not sends)
    fake: Any = SimpleNamespace(send_and_wait=send_and_wait, _sender=SimpleNamespace(sender_task=task))
    return WatchedProducer(fake)


@pytest.mark.parametrize("error", [KafkaConnectionError("away"), MessageSizeTooLargeError("large")])
async def test_what_passes_or_concerns_one_record_is_no_complaint(error: Exception) -> None:
    watched = producer(error)
    with pytest.raises(KafkaError):
        await watched.send_and_wait("topic", b"value")
    assert watched.broken == ""


@pytest.mark.parametrize(
    "watched", [producer(OutOfOrderSequenceNumber()), producer(KafkaError("unexpected"), sends=False)]
)
async def test_what_lasts_ends_the_worker_at_once(watched: WatchedProducer) -> None:
    with pytest.raises(KafkaError):
        await asyncio.wait_for(watched.send_and_wait("topic", b"value"), 5)
    watchdog = Watchdog(300.0, join_seconds=100.0)
    assert "can send no more" in watchdog.look(Glimpse(broken=watched.broken), 0.0)
