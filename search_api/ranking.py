"""Puts what the legs gave into the order in which it is shown, near-duplicates once. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from search_api.duplicates import Collapsed, stack_copies
from search_api.found import Ranking
from search_api.fusion import FusedVideo, by_moment, leave_out
from search_api.gather import Gathered
from search_api.question import GroupBy, Query, Sort
from search_api.show import Ledger
from search_api.warned import SearchWarning


def rank(
    query: Query,
    videos: Sequence[FusedVideo],
    gathered: Gathered,
    collapsed: Collapsed,
    *,
    depth: int,
    warnings: Sequence[SearchWarning],
) -> Ranking:
    """Make the ranking of a search; near-duplicates count for nothing before the videos are put in order."""
    hits = ordered(leave_out(videos, collapsed.into), gathered.ledger, query)
    alone = ((hit,) for hit in hits)
    single = query.group_by is GroupBy.MOMENT
    return Ranking(
        hits=tuple(
            stack_copies(hits, gathered.moments, gathered.ledger, collapsed.recoded, by_moment=single)
            if query.collapse
            else alone
        ),
        moments=gathered.moments,
        highlights=gathered.highlights(),
        metadata=gathered.metadata(),
        legs=gathered.reports(query.weights),
        warnings=tuple(warnings),
        collapsed=collapsed.counts(),
        depth=depth,
        full=gathered.is_full(depth),
    )


def ordered(videos: list[FusedVideo], ledger: Ledger, query: Query) -> list[FusedVideo]:
    """The hits, best first, in the order that is asked for; those of one date stay best first."""
    hits = videos if query.group_by is GroupBy.VIDEO else by_moment(videos)
    if query.sort is Sort.RELEVANCE:
        return hits
    dated = [(date, hit) for hit in hits if (date := ledger[hit.video_id].published_at)]
    dated.sort(key=lambda each: _moment_of(each[0]), reverse=query.sort is Sort.NEWEST)
    return [hit for _, hit in dated] + [hit for hit in hits if not ledger[hit.video_id].published_at]


def _moment_of(published_at: str) -> datetime:
    date = datetime.fromisoformat(published_at)
    return date if date.tzinfo else date.replace(tzinfo=UTC)
