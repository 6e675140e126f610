"""The vectors of a query, as far as the encoder server gives them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import structlog

from encoders.client import EncoderError
from search_api.contrast import contrast
from search_api.fusion import LegName
from search_api.legs import Vector
from search_api.query_vectors import QueryVectors, Space
from search_api.syntax import Wanted

_SPACES: dict[LegName, Space] = {LegName.SPEECH_VECTOR: "text", LegName.PICTURE_VECTOR: "picture"}
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class EncodedQuery:
    """The vector of each vector leg that has one, and one warning for the legs that have none."""

    vectors: dict[LegName, Vector]
    warnings: tuple[str, ...]


async def encode_query(
    encoder: QueryVectors,
    wanted: Wanted,
    legs: Iterable[LegName],
    known: Mapping[LegName, Vector] | None = None,
    *,
    deadline_seconds: float,
) -> EncodedQuery:
    """Encode a query for the vector legs among `legs`; a leg without a vector only gets a warning.

    The vector for pictures leads away from what the query leaves out; that for speech is of what is wanted alone.
    Vectors that are `known` are taken as they are; where there are no words, nothing is encoded.
    """
    given = dict(known or {})
    asked = [leg for leg in legs if leg in _SPACES and leg not in given] if wanted.text.strip() else []
    vectors = await asyncio.gather(*(_encode(encoder, wanted, leg, deadline_seconds) for leg in asked))
    encoded = given | {leg: vector for leg, vector in zip(asked, vectors, strict=True) if vector is not None}
    missing = [leg.value for leg in asked if leg not in encoded]
    if not missing:
        return EncodedQuery(encoded, ())
    return EncodedQuery(
        encoded, (f"The encoder server gave no vector for this query; left out of this search: {', '.join(missing)}.",)
    )


async def _encode(encoder: QueryVectors, wanted: Wanted, leg: LegName, deadline_seconds: float) -> Vector | None:
    unwanted = [excluded.text for excluded in wanted.excluded] if leg is LegName.PICTURE_VECTOR else []
    try:
        async with asyncio.timeout(deadline_seconds):
            towards, *away = await encoder.vectors([wanted.text, *unwanted], _SPACES[leg])
        return contrast(towards, away)
    except (EncoderError, TimeoutError, ValueError) as error:
        _log.warning("query not encoded", leg=leg.value, error=str(error) or type(error).__name__)
        return None
