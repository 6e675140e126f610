"""Near-duplicates: what a search would show twice.

Two kinds are collapsed, both into the one that ranks best:

- moments of one video that lie close together, in which the same is said (or nothing), and whose pictures are nearly
  the same: one long shot that was cut into pieces;
- videos that are the same file, byte for byte, under several names (the ledger's ETag and size).

What was cut or encoded anew is another file, and its moments are shown.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from opensearchpy import AsyncOpenSearch, TransportError

from search_api.fusion import FusedVideo
from search_api.moments import Moment
from search_api.show import Ledger

NEAR_SECONDS = 10.0
SAME_PICTURE = 0.98
"""Pictures are nearly the same from this cosine on."""
MOST_PICTURES = 64
"""So many moments are compared, best first: each needs its vector, some kilobytes."""

Pictures = Mapping[str, npt.NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class Collapsed:
    """For each moment that is left out, the one that stands for it; `complete` is false if not all were compared."""

    into: Mapping[str, str]
    complete: bool = True

    def counts(self) -> dict[str, int]:
        """For how many others each moment stands."""
        found: dict[str, int] = {}
        for standing in self.into.values():
            found[standing] = found.get(standing, 0) + 1
        return found


async def collapse_moments(
    client: AsyncOpenSearch,
    alias: str,
    videos: Sequence[FusedVideo],
    moments: Mapping[str, Moment],
    *,
    timeout_seconds: float,
) -> Collapsed:
    """Find the near-duplicates among the moments of each video; reads pictures' vectors only where that may matter.

    If OpenSearch does not give the vectors in time, nothing is collapsed.
    """
    suspects = suspicious(videos, moments)[:MOST_PICTURES]
    if not suspects:
        return Collapsed({})
    try:
        async with asyncio.timeout(timeout_seconds):
            answer = await client.mget(body={"ids": suspects}, index=alias, _source_includes="visual")
    except (TransportError, TimeoutError):
        return Collapsed({}, complete=False)
    pictures = {
        document["_id"]: np.asarray(document["_source"]["visual"], np.float32)
        for document in answer["docs"]
        if document.get("found") and document["_source"].get("visual")
    }
    return Collapsed(near_duplicates(videos, moments, pictures))


def suspicious(videos: Iterable[FusedVideo], moments: Mapping[str, Moment]) -> list[str]:
    """Moments that have another of their video near them, in which the same is said; those of the best videos first."""
    found: dict[str, None] = {}
    for video in videos:
        if len(video.moments) < 2:
            continue
        in_time = sorted((moments[fused.moment_id] for fused in video.moments), key=lambda each: each.start_seconds)
        for n, earlier in enumerate(in_time):
            for later in in_time[n + 1 :]:
                if not _is_near(earlier, later):
                    break
                if _said(earlier) == _said(later):
                    found |= {earlier.moment_id: None, later.moment_id: None}
    return list(found)


def near_duplicates(videos: Iterable[FusedVideo], moments: Mapping[str, Moment], pictures: Pictures) -> dict[str, str]:
    """For each moment that a better one of its video stands for, that one."""
    into: dict[str, str] = {}
    for video in videos:
        standing: list[Moment] = []
        for moment in (moments[fused.moment_id] for fused in video.moments if fused.moment_id in pictures):
            same = next((better for better in standing if _is_same(better, moment, pictures)), None)
            if same is None:
                standing.append(moment)
            else:
                into[moment.moment_id] = same.moment_id
    return into


def stack_copies(
    hits: Iterable[FusedVideo], moments: Mapping[str, Moment], ledger: Ledger, *, by_moment: bool
) -> list[tuple[FusedVideo, ...]]:
    """Put hits of one file, or of the same place in it, onto the first of them; the order stays."""
    stacks: dict[object, list[FusedVideo]] = {}
    for n, hit in enumerate(hits):
        content = ledger[hit.video_id].content
        place = round(moments[hit.moments[0].moment_id].start_seconds, 1) if by_moment else None
        stacks.setdefault(n if content is None else (content, place), []).append(hit)
    return [tuple(stack) for stack in stacks.values()]


def _is_same(better: Moment, moment: Moment, pictures: Pictures) -> bool:
    first, second = sorted((better, moment), key=lambda each: each.start_seconds)
    return (
        _is_near(first, second)
        and _said(first) == _said(second)
        and _cosine(pictures[first.moment_id], pictures[second.moment_id]) >= SAME_PICTURE
    )


def _is_near(earlier: Moment, later: Moment) -> bool:
    return later.start_seconds - earlier.stop_seconds <= NEAR_SECONDS


def _said(moment: Moment) -> str:
    return " ".join((moment.speech or "").lower().split())


def _cosine(a: npt.NDArray[np.float32], b: npt.NDArray[np.float32]) -> float:
    length = float(np.linalg.norm(a) * np.linalg.norm(b))
    return float(a @ b) / length if length else 0.0
