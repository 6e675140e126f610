"""What `kadr doctor` asks Kafka: its topics, whether workers are there, and how far behind they are."""

from collections.abc import Mapping
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupCoordinatorNotAvailableError, KafkaError

from infra.errors import KadrError
from infra.findings import Finding, ill, well
from infra.settings import StackSettings
from infra.topics import kafka_admin, topics
from stream.dead_letters import open_dead_letters
from stream.errors import TransientError

TIMEOUT_MS = 4000
MOST_LETTERS_READ = 5000


async def check_kafka(settings: StackSettings) -> list[Finding]:
    """Looks at the brokers, the topics, the workers' consumer group and its lag."""
    try:
        async with kafka_admin(settings, timeout_ms=TIMEOUT_MS) as admin:
            brokers = (await admin.describe_cluster())["brokers"]
            return [
                well("kafka", f"{settings.kafka_brokers}, brokers: {len(brokers)}"),
                await check_topics(settings, admin),
                await check_worker(settings, admin),
                *await check_lag(settings, admin),
            ]
    except KadrError as error:
        reason, _, advice = str(error).partition(": ")
        return [ill("kafka", reason, advice), ill("worker", "unknown without Kafka", "Start Kafka first.")]


async def check_topics(settings: StackSettings, admin: AIOKafkaAdminClient) -> Finding:
    """Looks for the topics that kadr needs."""
    existing = set(await admin.list_topics())
    missing = [topic.name for topic in topics(settings) if topic.name not in existing]
    if missing:
        return ill("topics", f"missing: {', '.join(missing)}", "Run `kadr init`, then start the workers again.")
    return well("topics", ", ".join(topic.name for topic in topics(settings)))


async def check_worker(settings: StackSettings, admin: AIOKafkaAdminClient) -> Finding:
    """Looks whether the consumer group has members."""
    group = settings.consumer_group
    try:
        answers = await admin.describe_consumer_groups([group])
    except GroupCoordinatorNotAvailableError:  # A broker that never had a group.
        answers = []
    states = [(described[2], len(described[5])) for answer in answers for described in answer.groups]
    state, members = states[0] if states else ("Dead", 0)
    if not members:
        return ill("worker", f"the consumer group {group} has no member", "Start one with `kadr up` or `kadr worker`.")
    return well("worker", f"the consumer group {group} is {state.lower()}, members: {members}")


@dataclass(frozen=True, slots=True)
class Offsets:
    """Where a topic begins and ends, and up to where the consumer group is done; by partition."""

    begin: Mapping[TopicPartition, int]
    end: Mapping[TopicPartition, int]
    done: Mapping[TopicPartition, int]

    def lag(self, topic: str) -> int:
        """Counts the records of a topic that are not done."""
        return sum(
            max(0, end - max(self.done.get(partition, 0), self.begin[partition]))
            for partition, end in self.end.items()
            if partition.topic == topic
        )

    def kept(self, topic: str) -> int:
        """Counts the records of a topic that are still there."""
        return sum(end - self.begin[part] for part, end in self.end.items() if part.topic == topic)


async def check_lag(settings: StackSettings, admin: AIOKafkaAdminClient) -> list[Finding]:
    """Counts what waits to be worked on, and the dead letters."""
    known = {topic.name for topic in topics(settings)} & set(await admin.list_topics())
    offsets = await read_offsets(settings, admin, sorted(known))
    spans, letters = f"{settings.topic_prefix}spans.{settings.model_set}", f"{settings.topic_prefix}dead-letters"
    waiting = [f"{name}: {offsets.lag(name)}" for name in (settings.uploads_topic, spans) if name in known]
    findings = [well("lag", ", ".join(waiting))] if waiting else []
    return findings + ([await check_dead_letters(settings, letters, offsets.kept(letters))] if letters in known else [])


async def check_dead_letters(settings: StackSettings, topic: str, kept: int) -> Finding:
    """Counts the open dead letters; in a topic too large to be read for that, the records."""
    if kept > MOST_LETTERS_READ:
        return well("dead letters", f"{kept} records; `kadr dead-letters list` shows those that are open")
    try:
        async with open_dead_letters(settings.kafka_brokers, topic=topic) as letters:
            return well("dead letters", f"open: {await letters.count_open()}")
    except TransientError as error:
        return ill("dead letters", str(error), "Look at Kafka's log.")


async def read_offsets(settings: StackSettings, admin: AIOKafkaAdminClient, names: list[str]) -> Offsets:
    """Reads begin and end of topics and what the consumer group has committed."""
    described = await admin.describe_topics(names) if names else []
    partitions = [TopicPartition(t["topic"], part["partition"]) for t in described for part in t["partitions"]]
    consumer = AIOKafkaConsumer(bootstrap_servers=settings.kafka_brokers, request_timeout_ms=TIMEOUT_MS)
    try:
        await consumer.start()
        begin, end = await consumer.beginning_offsets(partitions), await consumer.end_offsets(partitions)
    except KafkaError as error:
        raise KadrError(f"Kafka does not tell its offsets ({type(error).__name__}): look at its log.") from error
    finally:
        await consumer.stop()
    try:
        committed = await admin.list_consumer_group_offsets(settings.consumer_group)
    except GroupCoordinatorNotAvailableError:
        committed = {}
    return Offsets(begin, end, {part: found.offset for part, found in committed.items() if found.offset >= 0})
