"""The real services of a test session, and the part of them that belongs to one test."""

import itertools
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import SecretStr
from pydantic_settings import BaseSettings

from infra.clients import search_engine
from infra.initialise import initialise
from infra.plan import program_environment
from infra.ports import free_ports
from infra.settings import StackSettings, read_settings
from infra.stack import LocalStack

PARTS = ("kafka", "opensearch", "minio", "encoder")
ENCODER_KEY = "key-of-the-tests"
# Bounded by MinIO's targets, which are fixed when it starts: one for each test that has a scope.
SCOPES = 220

Settings = TypeVar("Settings", bound=BaseSettings)


@dataclass(frozen=True, slots=True)
class Scope:
    """What belongs to one test: its own topics, indices and buckets on the services of the session."""

    number: int
    settings: StackSettings

    @property
    def target(self) -> str:
        """The Kafka notification target of MinIO that feeds this test's uploads topic."""
        return target_name(self.number)

    @property
    def bucket(self) -> str:
        """The bucket whose events reach this test's uploads topic."""
        return self.settings.buckets[0]

    @property
    def thumbnail_bucket(self) -> str:
        """The bucket for thumbnails."""
        return self.settings.thumbnail_bucket

    @property
    def topic_prefix(self) -> str:
        """Prefix of the topics, such as `t007.`."""
        return self.settings.topic_prefix

    @property
    def index_prefix(self) -> str:
        """Prefix of the indices, such as `t007-`."""
        return self.settings.index_prefix

    @property
    def kafka_brokers(self) -> str:
        """Where Kafka is."""
        return self.settings.kafka_brokers

    @property
    def opensearch_url(self) -> str:
        """Where OpenSearch is."""
        return self.settings.opensearch_url

    @property
    def minio_url(self) -> str:
        """Where MinIO is."""
        return self.settings.minio_url

    @property
    def encoder_url(self) -> str:
        """Where the encoder server is."""
        return self.settings.encoder_url

    @property
    def environment(self) -> dict[str, str]:
        """The environment for a child process of this test."""
        return program_environment(self.settings)

    def initialise(self) -> list[str]:
        """Creates this test's topics, buckets, notifications and indices, as `kadr init` does."""
        return initialise(self.settings, notification_target=self.target)

    def read(self, kind: type[Settings], **given: object) -> Settings:
        """Builds the settings of another package for this test; `given` wins."""
        shared = {
            name: getattr(self.settings, name) for name in kind.model_fields if name in StackSettings.model_fields
        }
        return kind(**{**shared, **given})  # type: ignore[arg-type]

    def remove(self) -> None:
        """Deletes the indices, so that a long session does not fill OpenSearch with shards."""
        client = search_engine(self.settings)
        client.indices.delete(index=f"{self.index_prefix}*", params={"ignore_unavailable": "true"})
        client.close()


def target_name(number: int) -> str:
    """Names the notification target of the n-th test."""
    return f"T{number:03d}"


def session_settings(data: Path) -> StackSettings:
    """Settings of services on free ports, small, with a notification target for each test to come."""
    ports = free_ports(7)
    return read_settings(
        data=data,
        kafka_brokers=f"127.0.0.1:{ports[0]}",
        kafka_controller_port=ports[1],
        opensearch_url=f"http://127.0.0.1:{ports[2]}",
        opensearch_transport_port=ports[3],
        minio_url=f"http://127.0.0.1:{ports[4]}",
        encoder_url=f"http://127.0.0.1:{ports[5]}",
        # Everybody who asks the encoder server must show its key.
        encoder_api_key=SecretStr(ENCODER_KEY),
        # The first compiler alone: a short life is mostly start-up.
        kafka_java_options="-Xms128m -Xmx384m -XX:TieredStopAtLevel=1",
        opensearch_java_options="-Xms512m -Xmx512m -XX:TieredStopAtLevel=1",
        first_worker_health_port=ports[6],
        notification_targets={target_name(number): f"t{number:03d}.uploads" for number in range(1, SCOPES + 1)},
        stop_seconds=10.0,
    )


def session_folder() -> Path:
    """Makes a data folder that every user may enter: root starts OpenSearch as `nobody`."""
    folder = Path(tempfile.mkdtemp(prefix="kadr-test-"))
    folder.chmod(0o755)
    return folder


def scopes(stack: LocalStack) -> Iterator[Scope]:
    """Counts out one scope after another."""
    for number in itertools.count(1):
        if number > SCOPES:
            raise RuntimeError(f"more than {SCOPES} tests want a scope: raise SCOPES in {os.path.basename(__file__)}")
        name = f"t{number:03d}"
        changes = {
            "topic_prefix": f"{name}.",
            "index_prefix": f"{name}-",
            "buckets": (f"{name}-videos",),
            "thumbnail_bucket": f"{name}-thumbnails",
            "api_url": f"http://127.0.0.1:{free_ports(1)[0]}",
            # Two models for each test would only cost time; the test of neural queries installs its own.
            "opensearch_models": False,
        }
        yield Scope(number, stack.settings.model_copy(update=changes))
