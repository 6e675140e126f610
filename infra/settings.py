"""Settings of the local stack and of the `kadr` command, read once from `KADR_*`."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import (
    BeforeValidator,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from infra.errors import KadrError

PREFIX = "KADR_"
SERVERS = ("kafka", "opensearch", "minio", "encoder")


def _comma_separated(value: object) -> object:
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


def _assignments(value: object) -> object:
    if not isinstance(value, str):
        return value
    pairs = [part.split("=", 1) for part in value.split(",") if part.strip()]
    if any(len(pair) != 2 for pair in pairs):
        raise ValueError(f"write it as NAME=TOPIC,NAME=TOPIC, not as {value!r}")
    return {name.strip(): topic.strip() for name, topic in pairs}


Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_comma_separated)]
Targets = Annotated[dict[str, str], NoDecode, BeforeValidator(_assignments)]


def default_home() -> Path:
    """Names the cache folder of this user.

    For root it is below /var/cache, because OpenSearch then runs as `nobody`, who cannot enter /root.
    """
    if os.geteuid() == 0:
        return Path("/var/cache/kadr")
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "kadr"


class StackSettings(BaseSettings):
    """Where each part of kadr is, and how the local ones are run."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore")

    kafka_brokers: str = Field("127.0.0.1:9092", description="Kafka bootstrap servers, comma-separated host:port.")
    opensearch_url: str = Field("http://127.0.0.1:9200", description="Address of OpenSearch.")
    opensearch_user: str = Field("", description="OpenSearch user name; empty means no authentication.")
    opensearch_password: SecretStr = Field(SecretStr(""), description="OpenSearch password.")
    opensearch_models: bool = Field(
        True, description="OpenSearch may call the encoder server itself (ML Commons), for `neural` queries."
    )
    minio_url: str = Field("http://127.0.0.1:9000", description="Address of MinIO or another S3 store.")
    minio_access_key: str = Field("minioadmin", description="Access key of the object store.")
    minio_secret_key: SecretStr = Field(SecretStr("minioadmin"), description="Secret key of the object store.")
    encoder_url: str = Field("http://127.0.0.1:8801", description="Address of the encoder server.")
    encoder_api_key: SecretStr = Field(
        SecretStr(""), description="Key that the encoder server asks for and its users send; empty: none."
    )
    api_url: str = Field("http://127.0.0.1:8800", description="Address of the search API.")
    buckets: Names = Field(("videos",), description="Buckets that kadr serves, comma-separated.")
    thumbnail_bucket: str = Field("kadr-thumbnails", description="Bucket for thumbnails; it sends no notifications.")
    model_set: str = Field("offline", description="Name of the model set: one picture, one text and one speech model.")
    topic_prefix: str = Field("kadr.", description="Prefix of every Kafka topic and of the consumer group.")
    index_prefix: str = Field("", description="Prefix of every OpenSearch index, alias, script and pipeline.")

    home: Path = Field(
        default_factory=default_home,
        description="Folder where the local servers are installed (for root /var/cache/kadr, else ~/.cache/kadr).",
    )
    data: Path = Field(
        default_factory=lambda known: known["home"] / "data" if "home" in known else Path("/nowhere"),
        description="Folder for the data and logs of the local stack (default KADR_HOME/data).",
    )
    local_servers: Names = Field(
        SERVERS,
        description="Servers that `kadr up` starts, comma-separated; the others run already at their addresses.",
    )
    workers: int = Field(1, ge=0, le=64, description="Number of Faust workers that `kadr up` starts.")
    first_worker_health_port: int = Field(
        8811,
        ge=0,
        le=65535,
        description="Port of `/live` and `/ready` of the first worker that `kadr up` starts; "
        "the others count up from it; 0: none.",
    )
    kafka_java_options: str = Field("-Xms256m -Xmx512m", description="Java options of the local Kafka.")
    opensearch_java_options: str = Field("-Xms1g -Xmx1g", description="Java options of the local OpenSearch.")
    kafka_controller_port: int = Field(
        9093, ge=1, le=65535, description="Port of the local Kafka's controller, on this machine only."
    )
    opensearch_transport_port: int = Field(
        9300, ge=1, le=65535, description="Transport port of the local OpenSearch, on this machine only."
    )
    notification_targets: Targets = Field(
        {},
        description="Further Kafka notification targets of the local MinIO, as NAME=TOPIC,NAME=TOPIC.",
    )
    log_level: str = Field("info", description="Log level of kadr's own processes: debug, info, warning or error.")
    stop_seconds: float = Field(
        20.0, gt=0, description="Seconds a local process has for stopping by itself before it is killed."
    )

    @field_validator("home", "data")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        folder = value.expanduser()
        if not folder.is_absolute():
            raise ValueError(f"must be an absolute folder, not {str(value)!r}")
        return folder

    @field_validator("opensearch_url", "minio_url", "encoder_url", "api_url")
    @classmethod
    def _address(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.port is None:
            raise ValueError(f"must look like http://host:port, not {value!r}")
        return value.rstrip("/")

    @field_validator("kafka_brokers")
    @classmethod
    def _brokers(cls, value: str) -> str:
        for broker in value.split(","):
            host, _, port = broker.strip().rpartition(":")
            if not host or not port.isdigit():
                raise ValueError(f"must look like host:port,host:port, not {value!r}")
        return value

    @field_validator("log_level")
    @classmethod
    def _level(cls, value: str) -> str:
        if value.lower() not in ("debug", "info", "warning", "error"):
            raise ValueError(f"must be debug, info, warning or error, not {value!r}")
        return value.lower()

    @model_validator(mode="after")
    def _servers(self) -> "StackSettings":
        unknown = sorted(set(self.local_servers) - set(SERVERS))
        if unknown:
            raise ValueError(f"KADR_LOCAL_SERVERS knows {', '.join(SERVERS)}, not {', '.join(unknown)}")
        if not self.buckets:
            raise ValueError("KADR_BUCKETS is empty: name at least one bucket")
        if self.thumbnail_bucket in self.buckets:
            raise ValueError(f"KADR_THUMBNAIL_BUCKET must not be one of KADR_BUCKETS ({self.thumbnail_bucket!r})")
        return self

    @property
    def servers_folder(self) -> Path:
        """Where the local servers are installed; shared by all stacks of this home."""
        return self.home / "servers"

    @property
    def logs_folder(self) -> Path:
        """Where the local stack writes one log per process."""
        return self.data / "logs"

    @property
    def uploads_topic(self) -> str:
        """Topic that brings bucket notifications and publishers' own events."""
        return f"{self.topic_prefix}uploads"

    @property
    def consumer_group(self) -> str:
        """Consumer group of the workers."""
        return f"{self.topic_prefix}{self.model_set}"

    def worker_health_port(self, number: int) -> int:
        """Returns the health port of the n-th local worker; 0 if it has none."""
        return self.first_worker_health_port and self.first_worker_health_port + number - 1

    def environment(self) -> dict[str, str]:
        """Writes every setting as `KADR_*` variables, for child processes."""
        return {f"{PREFIX}{name.upper()}": _written(getattr(self, name)) for name in type(self).model_fields}


def _written(value: object) -> str:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, Mapping):
        return ",".join(f"{name}={topic}" for name, topic in value.items())
    return ",".join(value) if isinstance(value, tuple) else str(value)


def port_of(address: str) -> int:
    """Reads the port of `http://host:port` or `host:port`.

    Raises:
        KadrError: the address has no port.
    """
    port = urlsplit(address if "//" in address else f"//{address}").port
    if port is None:
        raise KadrError(f"The address {address!r} has no port: write it as host:port.")
    return port


def host_of(address: str) -> str:
    """Reads the host of `http://host:port` or `host:port`."""
    return urlsplit(address if "//" in address else f"//{address}").hostname or ""


def read_settings(**given: Any) -> StackSettings:
    """Reads the settings from the environment; `given` wins over it.

    Raises:
        KadrError: a value is wrong; the sentence names the variable.
    """
    try:
        return StackSettings(**given)
    except ValidationError as error:
        first = error.errors()[0]
        reason = str(first["msg"]).removeprefix("Value error, ")
        where = f"{PREFIX}{str(first['loc'][0]).upper()}: " if first["loc"] else ""
        raise KadrError(f"{where}{reason[0].lower() if where else reason[0]}{reason[1:]}.") from error
