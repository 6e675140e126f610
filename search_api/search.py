"""A search from the query to the videos: encode, ask all legs, keep what the ledger vouches for, fuse."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from opensearchpy import AsyncOpenSearch, TransportError

from encoders.client import EncoderClient
from search_api.background import Background, Sample
from search_api.connection import is_outage
from search_api.cutoff import Kept, keep_confident
from search_api.encoding import EncodedQuery, encode_query
from search_api.filters import Filters
from search_api.fusion import FusedVideo, LegHit, LegName, by_moment, fuse
from search_api.legs import Asked, Depth, leg_body
from search_api.mentions import MOST_VIDEOS, Mentions, read_mentions
from search_api.moments import Moment, Piece, read_highlight, read_moment, read_moment_hit, read_video_hit
from search_api.query_vectors import QueryVectors
from search_api.retrieval import retrieve
from search_api.settings import SearchSettings
from search_api.show import Ledger, LedgerVideo, read_ledger, shows_moment, shows_video
from search_api.syntax import Wanted
from search_api.text_legs import MOST_WORDS, is_long

_VECTOR_LEGS = {LegName.SPEECH_VECTOR, LegName.PICTURE_VECTOR}
_DEEPEST, _DEEPER = 1000, 4
_NOTHING = Kept((), (), 0)


class SearchUnavailable(Exception):
    """A search cannot be answered now: OpenSearch is away, or no leg is left; the message says which and why."""


class GroupBy(StrEnum):
    """What a hit of the answer is."""

    VIDEO = "video"
    MOMENT = "moment"


class Sort(StrEnum):
    """The order of the hits: best first, or by the date of publication; hits without a date come last."""

    RELEVANCE = "relevance"
    NEWEST = "newest"
    OLDEST = "oldest"


@dataclass(frozen=True, slots=True)
class Query:
    """What to search for. Legs of weight 0 are left out; a leg that is not named has weight 0.

    `limit` counts videos or moments, as `group_by` says. `min_confidence` replaces the configured cut-off.
    """

    wanted: Wanted
    limit: int
    moments_per_video: int
    weights: Mapping[LegName, float]
    filters: Filters
    sort: Sort = Sort.RELEVANCE
    group_by: GroupBy = GroupBy.VIDEO
    min_confidence: float | None = None

    def __post_init__(self) -> None:
        if not self.wanted.text.strip():
            raise ValueError("a query needs text")
        if self.limit < 1 or self.moments_per_video < 1:
            raise ValueError(f"a search asks for one hit at least: {self.limit = }, {self.moments_per_video = }")
        if not any(weight > 0 for weight in self.weights.values()):
            raise ValueError(f"one leg at least needs a weight above 0: {dict(self.weights) = }")


@dataclass(frozen=True, slots=True)
class LegReport:
    """How a leg did: its weight, its hits, those cut off as chance and those that the ledger does not vouch for."""

    weight: float
    hits: int
    cut: int
    hidden: int


@dataclass(frozen=True, slots=True)
class FoundVideo:
    """A video with its place in the ledger and its best moments."""

    ledger: LedgerVideo
    fused: FusedVideo


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found; `moments` and `highlights` are by moment id."""

    videos: tuple[FoundVideo, ...]
    moments: Mapping[str, Moment]
    highlights: Mapping[str, tuple[Piece, ...]]
    legs: Mapping[LegName, LegReport]
    warnings: tuple[str, ...]
    took_ms: float


@dataclass(frozen=True, slots=True)
class _Retrieved:
    """What each leg gave and keeps, and why a leg failed."""

    legs: dict[LegName, Kept]
    failures: Mapping[LegName, str]
    cut_short: tuple[LegName, ...]
    unjudged: tuple[LegName, ...]


@dataclass(frozen=True, slots=True)
class _Shown:
    """The hits of each leg that may be shown, and what they refer to."""

    hits: dict[LegName, list[LegHit]]
    moments: dict[str, Moment]
    ledger: Ledger


