"""The vectors of a query, as far as the encoder server gives them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import structlog

from encoders.client import EncoderError
from search_api.contrast import contrast
from search_api.fusion import LegName
from search_api.legs import Vector
from search_api.query_vectors import SPACES, QueryVectors
from search_api.syntax import Wanted
from search_api.vocabulary import known_part
from search_api.warned import SearchWarning, WarningCode

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class EncodedQuery:
    """The vector of each vector leg that has one, and one warning for the legs that have none.

    `shares` says of which share of the query's words a vector was made, where that is not all of them. The model of a
    leg in `unknown` knows none of them: that leg has nothing to look for, which is no failure.
    """

    vectors: dict[LegName, Vector]
    warnings: tuple[SearchWarning, ...]
    shares: dict[LegName, float] = field(default_factory=dict)
    unknown: frozenset[LegName] = frozenset()


@dataclass(frozen=True, slots=True)
class _Encoded:
    vector: Vector | None
    share: float


async def encode_query(
    encoder: QueryVectors,
    wanted: Wanted,
    legs: Iterable[LegName],
    known: Mapping[LegName, Vector] | None = None,
    *,
    whole: bool = False,
    deadline_seconds: float,
) -> EncodedQuery:
    """Encode a query for the vector legs among `legs`; a leg without a vector only gets a warning.

    A model that knows none of the words is not asked. The vector for pictures is of the words that the picture model
    knows, and leads away from what the query leaves out, seen in that setting: `train rain` is what a picture of a
    train without rain must not be. That for speech is of what is wanted alone. Where the text is to be taken `whole`,
    the model is asked for all of it, as OpenSearch's own pipeline asks it. Vectors that are `known` are taken as they
    are; where there are no words, nothing is encoded.
    """
    given = dict(known or {})
    asked = [leg for leg in legs if leg in SPACES and leg not in given] if wanted.text.strip() else []
    found = await asyncio.gather(*(_encode(encoder, wanted, leg, whole, deadline_seconds) for leg in asked))
    each = dict(zip(asked, found, strict=True))
    vectors = given | {leg: one.vector for leg, one in each.items() if one.vector is not None}
    unknown = frozenset(leg for leg, one in each.items() if not one.share)
    missing = tuple(leg for leg in asked if leg not in vectors and leg not in unknown)
    message = f"The encoder server gave no vector for this query; left out of this search: {', '.join(missing)}."
    warning = SearchWarning(WarningCode.ENCODER_UNAVAILABLE, message, missing)
    return EncodedQuery(
        vectors,
        (warning,) if missing else (),
        {leg: one.share for leg, one in each.items() if 0 < one.share < 1},
        unknown,
    )


async def _encode(
    encoder: QueryVectors, wanted: Wanted, leg: LegName, whole: bool, deadline_seconds: float
) -> _Encoded:
    try:
        async with asyncio.timeout(deadline_seconds):
            known = known_part(wanted.text, () if whole else await encoder.words(SPACES[leg]))
            if not known.share:
                return _Encoded(None, 0.0)
            if leg is not LegName.PICTURE_VECTOR:
                (vector,) = await encoder.vectors([wanted.text], SPACES[leg])
                return _Encoded(vector, 1.0)
            unwanted = [f"{known.text} {excluded.text}" for excluded in wanted.excluded]
            towards, *away = await encoder.vectors([known.text, *unwanted], SPACES[leg])
            return _Encoded(contrast(towards, away), known.share)
    except (EncoderError, TimeoutError, ValueError) as error:
        _log.warning("query not encoded", leg=leg.value, error=str(error) or type(error).__name__)
        return _Encoded(None, 1.0)
