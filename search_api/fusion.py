"""Weighted reciprocal rank fusion (RRF), grouped by video. Pure functions.

A hit at rank r (from 1) of a leg with weight w adds `w / (rank_constant + r)` to what it hits: that is the leg's share.
Cormack, Clarke and Büttcher, "Reciprocal Rank Fusion outperforms Condorcet and individual Rank Learning Methods",
SIGIR 2009.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum


class LegName(StrEnum):
    """The ranked lists that a search fuses."""

    SPEECH_TEXT = "speech_text"
    SPEECH_VECTOR = "speech_vector"
    PICTURE_VECTOR = "picture_vector"
    METADATA_TEXT = "metadata_text"


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
    `confidence` (0 to 1, vector legs only) is how sure it is that the hit is not there by chance.
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
    """A video with its best moments first; its shares are those of its best moment and of the metadata leg."""

    video_id: str
    score: float
    legs: Shares
    moments: tuple[FusedMoment, ...]


def fuse(
    legs: Mapping[LegName, Sequence[LegHit]], *, weights: Mapping[LegName, float], rank_constant: int
) -> list[FusedVideo]:
    """Fuse ranked lists into videos, best first.

    The score of a moment is the sum of its legs' shares. The score of a video is the score of its best moment plus the
    share of its own metadata hit; a video found by its metadata alone has no moments. Ties are broken by id, so that
    the same lists always give the same order.

    Args:
        legs: each leg's hits, best first.
        weights: the weight of each of these legs.
        rank_constant: the constant k of RRF; the larger, the less the first ranks stand out.
    """
    of_moments: dict[str, dict[str, dict[LegName, LegShare]]] = defaultdict(lambda: defaultdict(dict))
    of_videos: dict[str, dict[LegName, LegShare]] = defaultdict(dict)
    for name, hits in legs.items():
        for rank, hit in enumerate(hits, start=1):
            share = LegShare(rank, hit.score, weights[name] / (rank_constant + rank), hit.confidence)
            shares = of_videos[hit.video_id] if hit.moment_id is None else of_moments[hit.video_id][hit.moment_id]
            shares.setdefault(name, share)
    videos = [
        _fuse_video(video_id, of_moments.get(video_id, {}), of_videos.get(video_id, {}))
        for video_id in {*of_moments, *of_videos}
    ]
    return sorted(videos, key=lambda video: (-video.score, video.video_id))


def by_moment(videos: Iterable[FusedVideo]) -> list[FusedVideo]:
    """Every moment for itself, best first, as a video with this moment alone; videos without moments are left out.

    The score of each is that of the moment plus the share of its video's metadata.
    """
    singles = [
        _fuse_video(video.video_id, {moment.moment_id: moment.legs}, _metadata(video.legs))
        for video in videos
        for moment in video.moments
    ]
    return sorted(singles, key=lambda single: (-single.score, single.moments[0].moment_id))


def _metadata(legs: Shares) -> Shares:
    return {leg: share for leg, share in legs.items() if leg is LegName.METADATA_TEXT}


def _fuse_video(video_id: str, of_moments: Mapping[str, Shares], own: Shares) -> FusedVideo:
    moments = tuple(
        sorted(
            (FusedMoment(moment_id, _total(legs.values()), legs) for moment_id, legs in of_moments.items()),
            key=lambda moment: (-moment.score, moment.moment_id),
        )
    )
    legs = {**(moments[0].legs if moments else {}), **own}
    return FusedVideo(video_id, _total(legs.values()), legs, moments)


def _total(shares: Iterable[LegShare]) -> float:
    # Summed in one order whatever the order of the legs: equal shares must give equal scores.
    return sum(sorted(share.share for share in shares))
