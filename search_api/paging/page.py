"""A page of a ranking, as far as the ledger vouches for it now. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from search_api.found import FoundVideo, Ranking
from search_api.fusion import FusedVideo, LegName, without
from search_api.moments import Moment
from search_api.show import Ledger, shows_moment, shows_video


@dataclass(frozen=True, slots=True)
class Page:
    """The hits of a page, and the position in the ranking behind the last one that was looked at."""

    hits: tuple[FoundVideo, ...]
    position: int


def turn(ranking: Ranking, ledger: Ledger, *, start: int, stop: int, limit: int) -> Page:
    """Take up to `limit` hits that may be shown from the ranking's entries `[start, stop)`.

    Of a hit and its copies, the first that may be shown stands for the others.
    """
    hits: list[FoundVideo] = []
    position = start
    for copies in ranking.hits[start:stop]:
        if len(hits) == limit:
            break
        position += 1
        shown = [hit for each in copies if (hit := vouched(each, ranking.moments, ledger)) is not None]
        if shown:
            first, *others = shown
            hits.append(FoundVideo(ledger[first.video_id], first, tuple(hit.video_id for hit in others)))
    return Page(tuple(hits), position)


def video_ids(ranking: Ranking, start: int, stop: int) -> list[str]:
    """The videos of the entries `[start, stop)`."""
    return [each.video_id for copies in ranking.hits[start:stop] for each in copies]


def vouched(hit: FusedVideo, moments: Mapping[str, Moment], ledger: Ledger) -> FusedVideo | None:
    """The part of a hit that may be shown; None if that is nothing."""
    if not shows_video(ledger, hit.video_id):
        return None
    hidden = [fused.moment_id for fused in hit.moments if not shows_moment(ledger, moments[fused.moment_id].claim)]
    if not hidden:
        return hit
    rest = without(hit, hidden)
    return rest if rest.moments or LegName.METADATA_TEXT in rest.legs else None
