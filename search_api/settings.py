"""Settings of the search API, read once from the environment (`KADR_*`)."""

from __future__ import annotations

from urllib.parse import urlsplit

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class SearchSettings(BaseSettings):
    """What the search API needs to know."""

    model_config = SettingsConfigDict(env_prefix="KADR_", frozen=True)

    opensearch_url: str = Field("http://127.0.0.1:9200", description="Address of OpenSearch.")
    opensearch_user: str = Field("", description="OpenSearch user name; empty means no authentication.")
    opensearch_password: SecretStr = Field(SecretStr(""), description="OpenSearch password.")
    encoder_url: str = Field("http://127.0.0.1:8801", description="Address of the encoder server.")
    api_url: str = Field("http://127.0.0.1:8800", description="Address of the search API.")
    index_prefix: str = Field("", description="Prefix of every OpenSearch index, alias, script and pipeline.")

    # A vector leg always finds something: words that match must outweigh its first rank.
    leg_weight_speech_text: float = Field(0.40, ge=0, le=1, description="Weight of the words that are spoken.")
    leg_weight_speech_vector: float = Field(0.27, ge=0, le=1, description="Weight of the meaning of what is spoken.")
    leg_weight_picture_vector: float = Field(0.0, ge=0, le=1, description="Weight of what is shown; 0 leaves it out.")
    leg_weight_metadata_text: float = Field(0.33, ge=0, le=1, description="Weight of title, description and tags.")
    rrf_rank_constant: int = Field(60, ge=1, le=10_000, description="Rank constant of reciprocal rank fusion.")
    leg_depth: int = Field(200, ge=1, le=1000, description="Hits that each leg of a search fetches.")
    ef_search: int = Field(400, ge=1, le=10_000, description="Candidates that a vector search looks at.")
    deadline_seconds: float = Field(5.0, gt=0, le=60, description="Longest time for one search, in seconds.")
    encoder_deadline_seconds: float = Field(
        2.0, gt=0, le=60, description="Part of that in which the query must be encoded, in seconds."
    )

    @property
    def moments_alias(self) -> str:
        """The alias behind which the live moments are."""
        return f"{self.index_prefix}moments"

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
