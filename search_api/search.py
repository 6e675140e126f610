"""A search from the query to a page of hits: encode, ask all legs, keep what the ledger vouches for, fuse, collapse."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace

from opensearchpy import AsyncOpenSearch

from encoders.client import EncoderClient
from search_api.background import Background
from search_api.deadline import answered_within
from search_api.duplicates import Collapsed, collapse_moments
from search_api.encoding import EncodedQuery, encode_query
from search_api.facets.counting import Counter
from search_api.facets.values import Facets
from search_api.found import Found, FoundVideo, LegReport, Ranking, SearchUnavailable
from search_api.fusion import FusedVideo, Fusion, LegName, fuse
from search_api.gather import Gathered, Gatherer
from search_api.legs import Asked, Depth
from search_api.mentions import MOST_VIDEOS, Mentions, read_mentions
from search_api.paging.page import Page, turn, video_ids
from search_api.paging.tokens import PageToken
from search_api.paging.walks import Walks
from search_api.query_vectors import QueryVectors
from search_api.question import GroupBy, Query, Sort
from search_api.ranking import rank
from search_api.settings import SearchSettings
from search_api.show import read_ledger
from search_api.text_legs import MOST_WORDS, is_long
from search_api.warned import SearchWarning, WarningCode

__all__ = ["Found", "FoundVideo", "GroupBy", "LegReport", "Query", "SearchUnavailable", "Searcher", "Sort"]

DEEPEST = 1000
"""So many hits each leg looks at, at most."""
_DEEPER = 4
_VECTOR_LEGS = {LegName.SPEECH_VECTOR, LegName.PICTURE_VECTOR}
# A page reads the ledger for more hits than it shows: some may have been deleted since.
_SPARE_HITS = 10


class Searcher:
    """Answers queries from OpenSearch and the encoder server."""

    def __init__(self, client: AsyncOpenSearch, encoder: EncoderClient, settings: SearchSettings) -> None:
        self._client = client
        self._vectors = QueryVectors(encoder, capacity=settings.query_vectors_kept)
        self._settings = settings
        self.background = Background(client, settings, self._vectors.models)
        self._gatherer = Gatherer(client, settings, self.background)
        self._counter = Counter(client, settings)
        self._walks = Walks(capacity=settings.walks_kept, keep_seconds=settings.walk_seconds)

    async def search(self, query: Query, page: str | None = None) -> Found:
        """Answer a query within the deadline; with the token of a page, the hits that follow those before it.

        Raises:
            SearchUnavailable: OpenSearch is away, too slow or not set up, or no leg can run.
            Refusal: the token is not one of this search, or too old.
        """
        started = time.perf_counter()
        async with answered_within(self._settings.deadline_seconds, "The search", "Try again, or with fewer legs."):
            if page is None:
                return await self._first_page(query, started)
            return await self._next_page(query, PageToken.read(page), started)

    async def _first_page(self, query: Query, started: float) -> Found:
        legs = [leg for leg in LegName if query.weights.get(leg, 0.0) > 0]
        seconds = self._settings.encoder_deadline_seconds
        encoded, mentions = await asyncio.gather(
            encode_query(
                self._vectors,
                query.wanted,
                legs,
                query.vectors,
                whole=query.fusion is not Fusion.CALIBRATED,
                deadline_seconds=seconds,
            ),
            self._mentions(query, self._leg_seconds(started)),
        )
        legs = [leg for leg in legs if leg not in _VECTOR_LEGS or leg in encoded.vectors]
        if not legs and not encoded.unknown:
            raise SearchUnavailable(
                "The encoder server does not answer, and no leg was asked for that works without it."
            )
        gathered, videos, far = await self._gather(query, mentions, legs, encoded, started)
        collapsed, facets = await asyncio.gather(
            self._collapse(query, videos, gathered, self._leg_seconds(started)),
            self._count(query, mentions, gathered, encoded, replace(far, timeout_seconds=self._leg_seconds(started))),
        )
        warnings = [*encoded.warnings, *gathered.warnings(), *_warnings(query, mentions, collapsed, facets)]
        ranking = rank(query, videos, gathered, collapsed, depth=far.hits, warnings=warnings)
        page = turn(ranking, gathered.ledger, start=0, stop=len(ranking.hits), limit=query.limit)
        more = page.position < len(ranking.hits)
        walk = self._walks.begin(ranking, query) if more else None
        token = PageToken(walk, page.position).written() if walk else None
        return replace(_found(ranking, page, token, started), facets=facets)

    async def _next_page(self, query: Query, token: PageToken, started: float) -> Found:
        ranking = self._walks.follow(token, query)
        page = Page((), token.position)
        while len(page.hits) < query.limit and page.position < len(ranking.hits):
            start, wanted = page.position, query.limit - len(page.hits)
            stop = start + wanted + _SPARE_HITS
            ledger = await read_ledger(self._client, self._settings.videos_alias, video_ids(ranking, start, stop))
            more = turn(ranking, ledger, start=start, stop=stop, limit=wanted)
            page = Page((*page.hits, *more.hits), more.position)
        if page.position < len(ranking.hits):
            return _found(ranking, page, PageToken(token.walk, page.position).written(), started)
        return _found(ranking, page, None, started, _end_warnings(ranking))

    async def _gather(
        self, query: Query, mentions: Mentions, legs: list[LegName], encoded: EncodedQuery, started: float
    ) -> tuple[Gathered, list[FusedVideo], Depth]:
        """Ask the legs, and ask deeper while so much of what they give is hidden that too little is left."""
        depth = query.depth or self._settings.leg_depth
        while True:
            far = Depth(depth, self._settings.ef_search, self._leg_seconds(started), 0.7 * self._seconds_left(started))
            gathered = await self._gatherer.gather(query, mentions, legs, encoded, far)
            videos = fuse(
                gathered.hits,
                weights=query.weights,
                rank_constant=self._settings.rrf_rank_constant,
                fusion=query.fusion,
            )
            enough = _size(videos, query.group_by) >= query.limit
            if enough or depth >= DEEPEST or not gathered.hides_from_full_leg(depth):
                return gathered, videos, far
            depth = min(depth * _DEEPER, DEEPEST)

    async def _mentions(self, query: Query, seconds: float) -> Mentions:
        """Without them, quoted words are looked for in the speech alone: better than no answer."""
        try:
            async with asyncio.timeout(seconds):
                return await read_mentions(
                    self._client,
                    self._settings.videos_alias,
                    query.wanted,
                    query.filters.clauses(),
                    timeout_seconds=seconds,
                )
        except TimeoutError:
            return Mentions(of_phrases=((),) * len(query.wanted.phrases), complete=False)

    async def _collapse(self, query: Query, videos: list[FusedVideo], gathered: Gathered, seconds: float) -> Collapsed:
        if not query.collapse:
            return Collapsed({})
        alias = self._settings.moments_alias
        return await collapse_moments(
            self._client, alias, videos, gathered.moments, gathered.ledger, timeout_seconds=seconds
        )

    async def _count(
        self, query: Query, mentions: Mentions, gathered: Gathered, encoded: EncodedQuery, depth: Depth
    ) -> Facets | None:
        if not query.facets:
            return None
        asked = Asked(query.wanted, mentions, query.filters)
        return await self._counter.count(query.facets, asked, gathered, encoded.vectors, depth)

    def _leg_seconds(self, started: float) -> float:
        # Part of what is left of the deadline: the ledger is read after the legs.
        return max(0.01, min(self._settings.leg_timeout_seconds, 0.7 * self._seconds_left(started)))

    def _seconds_left(self, started: float) -> float:
        return max(0.01, self._settings.deadline_seconds - (time.perf_counter() - started))


def _found(
    ranking: Ranking, page: Page, token: str | None, started: float, warnings: tuple[SearchWarning, ...] = ()
) -> Found:
    return Found(
        videos=page.hits,
        moments=ranking.moments,
        highlights=ranking.highlights,
        metadata=ranking.metadata,
        legs=ranking.legs,
        warnings=(*ranking.warnings, *warnings),
        took_ms=(time.perf_counter() - started) * 1000,
        collapsed=ranking.collapsed,
        left_out=ranking.left_out,
        next=token,
    )


def _size(videos: list[FusedVideo], group_by: GroupBy) -> int:
    return len(videos) if group_by is GroupBy.VIDEO else sum(len(video.moments) for video in videos)


def _warnings(query: Query, mentions: Mentions, collapsed: Collapsed, facets: Facets | None) -> list[SearchWarning]:
    kinds = (
        (
            not mentions.complete,
            WarningCode.PHRASES_INCOMPLETE,
            f"Not all videos were looked at for the phrases and exclusions of this query (at most {MOST_VIDEOS} are).",
        ),
        (
            is_long(query.wanted.text),
            WarningCode.QUERY_SHORTENED,
            f"Of this query, only the first {MOST_WORDS} different words were looked up as words.",
        ),
        (
            not collapsed.complete,
            WarningCode.DUPLICATES_UNCHECKED,
            "OpenSearch gave no pictures to compare in time; near-duplicates of a moment may be shown.",
        ),
        (
            bool(query.facets) and facets is None,
            WarningCode.FACETS_MISSING,
            "OpenSearch did not count the facets in time; they are left out.",
        ),
    )
    return [SearchWarning(code, message) for applies, code, message in kinds if applies]


def _end_warnings(ranking: Ranking) -> tuple[SearchWarning, ...]:
    """What to say on the last page where more may match."""
    if not ranking.full:
        return ()
    deeper = f"a larger `depth` (at most {DEEPEST})" if ranking.depth < DEEPEST else "more words or filters"
    message = f"The pages end here, but each leg looked at {ranking.depth} hits only; search with {deeper} for others."
    return (SearchWarning(WarningCode.DEPTH_REACHED, message),)
