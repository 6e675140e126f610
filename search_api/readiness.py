"""Whether the search API can answer, and what it lacks."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from opensearchpy import AsyncOpenSearch, TransportError

from encoders.client import EncoderClient, EncoderError
from search_api.settings import SearchSettings

_PATIENCE_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether searches are answered, and a sentence for everything that is missing (also for what is not needed)."""

    ready: bool
    missing: tuple[str, ...]


async def check_readiness(client: AsyncOpenSearch, encoder: EncoderClient, settings: SearchSettings) -> Readiness:
    """Ask OpenSearch for both aliases, and the encoder server for its models; without the latter, text is found."""
    needed, useful = await asyncio.gather(_check_aliases(client, settings), _check_encoder(encoder, settings))
    return Readiness(ready=not needed, missing=(*needed, *useful))


async def _check_aliases(client: AsyncOpenSearch, settings: SearchSettings) -> list[str]:
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            aliases = (settings.videos_alias, settings.moments_alias)
            there = [await client.indices.exists_alias(name=alias) for alias in aliases]
    except (TransportError, TimeoutError) as error:
        return [f"OpenSearch at {settings.opensearch_url} does not answer ({_reason(error)})."]
    return [
        f"OpenSearch has no alias {alias}; `kadr init` makes it."
        for alias, exists in zip(aliases, there, strict=True)
        if not exists
    ]


async def _check_encoder(encoder: EncoderClient, settings: SearchSettings) -> list[str]:
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            await encoder.model_set()
    except EncoderError as error:
        return [f"Only words are searched, not meaning: {error}."]
    except TimeoutError:
        return [f"Only words are searched, not meaning: the encoder server at {settings.encoder_url} is too slow."]
    return []


def _reason(error: TransportError | TimeoutError) -> str:
    return str(error.error) if isinstance(error, TransportError) else "it takes too long"
