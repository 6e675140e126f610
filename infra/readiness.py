"""Asks each service, in its own protocol, whether it is ready for work."""

import asyncio
from collections.abc import Awaitable, Callable

import httpx
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from infra.settings import StackSettings

Check = Callable[[], Awaitable[str]]
"""Says why a service is not ready; an empty text means that it is."""

ANSWER_SECONDS = 5.0


def http_ready(address: str) -> Check:
    """Builds a check that expects 200 from an address."""

    async def check() -> str:
        status, _ = await _answer(address)
        return "" if status == 200 else f"{address} answers {status or 'nothing'}"

    return check


def http_answers(address: str) -> Check:
    """Builds a check that expects any answer that is not a failure of the server; an object store refuses strangers."""

    async def check() -> str:
        status, _ = await _answer(address)
        return "" if 0 < status < 500 else f"{address} answers {status or 'nothing'}"

    return check


def opensearch_ready(settings: StackSettings) -> Check:
    """Builds a check that expects a cluster whose primary shards are all there."""
    user, password = settings.opensearch_user, settings.opensearch_password.get_secret_value()

    async def check() -> str:
        health = f"{settings.opensearch_url}/_cluster/health"
        status, text = await _answer(health, (user, password) if user else None)
        if status != 200:
            return f"{health} answers {status or 'nothing'}"
        return "" if '"status":"green"' in text or '"status":"yellow"' in text else "the cluster is red"

    return check


async def _answer(address: str, auth: tuple[str, str] | None = None) -> tuple[int, str]:
    """Reads the status (0: no answer) and the text of an address; the user's proxies are none of its business."""
    try:
        async with httpx.AsyncClient(timeout=ANSWER_SECONDS, trust_env=False) as http:
            answer = await http.get(address, auth=auth)
            return answer.status_code, answer.text
    except httpx.HTTPError:
        return 0, ""


def kafka_ready(settings: StackSettings) -> Check:
    """Builds a check that expects Kafka to answer a metadata request."""

    async def check() -> str:
        return await _ask_kafka(settings, lambda admin: admin.list_topics())

    return check


def worker_joined(port: int) -> Check:
    """Builds a check that expects the worker with this health port to have its place in the consumer group.

    One that waits for a service has started all the same: starting it again would not help.
    """

    async def check() -> str:
        address = f"http://127.0.0.1:{port}/ready"
        status, text = await _answer(address)
        if '"in_group":true' in text:
            return ""
        return f"{address} answers {status or 'nothing'}{', it has not joined its consumer group' if text else ''}"

    return check


def group_settled(settings: StackSettings) -> Check:
    """Builds a check that expects the workers' consumer group to have members and a settled assignment."""

    async def check() -> str:
        states: list[str] = []

        async def describe(admin: AIOKafkaAdminClient) -> None:
            for answer in await admin.describe_consumer_groups([settings.consumer_group]):
                states.extend(group[2] for group in answer.groups)

        failure = await _ask_kafka(settings, describe)
        if failure or states == ["Stable"]:
            return failure
        return f"the consumer group {settings.consumer_group} is {' '.join(states) or 'unknown'}"

    return check


async def _ask_kafka(settings: StackSettings, ask: Callable[[AIOKafkaAdminClient], Awaitable[object]]) -> str:
    """Asks Kafka something; returns why it did not answer."""
    if not await _listens(settings.kafka_brokers.split(",")[0]):
        return f"nothing listens at {settings.kafka_brokers}"
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.kafka_brokers, request_timeout_ms=int(ANSWER_SECONDS * 1000))
    try:
        await admin.start()
        await ask(admin)
    except (KafkaError, OSError, TimeoutError) as error:
        return f"Kafka at {settings.kafka_brokers}: {type(error).__name__}"
    finally:
        await admin.close()
    return ""


async def _listens(broker: str) -> bool:
    host, _, port = broker.strip().rpartition(":")
    try:
        _, writer = await asyncio.wait_for(asyncio.open_connection(host.strip("[]"), int(port)), ANSWER_SECONDS)
    except (OSError, TimeoutError):
        return False
    writer.close()
    return True