class Searcher:
    """Answers queries from OpenSearch and the encoder server."""

    def __init__(self, client: AsyncOpenSearch, encoder: EncoderClient, settings: SearchSettings) -> None:
        self._client = client
        self._vectors = QueryVectors(encoder, capacity=settings.query_vectors_kept)
        self._settings = settings
        self._background = Background(client, settings.moments_alias)
        self._aliases = {
            leg: settings.videos_alias if leg is LegName.METADATA_TEXT else settings.moments_alias for leg in LegName
        }

    async def search(self, query: Query) -> Found:
        """Answer a query within the deadline.

        Raises:
            SearchUnavailable: OpenSearch is away, too slow or not set up, or no leg can run.
        """
        started = time.perf_counter()
        try:
            async with asyncio.timeout(self._settings.deadline_seconds):
                return await self._search(query, started)
        except TimeoutError as error:
            raise SearchUnavailable(
                f"The search took longer than {self._settings.deadline_seconds:g} s. Try again, or with fewer legs."
            ) from error
        except TransportError as error:
            if not is_outage(error):
                raise
            raise SearchUnavailable(f"OpenSearch does not answer the search ({error.error}).") from error

    async def _search(self, query: Query, started: float) -> Found:
        legs = [leg for leg in LegName if query.weights.get(leg, 0.0) > 0]
        encoded, mentions = await asyncio.gather(
            encode_query(self._vectors, query.wanted, legs, deadline_seconds=self._settings.encoder_deadline_seconds),
            read_mentions(
                self._client,
                self._settings.videos_alias,
                query.wanted,
                query.filters.clauses(),
                timeout_seconds=self._leg_seconds(started),
            ),
        )
        legs = [leg for leg in legs if leg not in _VECTOR_LEGS or leg in encoded.vectors]
        if not legs:
            raise SearchUnavailable(
                "The encoder server does not answer, and no leg was asked for that works without it."
            )
        depth = self._settings.leg_depth
        while True:
            far = Depth(depth, self._settings.ef_search, self._leg_seconds(started))
            retrieved = await self._retrieve(query, mentions, legs, encoded, far)
            shown = await self._show(retrieved)
            hits = self._fuse(query, shown)
            if len(hits) >= query.limit or depth >= _DEEPEST or not _hides_from_full_leg(retrieved, shown, depth):
                break
            depth = min(depth * _DEEPER, _DEEPEST)
        return Found(
            videos=tuple(hits[: query.limit]),
            moments=shown.moments,
            highlights={
                hit["_id"]: pieces
                for hit in retrieved.legs.get(LegName.SPEECH_TEXT, _NOTHING).hits
                if (pieces := read_highlight(hit))
            },
            legs={
                leg: LegReport(
                    query.weights[leg], len(kept.hits) + kept.cut, kept.cut, len(kept.hits) - len(shown.hits[leg])
                )
                for leg, kept in retrieved.legs.items()
            },
            warnings=(*encoded.warnings, *_warnings(query, mentions, retrieved)),
            took_ms=(time.perf_counter() - started) * 1000,
        )

    def _leg_seconds(self, started: float) -> float:
        # Part of what is left of the deadline: the ledger is read after the legs.
        left = self._settings.deadline_seconds - (time.perf_counter() - started)
        return max(0.01, min(self._settings.leg_timeout_seconds, 0.7 * left))

    def _fuse(self, query: Query, shown: _Shown) -> list[FoundVideo]:
        fused = fuse(shown.hits, weights=query.weights, rank_constant=self._settings.rrf_rank_constant)
        if query.group_by is GroupBy.MOMENT:
            fused = by_moment(fused)
        return _sorted([FoundVideo(shown.ledger[video.video_id], video) for video in fused], query.sort)

    async def _retrieve(
        self, query: Query, mentions: Mentions, legs: list[LegName], encoded: EncodedQuery, depth: Depth
    ) -> _Retrieved:
        asked = Asked(query.wanted, mentions, query.filters)
        bodies = {leg: leg_body(leg, asked, vector=encoded.vectors.get(leg), depth=depth) for leg in legs}
        retrieved = await retrieve(self._client, bodies, self._aliases)
        if not retrieved.hits:
            reasons = "; ".join(f"{leg}: {why}" for leg, why in retrieved.failures.items())
            raise SearchUnavailable(
                f"OpenSearch refuses every leg of the search ({reasons}). Is kadr set up? Try `kadr init`."
            )
        samples = await self._samples(depth.timeout_seconds) if encoded.vectors else {}
        cutoff = self._settings.confidence_cutoff if query.min_confidence is None else query.min_confidence
        legs_kept = keep_confident(retrieved.hits, encoded.vectors, samples, cutoff=cutoff)
        unjudged = tuple(leg for leg in retrieved.hits if leg in encoded.vectors and leg not in samples)
        return _Retrieved(legs_kept, retrieved.failures, retrieved.cut_short, unjudged)

    async def _samples(self, seconds: float) -> Mapping[LegName, Sample]:
        """Without a sample the legs stay whole: better than no answer."""
        try:
            async with asyncio.timeout(seconds):
                return await self._background.samples()
        except TimeoutError:
            return {}

    async def _show(self, retrieved: _Retrieved) -> _Shown:
        moments = {
            hit["_id"]: read_moment(hit)
            for leg, kept in retrieved.legs.items()
            if leg is not LegName.METADATA_TEXT
            for hit in kept.hits
        }
        videos = [hit["_id"] for hit in retrieved.legs.get(LegName.METADATA_TEXT, _NOTHING).hits]
        claimed = (moment.claim.video_id for moment in moments.values())
        ledger = await read_ledger(self._client, self._settings.videos_alias, [*claimed, *videos])
        shown: dict[LegName, list[LegHit]] = {}
        for leg, kept in retrieved.legs.items():
            if leg is LegName.METADATA_TEXT:
                shown[leg] = [read_video_hit(hit) for hit in kept.hits if shows_video(ledger, hit["_id"])]
            else:
                shown[leg] = [
                    read_moment_hit(hit, confidence)
                    for hit, confidence in zip(kept.hits, kept.confidences, strict=True)
                    if shows_moment(ledger, moments[hit["_id"]].claim)
                ]
        return _Shown(shown, moments, ledger)


