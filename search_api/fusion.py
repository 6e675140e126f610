"""Fuses the ranked lists of a search into one, grouped by video. Pure functions.

Three ways, of which a query chooses. Each leg with weight w adds to what it hits its *share*:

- `calibrated`, a weighted mean of confidences: a hit gets `w / (sum of weights) · confidence`, how sure the leg is that
  it answers the query (`search_api/calibration.py`, `search_api/coverage.py`). So a leg that knows nothing of a query
  adds nothing, however its hits rank. Of equal confidence, the leg's own order counts (`_ORDER`); a leg that can say
  nothing of its hits gives `1 / (1 + r)` to rank r.
- `rrf`, weighted reciprocal rank fusion: a hit at rank r (from 1) gets `w / (rank_constant + r)`, whatever its score.
  Cormack, Clarke and Büttcher, "Reciprocal Rank Fusion outperforms Condorcet and individual Rank Learning Methods",
  SIGIR 2009.
- `normalised`, a weighted mean of scores: each leg's scores are stretched to 0..1 between its lowest and its highest
  hit, and a hit gets `w / (sum of weights) · score`. The lowest hit gets 0.001, so that being found counts; a leg whose
  hits all score alike gives each 1. This is what OpenSearch's normalization processor does with `min_max` and
  `arithmetic_mean`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

_ORDER = 1e-4
FURTHER = 0.1
"""Each further moment of a video counts by this factor less than the one before it.

So a video with several good moments comes before one with a single moment that is as good, and no number of moments
makes up for more than a ninth of the best one: long videos do not win by length.
"""
_LOWEST = 0.001


class LegName(StrEnum):
    """The ranked lists that a search fuses."""

    SPEECH_TEXT = "speech_text"
    SPEECH_VECTOR = "speech_vector"
    PICTURE_VECTOR = "picture_vector"
    METADATA_TEXT = "metadata_text"


class Fusion(StrEnum):
    """What of a leg's hits counts: how sure they are, their ranks, or their scores."""

    CALIBRATED = "calibrated"
    RRF = "rrf"
    NORMALISED = "normalised"


@dataclass(frozen=True, slots=True)
class LegHit:
    """One entry of a leg's ranked list: a moment of a video, or the video itself where `moment_id` is None."""

    video_id: str
    moment_id: str | None
    score: float
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class LegShare:
    """What one leg adds to a score.

    `rank` counts from 1, `score` is OpenSearch's own, `share` is the part of the fused score that comes from this leg,
    `confidence` (0 to 1) is how sure the leg is that the hit answers the query; None where nothing can be said.
    """

    rank: int
    score: float
    share: float
    confidence: float | None = None


Shares = Mapping[LegName, LegShare]


@dataclass(frozen=True, slots=True)
class FusedMoment:
    """A moment with its fused score, which is the sum of its shares."""

    moment_id: str
    score: float
    legs: Shares


@dataclass(frozen=True, slots=True)
class FusedVideo:
    """A video with its best moments first; its shares are those of its moments and of the metadata leg.

    Rank, score and confidence of a share are those of the best moment that the leg found.
    """

    video_id: str
    score: float
    legs: Shares
    moments: tuple[FusedMoment, ...]


def fuse(
    legs: Mapping[LegName, Sequence[LegHit]],
    *,
    weights: Mapping[LegName, float],
    rank_constant: int,
    fusion: Fusion = Fusion.CALIBRATED,
) -> list[FusedVideo]:
    """Fuse ranked lists into videos, best first.

    The score of a moment is the sum of its legs' shares. The score of a video is that of its best moment, a tenth of
    the next one's, a hundredth of the one's after it and so on (`FURTHER`), plus the share of its own metadata hit; a
    video found by its metadata alone has no moments. Ties are broken by id, so that the same lists always give the same
    order.

    Args:
        legs: each leg's hits, best first.
        weights: the weight of each of these legs.
        rank_constant: the constant k of RRF; the larger, the less the first ranks stand out.
        fusion: which way.
    """
    of_moments: dict[str, dict[str, dict[LegName, LegShare]]] = defaultdict(lambda: defaultdict(dict))
    of_videos: dict[str, dict[LegName, LegShare]] = defaultdict(dict)
    whole = sum(weights[name] for name in legs)
    for name, hits in legs.items():
        match fusion:
            case Fusion.RRF:
                parts = [weights[name] / (rank_constant + rank) for rank in range(1, len(hits) + 1)]
            case Fusion.NORMALISED:
                parts = [weights[name] / whole * level for level in _levels(hits)]
            case Fusion.CALIBRATED:
                parts = [weights[name] / whole * _sure(hit, rank) for rank, hit in enumerate(hits, start=1)]
        for rank, (hit, part) in enumerate(zip(hits, parts, strict=True), start=1):
            share = LegShare(rank, hit.score, part, hit.confidence)
            shares = of_videos[hit.video_id] if hit.moment_id is None else of_moments[hit.video_id][hit.moment_id]
            shares.setdefault(name, share)
    return _best_first(
        assemble(video_id, of_moments.get(video_id, {}), of_videos.get(video_id, {}))
        for video_id in {*of_moments, *of_videos}
    )


