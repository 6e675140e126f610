"""The vectors of a query, as far as the encoder server gives them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import structlog

from encoders.client import EncoderClient, EncoderError
from search_api.fusion import LegName
from search_api.legs import Vector, usable_vector

_SPACES: dict[LegName, Literal["picture", "text"]] = {
    LegName.SPEECH_VECTOR: "text",
    LegName.PICTURE_VECTOR: "picture",
}
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class EncodedQuery:
    """The vector of each vector leg that has one, and one warning for the legs that have none."""

    vectors: dict[LegName, Vector]
    warnings: tuple[str, ...]


async def encode_query(
    encoder: EncoderClient, text: str, legs: Iterable[LegName], *, deadline_seconds: float
) -> EncodedQuery:
    """Encode a query for the vector legs among `legs`; a leg without a vector only gets a warning."""
    wanted = [leg for leg in legs if leg in _SPACES]
    vectors = await asyncio.gather(*(_encode(encoder, text, leg, deadline_seconds) for leg in wanted))
    encoded = {leg: vector for leg, vector in zip(wanted, vectors, strict=True) if vector is not None}
    missing = [leg.value for leg in wanted if leg not in encoded]
    if not missing:
        return EncodedQuery(encoded, ())
    return EncodedQuery(
        encoded, (f"The encoder server gave no vector for this query; left out of this search: {', '.join(missing)}.",)
    )


async def _encode(encoder: EncoderClient, text: str, leg: LegName, deadline_seconds: float) -> Vector | None:
    try:
        async with asyncio.timeout(deadline_seconds):
            rows = await encoder.embed_texts([text], space=_SPACES[leg], purpose="query")
        return usable_vector(rows[0])
    except (EncoderError, TimeoutError, ValueError) as error:
        _log.warning("query not encoded", leg=leg.value, error=str(error) or type(error).__name__)
        return None
