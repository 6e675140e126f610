"""Finds what of a video is in other videos: its moments are searched by their own vectors, and the hits aligned."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from opensearchpy import AsyncOpenSearch

from search_api.alignment import FEWEST_SECONDS, Alike, Interval, Piece, align, main_offset, score
from search_api.background import Background
from search_api.calibration import similarity_of
from search_api.connection import pack_lines
from search_api.deadline import answered_within
from search_api.filters import Clause
from search_api.fusion import LegName
from search_api.legs import VECTOR_FIELDS, Vector
from search_api.moments import Moment, read_moment
from search_api.sample import Sample
from search_api.settings import SearchSettings
from search_api.show import Ledger, LedgerVideo, read_ledger, shows_moment
from search_api.stored_moments import read_vectors
from search_api.videos import CLAIM_FIELDS, Videos

MOST_MOMENTS = 240
"""So many moments of a video are searched; of a longer piece, they are taken evenly."""
_PAGE = 500
_LONGEST_SECONDS = 60.0
_NEIGHBOURS = 24
_SEARCHES_AT_ONCE = 48
LIKE_ENOUGH = {LegName.PICTURE_VECTOR: 0.75, LegName.SPEECH_VECTOR: 0.85}
"""Likeness from which on two moments may be the same; see `_likeness`."""
_FIELDS = (*CLAIM_FIELDS, "start_seconds", "stop_seconds", *VECTOR_FIELDS.values())


@dataclass(frozen=True, slots=True)
class Matched:
    """Another video that has pieces of this one, in the order of time here."""

    ledger: LedgerVideo
    intervals: tuple[Interval, ...]
    score: float

    @property
    def offset_seconds(self) -> float:
        """How much later most of it stands there."""
        return main_offset(self.intervals)


@dataclass(frozen=True, slots=True)
class Matches:
    """The videos that have pieces of one, best first; `compared` of its `moments` were searched."""

    videos: tuple[Matched, ...]
    piece: Piece
    moments: int
    compared: int
    took_ms: float


@dataclass(frozen=True, slots=True)
class _Asked:
    """A moment of this video with one of its vectors."""

    piece: Piece
    leg: LegName
    vector: Vector


class Matcher:
    """Compares videos by what the index holds of them."""

    def __init__(
        self, client: AsyncOpenSearch, videos: Videos, settings: SearchSettings, background: Background
    ) -> None:
        self._client = client
        self._videos = videos
        self._settings = settings
        self._background = background

    async def match(self, video: LedgerVideo, piece: Piece, *, filters: Sequence[Clause] = ()) -> Matches:
        """Find the videos that have something of a piece of this one.

        Raises:
            SearchUnavailable: OpenSearch does not answer.
        """
        started = time.perf_counter()
        sources = await self._moments(video, piece)
        chosen = _evenly(sources, MOST_MOMENTS)
        asked = [
            _Asked(Piece(source["start_seconds"], source["stop_seconds"]), leg, vector)
            for source in chosen
            for leg, vector in read_vectors(source).items()
        ]
        async with answered_within(self._settings.deadline_seconds):
            samples = await self._background.samples() if asked else {}
            alike = await self._alike(video.video_id, asked, samples, filters)
            ledger = await read_ledger(self._client, self._settings.videos_alias, (m.claim.video_id for m, _ in alike))
        # Many pictures that hardly change have very many pairs: nobody else waits for that.
        videos = await asyncio.to_thread(_aligned, _by_video(alike, ledger), piece, ledger)
        took_ms = (time.perf_counter() - started) * 1000
        return Matches(videos, piece, len(sources), len(chosen), took_ms)

    async def _moments(self, video: LedgerVideo, piece: Piece) -> list[Mapping[str, Any]]:
        """The moments that overlap the piece, in the order of time."""
        found: list[Mapping[str, Any]] = []
        # One that begins before the piece may reach into it: none is longer than a span.
        start: float | None = max(0.0, piece.start_seconds - _LONGEST_SECONDS)
        while start is not None and start < piece.stop_seconds:
            page = await self._videos.moments(video, start_seconds=start, limit=_PAGE, fields=_FIELDS)
            found += page.moments
            start = page.next_start_seconds
        return [
            moment
            for moment in found
            if moment["stop_seconds"] > piece.start_seconds and moment["start_seconds"] < piece.stop_seconds
        ]

    async def _alike(
        self, video_id: str, asked: Sequence[_Asked], samples: Mapping[LegName, Sample], filters: Sequence[Clause]
    ) -> list[tuple[Moment, Alike]]:
        """The moments of other videos that are like those that are asked for."""
        found: list[tuple[Moment, Alike]] = []
        elsewhere: Clause = {"bool": {"filter": list(filters), "must_not": [{"term": {"video_id": video_id}}]}}
        for first in range(0, len(asked), _SEARCHES_AT_ONCE):
            batch = asked[first : first + _SEARCHES_AT_ONCE]
            bodies = [self._nearest(one, elsewhere) for one in batch]
            lines = (line for body in bodies for line in ({"index": self._settings.moments_alias}, body))
            answer = await self._client.msearch(body=pack_lines(lines))
            for one, response in zip(batch, answer["responses"], strict=True):
                found += _read(one, response, samples.get(one.leg))
        return found

    def _nearest(self, asked: _Asked, conditions: Clause) -> dict[str, Any]:
        search = {
            "vector": asked.vector,
            "k": _NEIGHBOURS,
            "filter": conditions,
            "method_parameters": {"ef_search": max(self._settings.ef_search, _NEIGHBOURS)},
        }
        return {
            "size": _NEIGHBOURS,
            "timeout": f"{max(1, round(self._settings.leg_timeout_seconds * 1000))}ms",
            "_source": [*CLAIM_FIELDS, "start_seconds", "stop_seconds"],
            "track_total_hits": False,
            "query": {"knn": {VECTOR_FIELDS[asked.leg]: search}},
        }


def _evenly(sources: Sequence[Mapping[str, Any]], most: int) -> list[Mapping[str, Any]]:
    if len(sources) <= most:
        return list(sources)
    return [sources[round(n * (len(sources) - 1) / (most - 1))] for n in range(most)]


def _read(asked: _Asked, response: Mapping[str, Any], sample: Sample | None) -> list[tuple[Moment, Alike]]:
    null = sample.null(asked.vector) if sample else None
    centre = null.centre if null else 0.0
    found: list[tuple[Moment, Alike]] = []
    for hit in response.get("hits", {}).get("hits", ()):
        likeness = _likeness(similarity_of(hit["_score"]), centre)
        if likeness >= LIKE_ENOUGH[asked.leg]:
            moment = read_moment(hit)
            there = Piece(moment.start_seconds, moment.stop_seconds)
            found.append((moment, Alike(asked.piece, there, likeness)))
    return found


def _likeness(similarity: float, centre: float) -> float:
    """1 for the same vector, 0 for what unrelated moments have: models differ in how far apart they put them."""
    return min(1.0, (similarity - centre) / max(1e-6, 1.0 - centre))


def _by_video(alike: Iterable[tuple[Moment, Alike]], ledger: Ledger) -> dict[str, list[Alike]]:
    pairs: dict[str, list[Alike]] = defaultdict(list)
    for moment, pair in alike:
        if shows_moment(ledger, moment.claim):
            pairs[moment.claim.video_id].append(pair)
    return pairs


def _aligned(pairs: Mapping[str, Sequence[Alike]], piece: Piece, ledger: Ledger) -> tuple[Matched, ...]:
    videos = [
        Matched(ledger[name], tuple(intervals), _score(intervals, piece, ledger[name]))
        for name, alike in pairs.items()
        if (intervals := _within(align(alike), piece))
    ]
    return tuple(sorted(videos, key=lambda one: (-one.score, one.ledger.video_id)))


def _within(intervals: Iterable[Interval], piece: Piece) -> list[Interval]:
    """The intervals as far as they lie in the piece that is asked for."""
    found: list[Interval] = []
    for one in intervals:
        start = max(one.here.start_seconds, piece.start_seconds)
        stop = min(one.here.stop_seconds, piece.stop_seconds)
        if stop - start >= FEWEST_SECONDS:
            found.append(Interval(Piece(start, stop), one.offset_seconds, one.likeness))
    return found


def _score(intervals: Sequence[Interval], piece: Piece, other: LedgerVideo) -> float:
    there = other.duration_seconds or max(interval.there.stop_seconds for interval in intervals)
    return score(intervals, here_seconds=piece.seconds, there_seconds=there)
