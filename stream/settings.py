"""Settings of the worker, read once from the environment (`KADR_*`)."""

import math
from typing import Annotated, Any

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from stream.media.values import MediaLimits


class StreamSettings(BaseSettings):
    """What the planner and the span agents need to know."""

    model_config = SettingsConfigDict(env_prefix="KADR_", frozen=True)

    kafka_brokers: str = Field("127.0.0.1:9092", description="Kafka bootstrap servers, comma-separated host:port.")
    opensearch_url: str = Field("http://127.0.0.1:9200", description="Address of OpenSearch.")
    opensearch_user: str = Field("", description="OpenSearch user name; empty means no authentication.")
    opensearch_password: SecretStr = Field(SecretStr(""), description="OpenSearch password.")
    minio_url: str = Field("http://127.0.0.1:9000", description="Address of MinIO or another S3 store.")
    minio_access_key: str = Field("minioadmin", description="Access key of the object store.")
    minio_secret_key: SecretStr = Field(SecretStr("minioadmin"), description="Secret key of the object store.")
    encoder_url: str = Field("http://127.0.0.1:8801", description="Address of the encoder server.")
    encoder_api_key: SecretStr = Field(
        SecretStr(""), description="Key that the encoder server asks for and its users send; empty: none."
    )
    buckets: Annotated[tuple[str, ...], NoDecode] = Field(
        ("videos",), description="Buckets that kadr serves, comma-separated."
    )
    thumbnail_bucket: str = Field("kadr-thumbnails", description="Bucket for thumbnails; it sends no notifications.")
    model_set: str = Field("offline", description="Name of the model set: one picture, one text and one speech model.")
    topic_prefix: str = Field("kadr.", description="Prefix of every Kafka topic and of the consumer group.")
    index_prefix: str = Field("", description="Prefix of every OpenSearch index, alias, script and pipeline.")

    span_seconds: float = Field(60.0, ge=5, le=600, description="Length of a span, the unit of work, in seconds.")
    concurrent_spans: int = Field(2, ge=1, le=64, description="Spans that one worker works on at once.")
    concurrent_looks: int = Field(4, ge=1, le=64, description="Looks that one worker's planner makes at once.")
    decode_timeout_seconds: float = Field(
        120.0, gt=0, description="Longest wall time of one decoding child, in seconds."
    )
    decode_memory_mb: int = Field(3072, ge=256, description="Address space of one decoding child, in MB.")
    decode_requests_per_child: int = Field(
        20, ge=1, description="Spans of one video that a decoding child works on before it is replaced."
    )
    media_frames_per_second: float = Field(
        0.0,
        ge=0,
        le=10,
        description="Frames a second that are looked at, exactly; 0: keyframes first, more only where it pays, which "
        "is many times as fast.",
    )
    media_max_pixels: int = Field(8192 * 4608, ge=1, description="Largest picture that is decoded, in pixels.")
    media_max_frame_rate: float = Field(1000.0, ge=1, description="Most frames a second that are decoded.")
    media_max_duration_seconds: float = Field(86_400.0, ge=1, description="Longest video that is taken, in seconds.")
    media_max_streams: int = Field(
        64, ge=1, le=1000, description="Most streams (pictures, sounds, subtitles) in a file."
    )
    media_max_channels: int = Field(64, ge=1, description="Most channels of a sound that is listened to.")
    session_timeout_seconds: float = Field(
        15.0, ge=6, le=1800, description="Kafka takes a silent worker's partitions away after this many seconds."
    )
    stop_seconds: float = Field(
        20.0, gt=0, description="Seconds a local process has for stopping by itself before it is killed."
    )
    retry_longest_seconds: float = Field(
        15.0, gt=0, description="Longest pause between two tries while a service is down, in seconds."
    )
    reconcile_every_seconds: float = Field(
        600.0, ge=0, description="Pause between two comparisons of buckets and ledger, in seconds; 0: never."
    )
    sweep_every_seconds: float = Field(
        300.0, ge=0, description="Pause between two sweeps of the whole moments index, in seconds; 0: never."
    )
    resend_after_seconds: float = Field(
        900.0,
        gt=0,
        description="Spans pending for this many seconds are sent again if they are lost; each time doubles it.",
    )
    worker_name: str = Field(
        "",
        pattern=r"^[A-Za-z0-9._-]*$",
        description="Name of the worker, unique in its group; with one it has its partitions back at once when it is "
        "started again.",
    )
    watchdog_seconds: float = Field(
        300.0,
        ge=2,
        description="A worker that has work and makes no progress for so many seconds ends with status 70.",
    )
    worker_health_port: int = Field(
        0, ge=0, le=65535, description="Port of the worker's `/live` and `/ready`; 0: none."
    )
    worker_health_bind: str = Field("127.0.0.1", description="Address that `/live` and `/ready` are served on.")

    @field_validator("buckets", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @property
    def media_limits(self) -> MediaLimits:
        return MediaLimits(
            wall_seconds=self.decode_timeout_seconds,
            cpu_seconds=math.ceil(2 * self.decode_timeout_seconds),
            memory_bytes=self.decode_memory_mb * 2**20,
            requests_per_child=self.decode_requests_per_child,
            frames_per_second=self.media_frames_per_second,
            max_pixels=self.media_max_pixels,
            max_frames_per_second=self.media_max_frame_rate,
            max_duration_seconds=self.media_max_duration_seconds,
            max_streams=self.media_max_streams,
            max_channels=self.media_max_channels,
        )

    @property
    def uploads_topic(self) -> str:
        return f"{self.topic_prefix}uploads"

    @property
    def spans_topic(self) -> str:
        return f"{self.topic_prefix}spans.{self.model_set}"

    @property
    def status_topic(self) -> str:
        return f"{self.topic_prefix}status"

    @property
    def dead_letters_topic(self) -> str:
        return f"{self.topic_prefix}dead-letters"

    @property
    def consumer_group(self) -> str:
        return f"{self.topic_prefix}{self.model_set}"

    @property
    def videos_index(self) -> str:
        return f"{self.index_prefix}videos-{self.model_set}"

    @property
    def moments_index(self) -> str:
        return f"{self.index_prefix}moments-{self.model_set}"