def _hides_from_full_leg(retrieved: _Retrieved, shown: _Shown, depth: int) -> bool:
    """Whether a leg kept all it was asked for and part of that is not shown: then more may lie deeper."""
    return any(
        len(kept.hits) >= depth and len(shown.hits[leg]) < len(kept.hits) for leg, kept in retrieved.legs.items()
    )


def _sorted(hits: list[FoundVideo], sort: Sort) -> list[FoundVideo]:
    """The hits, best first, in the order that is asked for; those of one date stay best first."""
    if sort is Sort.RELEVANCE:
        return hits
    dated = [hit for hit in hits if hit.ledger.published_at]
    dated.sort(key=lambda hit: _moment_of(hit.ledger.published_at or ""), reverse=sort is Sort.NEWEST)
    return dated + [hit for hit in hits if not hit.ledger.published_at]


def _moment_of(published_at: str) -> datetime:
    date = datetime.fromisoformat(published_at)
    return date if date.tzinfo else date.replace(tzinfo=UTC)


def _warnings(query: Query, mentions: Mentions, retrieved: _Retrieved) -> list[str]:
    found = [f"The leg {leg} failed ({why})." for leg, why in retrieved.failures.items()]
    found += [f"The leg {leg} ran out of time; some of its hits may be missing." for leg in retrieved.cut_short]
    if retrieved.unjudged:
        legs = ", ".join(retrieved.unjudged)
        found.append(f"OpenSearch gave no sample of the index; not cut off, and without confidence: {legs}.")
    if not mentions.complete:
        found.append(
            f"Not all videos were looked at for the phrases and exclusions of this query (at most {MOST_VIDEOS} are)."
        )
    if is_long(query.wanted.text):
        found.append(f"Of this query, only the first {MOST_WORDS} different words were looked up as words.")
    return found
