"""Moments drawn blindly from the index, to tell a match from chance."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import structlog
from opensearchpy import AsyncOpenSearch, TransportError

from search_api.calibration import Null, Tail, probability
from search_api.connection import pack_lines
from search_api.fusion import LegName
from search_api.legs import VECTOR_FIELDS, Vector

SAMPLE = 512
FRESH_SECONDS, SMALL_FRESH_SECONDS = 300.0, 2.0
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Sample:
    """Vectors of one field: `vectors` (float32, N×D) out of `moments` that have one.

    `tail` says how near they come to each other, where that can be compared with a query.
    """

    vectors: npt.NDArray[np.float32]
    moments: int
    tail: Tail | None = None

    def null(self, query: Vector) -> Null | None:
        """What this query's similarities to unrelated moments look like; None if the sample is too small."""
        if self.vectors.shape[0] == 0 or self.vectors.shape[1] != query.size:
            return None
        return Null.of(self.vectors @ query)

    def probabilities(self, query: Vector, similarities: Sequence[float]) -> list[float] | None:
        """How likely moments so similar to a query answer it; None if the sample is too small, or of another model."""
        null = self.null(query)
        if null is None:
            return None
        near = np.asarray(similarities, np.float64)
        odds = null.log_odds(near, self.moments)
        if self.tail is not None:
            odds = np.minimum(odds, self.tail.log_odds(near, self.moments))
        found: list[float] = probability(odds).tolist()
        return found


class Background:
    """The samples of an index, read again when they are old.

    An index that fits into the sample changes fast and is cheap to read: it is read again every few seconds.
    """

    def __init__(self, client: AsyncOpenSearch, alias: str) -> None:
        self._client = client
        self._alias = alias
        self._samples: Mapping[LegName, Sample] = {}
        self._stale_at = 0.0
        self._lock = asyncio.Lock()

    async def samples(self) -> Mapping[LegName, Sample]:
        """The sample of each vector leg; the last ones, or none, while OpenSearch gives no newer."""
        if time.monotonic() < self._stale_at:
            return self._samples
        async with self._lock:
            if time.monotonic() >= self._stale_at:
                try:
                    self._samples = await self._read()
                except TransportError as error:
                    _log.warning("no sample of the index", error=str(error.error))
                except asyncio.CancelledError:
                    # Whoever asked has no time left; the next ones shall not wait as long, one after another.
                    self._stale_at = time.monotonic() + SMALL_FRESH_SECONDS
                    raise
                small = any(len(sample.vectors) < SAMPLE for sample in self._samples.values())
                fresh_seconds = SMALL_FRESH_SECONDS if small or not self._samples else FRESH_SECONDS
                self._stale_at = time.monotonic() + fresh_seconds
        return self._samples

    async def _read(self) -> Mapping[LegName, Sample]:
        lines: list[dict[str, Any]] = []
        for field in VECTOR_FIELDS.values():
            lines += [{"index": self._alias}, _blind_draw(field)]
        answer = await self._client.msearch(body=pack_lines(lines))
        # Some tens of milliseconds, in which other searches are not to wait.
        return await asyncio.to_thread(_samples, answer["responses"])


def _samples(responses: Sequence[Mapping[str, Any]]) -> dict[LegName, Sample]:
    return {
        leg: _sample(response["hits"], leg)
        for leg, response in zip(VECTOR_FIELDS, responses, strict=True)
        if "hits" in response
    }


def _blind_draw(field: str) -> dict[str, Any]:
    return {
        "size": SAMPLE,
        "_source": [field],
        "track_total_hits": True,
        "query": {
            "function_score": {
                "query": {"exists": {"field": field}},
                # One seed: every server of this index draws the same moments and gives the same confidence.
                "random_score": {"seed": 1, "field": "_seq_no"},
                "boost_mode": "replace",
            }
        },
    }


def _sample(hits: Mapping[str, Any], leg: LegName) -> Sample:
    rows = [hit["_source"][VECTOR_FIELDS[leg]] for hit in hits["hits"]]
    vectors = np.asarray(rows, np.float32) if rows else np.empty((0, 0), np.float32)
    # A query is a text: how near texts come to each other says something about it, how near pictures do does not.
    tail = Tail.of(vectors) if leg is LegName.SPEECH_VECTOR else None
    return Sample(vectors, hits["total"]["value"], tail)
