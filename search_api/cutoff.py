"""Leaves out of the vector legs what chance gives as well. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from search_api.background import Sample
from search_api.calibration import confidences, similarity_of
from search_api.fusion import LegName
from search_api.legs import Vector
from search_api.retrieval import RawHit


@dataclass(frozen=True, slots=True)
class Kept:
    """The hits of a leg that stay, with their confidences (None where nothing can be said), and how many were cut."""

    hits: Sequence[RawHit]
    confidences: Sequence[float | None]
    cut: int


def keep_confident(
    hits: Mapping[LegName, Sequence[RawHit]],
    vectors: Mapping[LegName, Vector],
    samples: Mapping[LegName, Sample],
    *,
    cutoff: float,
) -> dict[LegName, Kept]:
    """Cut every leg that has a vector where its confidence falls below `cutoff`; the others stay whole."""
    return {
        leg: _keep(found, vectors[leg], samples[leg], cutoff)
        if leg in vectors and leg in samples
        else Kept(found, [None] * len(found), 0)
        for leg, found in hits.items()
    }


def _keep(hits: Sequence[RawHit], vector: Vector, sample: Sample, cutoff: float) -> Kept:
    null = sample.null(vector)
    if null is None:
        return Kept(hits, [None] * len(hits), 0)
    sure = confidences([similarity_of(hit["_score"]) for hit in hits], null, sample.moments)
    stay = sum(confidence >= cutoff for confidence in sure)
    return Kept(hits[:stay], sure[:stay], len(hits) - stay)