def by_moment(videos: Iterable[FusedVideo]) -> list[FusedVideo]:
    """Every moment for itself, best first, as a video with this moment alone; videos without moments are left out.

    The score of each is that of the moment plus the share of its video's metadata.
    """
    singles = [
        assemble(video.video_id, {moment.moment_id: moment.legs}, _metadata(video.legs))
        for video in videos
        for moment in video.moments
    ]
    return sorted(singles, key=lambda single: (-single.score, single.moments[0].moment_id))


def leave_out(videos: Iterable[FusedVideo], moment_ids: Collection[str]) -> list[FusedVideo]:
    """The same without some moments, which then count for nothing; the others keep their scores. Best first."""
    return _best_first(without(video, moment_ids) for video in videos)


def without(video: FusedVideo, moment_ids: Collection[str]) -> FusedVideo:
    """A video without some of its moments; it may have none after that."""
    if not any(moment.moment_id in moment_ids for moment in video.moments):
        return video
    stay = {moment.moment_id: moment.legs for moment in video.moments if moment.moment_id not in moment_ids}
    return assemble(video.video_id, stay, _metadata(video.legs))


def _sure(hit: LegHit, rank: int) -> float:
    """How sure a hit is, a little less the lower it ranks."""
    confidence = 1 / (1 + rank) if hit.confidence is None else hit.confidence
    return confidence * max(0.0, 1 - _ORDER * (rank - 1))


def _levels(hits: Sequence[LegHit]) -> list[float]:
    """The scores between 0 and 1."""
    scores = [hit.score for hit in hits]
    low, high = min(scores, default=0.0), max(scores, default=0.0)
    if low == high:
        return [1.0] * len(scores)
    return [(score - low) / (high - low) or _LOWEST for score in scores]


def _metadata(legs: Shares) -> Shares:
    return {leg: share for leg, share in legs.items() if leg is LegName.METADATA_TEXT}


def _best_first(videos: Iterable[FusedVideo]) -> list[FusedVideo]:
    return sorted(videos, key=lambda video: (-video.score, video.video_id))


def assemble(video_id: str, of_moments: Mapping[str, Shares], own: Shares) -> FusedVideo:
    """A video of the shares of its moments, by their ids, and of its own, which its metadata leg gave."""
    moments = tuple(
        sorted(
            (FusedMoment(moment_id, _total(legs.values()), legs) for moment_id, legs in of_moments.items()),
            key=lambda moment: (-moment.score, moment.moment_id),
        )
    )
    legs = {**_together(moments), **own}
    return FusedVideo(video_id, _total(legs.values()), legs, moments)


def _together(moments: Sequence[FusedMoment]) -> dict[LegName, LegShare]:
    """What the legs add to a video by all of its moments, best first."""
    best: dict[LegName, LegShare] = {}
    sums: dict[LegName, float] = {}
    counts = 1.0
    for moment in moments:
        for leg, share in moment.legs.items():
            if leg not in best or share.rank < best[leg].rank:
                best[leg] = share
            sums[leg] = sums.get(leg, 0.0) + counts * share.share
        counts *= FURTHER
    return {leg: replace(share, share=sums[leg]) for leg, share in best.items()}


def _total(shares: Iterable[LegShare]) -> float:
    # Summed in one order whatever the order of the legs: equal shares must give equal scores.
    return sum(sorted(share.share for share in shares))
