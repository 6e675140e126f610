"""Settings of the search API, read once from the environment (`KADR_*`)."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict


class SearchSettings(BaseSettings):
    """What the search API needs to know."""

    model_config = SettingsConfigDict(env_prefix="KADR_", frozen=True)

    opensearch_url: str = Field("http://127.0.0.1:9200", description="Address of OpenSearch.")
    opensearch_user: str = Field("", description="OpenSearch user name; empty means no authentication.")
    opensearch_password: SecretStr = Field(SecretStr(""), description="OpenSearch password.")
    kafka_brokers: str = Field("127.0.0.1:9092", description="Kafka bootstrap servers, comma-separated host:port.")
    minio_url: str = Field("http://127.0.0.1:9000", description="Address of MinIO or another S3 store.")
    minio_access_key: str = Field("minioadmin", description="Access key of the object store.")
    minio_secret_key: SecretStr = Field(SecretStr("minioadmin"), description="Secret key of the object store.")
    encoder_url: str = Field("http://127.0.0.1:8801", description="Address of the encoder server.")
    encoder_api_key: SecretStr = Field(
        SecretStr(""), description="Key that the encoder server asks for and its users send; empty: none."
    )
    api_url: str = Field("http://127.0.0.1:8800", description="Address of the search API.")
    buckets: Annotated[tuple[str, ...], NoDecode] = Field(
        ("videos",), min_length=1, description="Buckets that kadr serves, comma-separated."
    )
    thumbnail_bucket: str = Field("kadr-thumbnails", description="Bucket for thumbnails; it sends no notifications.")
    topic_prefix: str = Field("kadr.", description="Prefix of every Kafka topic and of the consumer group.")
    index_prefix: str = Field("", description="Prefix of every OpenSearch index, alias, script and pipeline.")

    leg_weight_speech_text: float = Field(0.08, ge=0, le=1, description="Weight of the words that are spoken.")
    leg_weight_speech_vector: float = Field(0.25, ge=0, le=1, description="Weight of the meaning of what is spoken.")
    leg_weight_picture_vector: float = Field(0.35, ge=0, le=1, description="Weight of what is shown; 0 leaves it out.")
    leg_weight_metadata_text: float = Field(0.32, ge=0, le=1, description="Weight of title, description and tags.")
    confidence_cutoff: float = Field(
        0.35, ge=0, lt=1, description="Hits of less confidence are left out; 0 keeps them all."
    )
    rrf_rank_constant: int = Field(60, ge=1, le=10_000, description="Rank constant of reciprocal rank fusion.")
    leg_depth: int = Field(200, ge=1, le=1000, description="Hits that each leg of a search fetches.")
    ef_search: int = Field(400, ge=1, le=10_000, description="Candidates that a vector search looks at.")
    deadline_seconds: float = Field(5.0, gt=0, le=60, description="Longest time for one search, in seconds.")
    encoder_deadline_seconds: float = Field(
        2.0, gt=0, le=60, description="Part of that in which the query must be encoded, in seconds."
    )
    leg_timeout_seconds: float = Field(
        2.0, gt=0, le=60, description="Part of that after which a leg answers with what it has found, in seconds."
    )
    sample_age_seconds: float = Field(
        21_600.0,
        gt=0,
        le=31_536_000,
        description="Age at which the stored sample of an index, which tells matches from chance, is drawn anew.",
    )
    sample_growth: float = Field(
        1.25, ge=1.01, le=100, description="It is drawn anew, too, when its index is so many times larger or smaller."
    )
    query_vectors_kept: int = Field(
        2048, ge=0, le=1_000_000, description="Vectors of queries that are kept; 0 keeps none."
    )
    walks_kept: int = Field(
        200,
        ge=0,
        le=100_000,
        description="Searches whose further pages are kept, of some 200 KB each; 0: one page only.",
    )
    walk_seconds: float = Field(
        600.0, gt=0, le=86_400, description="How long the pages of a search are kept after the last one, in seconds."
    )
    upload_limit_mb: int = Field(
        10_240, ge=1, le=5_000_000, description="Largest video that `POST /videos` takes, in MB."
    )
    image_limit_mb: int = Field(20, ge=1, le=512, description="Largest picture that `POST /search/image` takes, in MB.")
    concurrent_uploads: int = Field(4, ge=1, le=64, description="Uploads that the search API takes in at once.")
    concurrent_players: int = Field(
        4, ge=1, le=64, description="Videos that are converted for browsers at once, each in a process of its own."
    )
    concurrent_watchers: int = Field(
        200, ge=1, le=10_000, description="Clients that may follow the progress of videos at once."
    )

    @field_validator("buckets", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @property
    def uploads_topic(self) -> str:
        """The topic that brings events about videos."""
        return f"{self.topic_prefix}uploads"

    @property
    def moments_alias(self) -> str:
        """The alias behind which the live moments are."""
        return f"{self.index_prefix}moments"

    @property
    def samples_alias(self) -> str:
        """The alias behind which the samples are by which matches are told from chance."""
        return f"{self.index_prefix}samples"

    @property
    def videos_alias(self) -> str:
        """The alias behind which the live ledger is."""
        return f"{self.index_prefix}videos"

    @property
    def listen_host(self) -> str:
        """The host of `api_url`."""
        return urlsplit(self.api_url).hostname or "127.0.0.1"

    @property
    def listen_port(self) -> int:
        """The port of `api_url`; its scheme's own if it names none."""
        parts = urlsplit(self.api_url)
        return parts.port or (443 if parts.scheme == "https" else 80)
