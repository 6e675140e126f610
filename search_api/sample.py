"""Moments drawn blindly from the index: what of them says how near a query comes to any moment by chance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from search_api.calibration import Null, Tail, probability
from search_api.fusion import LegName
from search_api.legs import VECTOR_FIELDS, Body, Vector

SAMPLE = 512
Rows = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Sample:
    """Vectors of one field: `vectors` (float32, N×D) out of `moments` that have one.

    `tail` says how near they come to each other, where that can be compared with a query.
    """

    vectors: Rows
    moments: int
    tail: Tail | None = None

    @classmethod
    def of(cls, leg: LegName, vectors: Rows, moments: int) -> Sample:
        """The sample of a leg; takes some tens of milliseconds."""
        # A query is a text: how near texts come to each other says something about it, how near pictures do does not.
        return cls(vectors, moments, Tail.of(vectors) if leg is LegName.SPEECH_VECTOR else None)

    def null(self, query: Vector) -> Null | None:
        """What this query's similarities to unrelated moments look like; None if the sample is too small."""
        if self.vectors.shape[0] == 0 or self.vectors.shape[1] != query.size:
            return None
        return Null.of(self.vectors @ query)

    def probabilities(
        self, query: Vector, similarities: Sequence[float], *, are_nearest: bool = True
    ) -> list[float] | None:
        """How likely moments so similar to a query answer it; None if the sample is too small, or of another model.

        Args:
            are_nearest: Whether these are the nearest of the whole index, and not of what a filter has left of it.
        """
        null = self.null(query)
        if null is None:
            return None
        near = np.asarray(similarities, np.float64)
        odds = null.log_odds(near, self.moments)
        if self.tail is not None:
            odds = np.minimum(odds, self.tail.log_odds(near, self.moments))
        likely = probability(odds)
        if self.tail is None and are_nearest:
            likely = np.minimum(likely, null.surplus(near, self.moments))
        found: list[float] = likely.tolist()
        return found


def blind_draw(leg: LegName) -> Body:
    """The search that draws a sample of a leg's vectors."""
    field = VECTOR_FIELDS[leg]
    return {
        "size": SAMPLE,
        "_source": [field],
        "track_total_hits": True,
        "query": {
            "function_score": {
                "query": {"exists": {"field": field}},
                # One seed: servers that draw for themselves draw the same moments.
                "random_score": {"seed": 1, "field": "_seq_no"},
                "boost_mode": "replace",
            }
        },
    }


def count_search(leg: LegName) -> Body:
    """The search that counts the moments that a leg's sample is drawn from."""
    return {"size": 0, "track_total_hits": True, "query": {"exists": {"field": VECTOR_FIELDS[leg]}}}


def read_draw(leg: LegName, hits: Mapping[str, Any]) -> Sample:
    """The sample that a draw gave."""
    rows = [hit["_source"][VECTOR_FIELDS[leg]] for hit in hits["hits"]]
    vectors = np.asarray(rows, np.float32) if rows else np.empty((0, 0), np.float32)
    return Sample.of(leg, vectors, hits["total"]["value"])
