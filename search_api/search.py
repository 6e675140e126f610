"""A search from the query to the videos: encode, ask all legs, keep what the ledger vouches for, fuse."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass

from opensearchpy import AsyncOpenSearch, TransportError

from encoders.client import EncoderClient
from search_api.connection import is_outage
from search_api.encoding import EncodedQuery, encode_query
from search_api.fusion import FusedVideo, LegHit, LegName, fuse
from search_api.legs import Depth, Filters, leg_body
from search_api.moments import Moment, Piece, read_highlight, read_moment, read_moment_hit, read_video_hit
from search_api.retrieval import Retrieved, retrieve
from search_api.settings import SearchSettings
from search_api.show import Ledger, LedgerVideo, read_ledger, shows_moment, shows_video

_VECTOR_LEGS = {LegName.SPEECH_VECTOR, LegName.PICTURE_VECTOR}
_DEEPEST, _DEEPER = 1000, 4


class SearchUnavailable(Exception):
    """A search cannot be answered now: OpenSearch is away, or no leg is left; the message says which and why."""


@dataclass(frozen=True, slots=True)
class Query:
    """What to search for. Legs of weight 0 are left out; a leg that is not named has weight 0."""

    text: str
    limit: int
    moments_per_video: int
    weights: Mapping[LegName, float]
    filters: Filters

    def __post_init__(self) -> None:
        if not self.text.strip():
            raise ValueError("a query needs text")
        if self.limit < 1 or self.moments_per_video < 1:
            raise ValueError(f"a search asks for one hit at least: {self.limit = }, {self.moments_per_video = }")
        if not any(weight > 0 for weight in self.weights.values()):
            raise ValueError(f"one leg at least needs a weight above 0: {dict(self.weights) = }")


@dataclass(frozen=True, slots=True)
class LegReport:
    """How a leg did: its weight, the hits that it gave and how many of them the ledger does not vouch for."""

    weight: float
    hits: int
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
class _Shown:
    """The hits of each leg that may be shown, and what they refer to."""

    hits: dict[LegName, list[LegHit]]
    moments: dict[str, Moment]
    ledger: Ledger


class Searcher:
    """Answers queries from OpenSearch and the encoder server."""

    def __init__(self, client: AsyncOpenSearch, encoder: EncoderClient, settings: SearchSettings) -> None:
        self._client = client
        self._encoder = encoder
        self._settings = settings
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
        encoded = await encode_query(
            self._encoder, query.text, legs, deadline_seconds=self._settings.encoder_deadline_seconds
        )
        legs = [leg for leg in legs if leg not in _VECTOR_LEGS or leg in encoded.vectors]
        if not legs:
            raise SearchUnavailable(
                "The encoder server does not answer, and no leg was asked for that works without it."
            )
        depth = self._settings.leg_depth
        while True:
            retrieved = await self._retrieve(query, legs, encoded, depth)
            shown = await self._show(retrieved)
            fused = fuse(shown.hits, weights=query.weights, rank_constant=self._settings.rrf_rank_constant)
            if len(fused) >= query.limit or depth >= _DEEPEST or not _hides_from_full_leg(retrieved, shown, depth):
                break
            depth = min(depth * _DEEPER, _DEEPEST)
        return Found(
            videos=tuple(FoundVideo(shown.ledger[video.video_id], video) for video in fused[: query.limit]),
            moments=shown.moments,
            highlights={
                hit["_id"]: pieces
                for hit in retrieved.hits.get(LegName.SPEECH_TEXT, ())
                if (pieces := read_highlight(hit))
            },
            legs={
                leg: LegReport(query.weights[leg], len(hits), len(hits) - len(shown.hits[leg]))
                for leg, hits in retrieved.hits.items()
            },
            warnings=(
                *encoded.warnings,
                *(f"The leg {leg} failed ({why})." for leg, why in retrieved.failures.items()),
            ),
            took_ms=(time.perf_counter() - started) * 1000,
        )

    async def _retrieve(self, query: Query, legs: list[LegName], encoded: EncodedQuery, depth: int) -> Retrieved:
        far = Depth(hits=depth, candidates=self._settings.ef_search)
        bodies = {
            leg: leg_body(leg, text=query.text, vector=encoded.vectors.get(leg), filters=query.filters, depth=far)
            for leg in legs
        }
        retrieved = await retrieve(self._client, bodies, self._aliases)
        if not retrieved.hits:
            reasons = "; ".join(f"{leg}: {why}" for leg, why in retrieved.failures.items())
            raise SearchUnavailable(
                f"OpenSearch refuses every leg of the search ({reasons}). Is kadr set up? Try `kadr init`."
            )
        return retrieved

    async def _show(self, retrieved: Retrieved) -> _Shown:
        moments = {
            hit["_id"]: read_moment(hit)
            for leg, hits in retrieved.hits.items()
            if leg is not LegName.METADATA_TEXT
            for hit in hits
        }
        videos = [hit["_id"] for hit in retrieved.hits.get(LegName.METADATA_TEXT, ())]
        claimed = (moment.claim.video_id for moment in moments.values())
        ledger = await read_ledger(self._client, self._settings.videos_alias, [*claimed, *videos])
        shown: dict[LegName, list[LegHit]] = {}
        for leg, hits in retrieved.hits.items():
            if leg is LegName.METADATA_TEXT:
                shown[leg] = [read_video_hit(hit) for hit in hits if shows_video(ledger, hit["_id"])]
            else:
                shown[leg] = [read_moment_hit(hit) for hit in hits if shows_moment(ledger, moments[hit["_id"]].claim)]
        return _Shown(shown, moments, ledger)


def _hides_from_full_leg(retrieved: Retrieved, shown: _Shown, depth: int) -> bool:
    """Whether a leg gave all it was asked for and part of that is not shown: then more may lie deeper."""
    return any(len(hits) >= depth and len(shown.hits[leg]) < len(hits) for leg, hits in retrieved.hits.items())
