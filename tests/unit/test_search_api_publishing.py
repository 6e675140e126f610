from typing import Any

import pytest

from search_api import publishing
from search_api.problems import Refusal
from search_api.publishing import Events
from stream.errors import TransientError
from stream.events import OwnEvent, VideoDeleted

EVENT = VideoDeleted(bucket="videos", key="a.mp4")


class Broker:
    """Kafka as the publisher sees it."""

    def __init__(self) -> None:
        self.down = False
        self.connections = 0
        self.events: list[OwnEvent] = []

    def publisher(self, brokers: str, *, topic: str) -> "Broker":
        return self

    async def __aenter__(self) -> "Broker":
        if self.down:
            raise TransientError("nothing listens there")
        self.connections += 1
        return self

    async def __aexit__(self, *_: Any) -> None:
        self.connections -= 1

    async def publish(self, event: OwnEvent) -> None:
        if self.down:
            raise TransientError("no answer")
        self.events.append(event)


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> Broker:
    broker = Broker()
    monkeypatch.setattr(publishing, "Publisher", broker.publisher)
    return broker


async def test_connects_when_it_is_needed_and_once(broker: Broker) -> None:
    events = Events("kafka:9092", topic="uploads")
    assert broker.connections == 0

    await events.publish(EVENT)
    await events.publish(EVENT)

    assert (broker.connections, broker.events) == (1, [EVENT, EVENT])
    await events.close()
    await events.close()
    assert broker.connections == 0


@pytest.mark.parametrize("connected", [False, True])
async def test_kafka_away_is_a_problem_and_is_tried_again(broker: Broker, connected: bool) -> None:
    events = Events("kafka:9092", topic="uploads")
    if connected:
        await events.connect()
    broker.down = True

    with pytest.raises(Refusal, match="Kafka at kafka:9092") as caught:
        await events.publish(EVENT)
    assert (caught.value.status, caught.value.kind) == (503, "events-unavailable")

    broker.down = False
    await events.publish(EVENT)
    assert broker.events == [EVENT]


async def test_a_broker_that_is_not_there_is_noticed() -> None:
    events = Events("127.0.0.1:9", topic="uploads")

    with pytest.raises(Refusal):
        await events.connect()
    await events.close()
