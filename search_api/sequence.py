"""Finds a moment that is followed by another: two searches, whose moments are paired within each video."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

from search_api.deadline import answered_within
from search_api.filters import Clause, Filters
from search_api.found import Found, FoundVideo
from search_api.fusion import FusedMoment, FusedVideo, LegName, LegShare, Shares, assemble
from search_api.moments import Marked, Moment
from search_api.question import GroupBy, Query, Sort
from search_api.ranking import ordered
from search_api.search import Searcher
from search_api.syntax import Wanted

_DEEPEST = 1000
"""So many moments of each step are looked at."""
# Moments of one video do not overlap; times are rounded here and there.
_SLACK_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Then:
    """What must follow: something that begins within so many seconds of the end of what comes first."""

    wanted: Wanted
    within_seconds: float

    def __post_init__(self) -> None:
        if not self.within_seconds > 0:
            raise ValueError(f"what follows needs time: {self.within_seconds = }")


@dataclass(frozen=True, slots=True)
class Following:
    """The moment that follows another, so many seconds after its end, and what it was found by."""

    moment: Moment
    fused: FusedMoment
    highlight: Marked | None
    after_seconds: float


@dataclass(frozen=True, slots=True)
class FoundSequence(Found):
    """What was found of both steps: `following` is by the id of the moment that comes first.

    The reports of the legs are those of the first step.
    """

    then: Then = field(kw_only=True)
    following: Mapping[str, Following] = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class OneOfVideos(Filters):
    """Filters that also keep to some videos."""

    only: tuple[str, ...] = ()

    @classmethod
    def of(cls, filters: Filters, video_ids: Iterable[str]) -> OneOfVideos:
        """The same filters within these videos."""
        given = {each.name: getattr(filters, each.name) for each in fields(Filters)}
        return cls(**given, only=tuple(sorted(set(video_ids))))

    def clauses(self) -> list[Clause]:
        """The filter clauses for OpenSearch."""
        return [*Filters.clauses(self), {"terms": {"video_id": list(self.only)}}]


async def search_sequence(searcher: Searcher, query: Query, then: Then, *, deadline_seconds: float) -> FoundSequence:
    """Find what the query asks for where something else follows it.

    Raises:
        SearchUnavailable: as a search raises it, or both steps together take too long.
    """
    async with answered_within(deadline_seconds, "The search", "Try again, or with fewer legs."):
        return await _search(searcher, query, then)


async def _search(searcher: Searcher, query: Query, then: Then) -> FoundSequence:
    step = replace(
        query, group_by=GroupBy.MOMENT, limit=_DEEPEST, collapse=False, sort=Sort.RELEVANCE, depth=_DEEPEST, facets=()
    )
    first = await searcher.search(step)
    videos = {hit.ledger.video_id for hit in first.videos}
    if not videos:
        return FoundSequence(**_parts(first), then=then, following={})
    second = await searcher.search(
        replace(step, wanted=then.wanted, vectors=None, filters=OneOfVideos.of(query.filters, videos))
    )
    following = _paired(first, second, then.within_seconds)
    ledger = {hit.ledger.video_id: hit.ledger for hit in first.videos}
    hits = ordered(_followed(first, following), ledger, query)[: query.limit]
    found = replace(
        first,
        videos=tuple(FoundVideo(ledger[hit.video_id], hit) for hit in hits),
        warnings=tuple(dict.fromkeys((*first.warnings, *second.warnings))),
        took_ms=first.took_ms + second.took_ms,
        next=None,
    )
    return FoundSequence(**_parts(found), then=then, following=following)


def _parts(found: Found) -> dict[str, Any]:
    return {each.name: getattr(found, each.name) for each in fields(Found)}


def _paired(first: Found, second: Found, within_seconds: float) -> dict[str, Following]:
    """For each moment of the first step the best one that follows it in time; of equals, the nearest."""
    later: dict[str, list[FusedMoment]] = defaultdict(list)
    for hit in second.videos:
        later[hit.ledger.video_id] += hit.fused.moments
    following: dict[str, Following] = {}
    for hit in first.videos:
        for fused in hit.fused.moments:
            moment = first.moments[fused.moment_id]
            found = [
                Following(there, other, second.highlights.get(other.moment_id), _gap(moment, there))
                for other in later[hit.ledger.video_id]
                if _follows(moment, there := second.moments[other.moment_id], within_seconds)
            ]
            if found:
                following[fused.moment_id] = max(found, key=lambda one: (one.fused.score, -one.after_seconds))
    return following


def _follows(moment: Moment, other: Moment, within_seconds: float) -> bool:
    return other.start_seconds >= moment.stop_seconds - _SLACK_SECONDS and _gap(moment, other) <= within_seconds


def _gap(moment: Moment, other: Moment) -> float:
    return max(0.0, other.start_seconds - moment.stop_seconds)


def _followed(first: Found, following: Mapping[str, Following]) -> list[FusedVideo]:
    """The videos with those of their moments that are followed, best first; shares are those of both moments."""
    moments: dict[str, dict[str, Shares]] = defaultdict(dict)
    own: dict[str, Shares] = {}
    for hit in first.videos:
        for moment in hit.fused.moments:
            if moment.moment_id in following:
                both = _together(moment.legs, following[moment.moment_id].fused.legs)
                moments[hit.ledger.video_id][moment.moment_id] = both
        own[hit.ledger.video_id] = {leg: share for leg, share in hit.fused.legs.items() if leg is LegName.METADATA_TEXT}
    videos = [assemble(video_id, shares, own[video_id]) for video_id, shares in moments.items()]
    return sorted(videos, key=lambda video: (-video.score, video.video_id))


def _together(one: Shares, other: Shares) -> Shares:
    """What each leg adds to both moments; the rest is said of the first moment that the leg found."""
    return {
        leg: _sum([shares[leg] for shares in (one, other) if leg in shares])
        for leg in LegName
        if leg in one or leg in other
    }


def _sum(shares: Sequence[LegShare]) -> LegShare:
    return replace(shares[0], share=sum(share.share for share in shares))
