"""The Kafka topics of kadr, and how each of them keeps its records."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError, for_code

from infra.errors import KadrError
from infra.settings import StackSettings

DAY_MS = 24 * 60 * 60 * 1000
TOPIC_ALREADY_EXISTS = 36
MOST_REPLICAS = 3


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic: its name, number of partitions and configuration."""

    name: str
    partitions: int
    configuration: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.partitions < 1:
            raise ValueError(f"a topic has at least one partition: {self.partitions = }")


def topics(settings: StackSettings) -> tuple[Topic, ...]:
    """Names every topic that kadr reads or writes.

    Uploads and spans outlive any backlog; dead letters stay for ever.
    """
    prefix = settings.topic_prefix
    return (
        Topic(
            f"{prefix}uploads",
            4,
            {"message.timestamp.type": "LogAppendTime", "retention.ms": str(30 * DAY_MS), "cleanup.policy": "delete"},
        ),
        Topic(f"{prefix}spans.{settings.model_set}", 8, {"retention.ms": str(30 * DAY_MS), "cleanup.policy": "delete"}),
        Topic(f"{prefix}status", 4, {"retention.ms": str(7 * DAY_MS), "cleanup.policy": "delete"}),
        Topic(f"{prefix}dead-letters", 1, {"retention.ms": "-1", "retention.bytes": "-1", "cleanup.policy": "delete"}),
    )


@asynccontextmanager
async def kafka_admin(settings: StackSettings, *, timeout_ms: int = 15_000) -> AsyncIterator[AIOKafkaAdminClient]:
    """Opens an admin client.

    Raises:
        KadrError: Kafka does not answer.
    """
    client = AIOKafkaAdminClient(bootstrap_servers=settings.kafka_brokers, request_timeout_ms=timeout_ms)
    try:
        await client.start()
        yield client
    except (KafkaError, OSError) as error:
        raise KadrError(
            f"Kafka does not answer at {settings.kafka_brokers} ({type(error).__name__}): start it with `kadr up`, "
            "or set KADR_KAFKA_BROKERS to where it runs."
        ) from error
    finally:
        await client.close()


async def add_topics(settings: StackSettings) -> list[str]:
    """Creates the missing topics; returns what changed, in words.

    Raises:
        KadrError: Kafka does not answer, refuses a topic, or has the uploads topic with other timestamps.
    """
    async with kafka_admin(settings) as admin:
        existing = set(await admin.list_topics())
        missing = [topic for topic in topics(settings) if topic.name not in existing]
        if missing:
            brokers = len((await admin.describe_cluster())["brokers"])
            await _create(admin, missing, replicas=max(1, min(MOST_REPLICAS, brokers)))
        await _check_timestamps(admin, settings.uploads_topic)
    return [f"created the topic {topic.name} (partitions: {topic.partitions})" for topic in missing]


def create_topics(settings: StackSettings) -> list[str]:
    """Creates the missing topics and waits until the brokers have them; see `add_topics`."""
    return asyncio.run(add_topics(settings))


async def _create(admin: AIOKafkaAdminClient, missing: Sequence[Topic], replicas: int) -> None:
    wanted = [NewTopic(t.name, t.partitions, replicas, topic_configs=t.configuration) for t in missing]
    answer = await admin.create_topics(wanted)
    for name, code, *rest in answer.topic_errors:
        # Someone else may have created it in the meantime.
        if code not in (0, TOPIC_ALREADY_EXISTS):
            reason = rest[0] if rest and rest[0] else for_code(code).__name__
            raise KadrError(f"Kafka refuses to create the topic {name}: {reason}.")
    for _ in range(100):
        described = await admin.describe_topics([topic.name for topic in missing])
        if all(topic["error_code"] == 0 and topic["partitions"] for topic in described):
            return
        await asyncio.sleep(0.1)
    raise KadrError(f"Kafka created {', '.join(t.name for t in missing)}, but no partition has a leader after 10 s.")


async def _check_timestamps(admin: AIOKafkaAdminClient, topic: str) -> None:
    """Metadata is ordered by the broker's time: a publisher's clock must not decide which event is newer."""
    name = "message.timestamp.type"
    answers = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic, {name: None})])
    values = {entry[0]: entry[1] for answer in answers for resource in answer.resources for entry in resource[4]}
    if values.get(name, "LogAppendTime") != "LogAppendTime":
        raise KadrError(
            f"The topic {topic} has {name}={values[name]}; kadr needs LogAppendTime: change it with "
            f"kafka-configs --alter --topic {topic} --add-config {name}=LogAppendTime."
        )
