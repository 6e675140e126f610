"""How sure the hits of all legs are, and which are left out because chance gives as good ones. Pure functions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from search_api.calibration import similarity_of, together
from search_api.coverage import text_confidences
from search_api.fusion import LegName
from search_api.legs import Vector
from search_api.retrieval import RawHit
from search_api.sample import Sample

Confidences = Mapping[LegName, Sequence[float | None]]


@dataclass(frozen=True, slots=True)
class Kept:
    """The hits of a leg that stay, with their confidences (None where nothing can be said), and how many were cut."""

    hits: Sequence[RawHit]
    confidences: Sequence[float | None]
    cut: int


@dataclass(frozen=True, slots=True)
class Judge:
    """What is known of a query and of the index, to tell a match from chance.

    `shares` says of which share of the query a vector was made, where its model does not know all of the words;
    `is_filtered`, whether hits were looked for in a part of the index only.
    """

    words: Collection[str]
    vectors: Mapping[LegName, Vector]
    samples: Mapping[LegName, Sample]
    shares: Mapping[LegName, float]
    is_filtered: bool = False

    def confidences(self, leg: LegName, hits: Sequence[RawHit]) -> list[float | None]:
        """How sure each hit of a leg is, 0 to 1; None where nothing can be said."""
        if leg not in self.vectors:
            return [*text_confidences(hits, self.words)]
        sample = self.samples.get(leg)
        similarities = [similarity_of(hit["_score"]) for hit in hits]
        likely = None
        if sample and hits:
            likely = sample.probabilities(self.vectors[leg], similarities, are_nearest=not self.is_filtered)
        share = self.shares.get(leg, 1.0) ** 2
        return [None] * len(hits) if likely is None else [share * each for each in likely]


def keep_confident(hits: Mapping[LegName, Sequence[RawHit]], judge: Judge, *, cutoff: float) -> dict[LegName, Kept]:
    """Leave out what all legs together are less sure of than `cutoff`.

    A moment is surer by what is heard and by what is seen than by one of them; that two legs hear the same words is no
    second reason. A video that is found by its metadata stays, too, where one of its moments does; what a leg can say
    nothing of stays.
    """
    sure = {leg: judge.confidences(leg, found) for leg, found in hits.items()}
    of_moments = _together(hits, sure)
    stay = {name for name, confidence in of_moments.items() if confidence >= cutoff}
    videos = {
        hit["_source"]["video_id"]
        for leg, found in hits.items()
        if leg is not LegName.METADATA_TEXT
        for hit in found
        if hit["_id"] in stay
    }
    kept = {}
    for leg, found in hits.items():
        pairs = [
            (hit, confidence)
            for hit, confidence in zip(found, sure[leg], strict=True)
            if (
                hit["_id"] in stay
                if leg is not LegName.METADATA_TEXT
                else hit["_id"] in videos or (confidence or 0.0) >= cutoff
            )
        ]
        kept[leg] = Kept([hit for hit, _ in pairs], [each for _, each in pairs], len(found) - len(pairs))
    return kept


def _together(hits: Mapping[LegName, Sequence[RawHit]], sure: Confidences) -> dict[str, float]:
    reasons: dict[str, dict[bool, float]] = defaultdict(dict)
    for leg, found in hits.items():
        if leg is not LegName.METADATA_TEXT:
            is_seen = leg is LegName.PICTURE_VECTOR
            for hit, confidence in zip(found, sure[leg], strict=True):
                reason = 1.0 if confidence is None else confidence
                reasons[hit["_id"]][is_seen] = max(reason, reasons[hit["_id"]].get(is_seen, 0.0))
    return {name: together([*each.values()]) for name, each in reasons.items()}
