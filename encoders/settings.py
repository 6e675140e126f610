"""Settings of the encoder server, read once from the environment (`KADR_*`)."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict


class EncoderSettings(BaseSettings):
    """What the encoder server needs to know.

    A model is named by what its library calls it, or by a local folder (a path, with or without `local-dir:`).
    """

    model_config = SettingsConfigDict(env_prefix="KADR_", frozen=True)

    encoder_url: str = Field("http://127.0.0.1:8801", description="Address of the encoder server.")
    encoder_api_key: SecretStr = Field(
        SecretStr(""), description="Key that the encoder server asks for and its users send; empty: none."
    )
    encoder_bind: str = Field("", description="Address that the encoder server listens on; empty: that of its URL.")
    model_set: str = Field(
        "offline", min_length=1, description="Name of the model set: one picture, one text and one speech model."
    )
    models_dir: Path = Field(
        default_factory=lambda: _cache_folder() / "models",
        description="Folder of the models that `kadr models fetch` brings, and of those that kadr writes itself.",
    )
    picture_model: str = Field("", description="open_clip model: folder, name:tag or hf-hub name; empty: the set's.")
    text_model: str = Field("", description="sentence-transformers model: folder or hub name; empty: the set's.")
    speech_model: str = Field(
        "auto", description="CTranslate2 Whisper folder or name, or `pocketsphinx`; `auto`: the set's."
    )
    speech_languages: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="Languages (ISO 639-1, by comma) that Whisper looks for, besides the one that an upload names;"
        " empty: all that it knows.",
    )
    text_query_prefix: str | None = Field(None, description="Put before texts that search; unset: the model's own.")
    text_passage_prefix: str | None = Field(None, description="Put before texts to be found; unset: the model's own.")
    device: Literal["auto", "cpu", "cuda"] = Field("auto", description="Where models run; `auto`: CUDA where it works.")
    precision: Literal["auto", "fp32", "bf16", "fp16"] = Field(
        "auto",
        description="Numbers of the vector models; `auto`: bf16 or fp16 on CUDA, else what is fast on this CPU.",
    )
    compile: bool = Field(
        False, description="Whether torch compiles the vector models at the start; takes minutes and a C++ compiler."
    )
    torch_threads: int = Field(0, ge=0, description="Threads of the vector models on the CPU; 0: half of the cores.")
    speech_threads: int = Field(0, ge=0, description="Threads of faster-whisper on the CPU; 0: half of the cores.")
    encoder_batch: int = Field(64, ge=1, le=4096, description="Pictures or texts that a model encodes at once.")
    max_frames: int = Field(256, ge=1, description="Pictures in one request to the encoder server.")
    max_texts: int = Field(2048, ge=1, description="Texts in one request to the encoder server.")
    max_text_characters: int = Field(32_768, ge=1, description="Characters of one text sent to the encoder server.")
    max_image_bytes: int = Field(
        20_971_520, ge=1024, description="Bytes of one picture file sent to the encoder server."
    )
    max_image_pixels: int = Field(
        50_000_000, ge=1, description="Pixels of one picture file sent to the encoder server; more are not decoded."
    )
    max_sound_seconds: float = Field(900.0, gt=0, description="Seconds of sound in one request to the encoder server.")
    max_body_bytes: int = Field(134_217_728, ge=1024, description="Bytes of one request to the encoder server.")
    max_waiting_items: int = Field(
        2048, ge=1, description="Pictures or texts that wait for one model, queries apart; more get status 429."
    )
    max_waiting_requests: int = Field(64, ge=1, description="Sounds that wait for the speech model; more get 429.")
    linger_seconds: float = Field(
        0.002, ge=0, le=1, description="How long an idle vector model waits for more than the first request."
    )
    max_wait_seconds: float = Field(60.0, gt=0, description="Longest wait for a model; then the status is 503.")

    @field_validator("speech_languages", mode="before")
    @classmethod
    def _names(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @property
    def listen_host(self) -> str:
        """The address to listen on: `encoder_bind`, or the host of `encoder_url`."""
        return self.encoder_bind or urlsplit(self.encoder_url).hostname or "127.0.0.1"

    @property
    def listen_port(self) -> int:
        """The port of `encoder_url`; its scheme's own if it names none."""
        parts = urlsplit(self.encoder_url)
        return parts.port or (443 if parts.scheme == "https" else 80)


def _cache_folder() -> Path:
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "kadr"
