"""Near-duplicates: what a search would show twice.

Three kinds are collapsed, each into the one that ranks best:

- moments of one video that lie close together, in which the same is said (or nothing), and whose pictures are nearly
  the same: one long shot that was cut into pieces;
- videos that are the same file, byte for byte, under several names (the ledger's ETag and size);
- videos that are one film in several encodings, as far as the moments that were found tell (`search_api/recoded.py`).

What was cut anew is another film, and its moments are shown.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
from opensearchpy import AsyncOpenSearch, TransportError

from search_api.fusion import FusedVideo
from search_api.moments import Moment
from search_api.recoded import RECODED_PICTURE, SAME_SECONDS, pairs, recoded, words_of
from search_api.show import Ledger

NEAR_SECONDS = 10.0
SAME_PICTURE = 0.98
"""Pictures are nearly the same from this cosine on."""
MOST_PICTURES = 64
"""So many moments are compared within videos, best first, and as many between videos: each needs its vector, some
kilobytes."""

Pictures = Mapping[str, npt.NDArray[np.float32]]
_NONE_RECODED: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Collapsed:
    """For each moment that is left out, the one that stands for it; `complete` is false if not all were compared.

    `recoded` has, for each video that is another encoding of a better one, that one.
    """

    into: Mapping[str, str]
    complete: bool = True
    recoded: Mapping[str, str] = field(default_factory=lambda: _NONE_RECODED)

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
    ledger: Ledger,
    *,
    timeout_seconds: float,
) -> Collapsed:
    """Find the near-duplicates among the moments of each video, and the videos that are encodings of one film.

    Reads pictures' vectors only where that may matter. If OpenSearch does not give them in time, nothing is collapsed.
    """
    suspects = suspicious(videos, moments)[:MOST_PICTURES]
    same_words = pairs(videos, moments, ledger)[: MOST_PICTURES // 2]
    suspects = list(dict.fromkeys([*suspects, *(each.moment_id for pair in same_words for each in pair)]))
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
    return Collapsed(
        near_duplicates(videos, moments, pictures),
        recoded=recoded(same_words, lambda one, other: _cosine(one, other, pictures) >= RECODED_PICTURE),
    )


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
                if words_of(earlier) == words_of(later):
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
    hits: Iterable[FusedVideo],
    moments: Mapping[str, Moment],
    ledger: Ledger,
    recoded: Mapping[str, str] = _NONE_RECODED,
    *,
    by_moment: bool,
) -> list[tuple[FusedVideo, ...]]:
    """Put hits of one film, or of the same place in it, onto the first of them; the order stays."""
    films = {ledger[other].content: ledger[better].content for other, better in recoded.items()}
    stacks: list[list[FusedVideo]] = []
    of_film: dict[object, list[list[FusedVideo]]] = {}
    for hit in hits:
        content = ledger[hit.video_id].content
        same = of_film.setdefault(films.get(content, content), []) if content else []
        stack = next((each for each in same if not by_moment or _is_same_place(each, hit, moments)), None)
        if stack is None:
            stacks.append([hit])
            same.append(stacks[-1])
        else:
            stack.append(hit)
    return [tuple(stack) for stack in stacks]


def _is_same_place(stack: Sequence[FusedVideo], hit: FusedVideo, moments: Mapping[str, Moment]) -> bool:
    """Whether a hit that is a moment shows what another video's does that leads a stack."""
    first, start = (moments[each.moments[0].moment_id].start_seconds for each in (stack[0], hit))
    return abs(first - start) <= SAME_SECONDS and all(each.video_id != hit.video_id for each in stack)


def _is_same(better: Moment, moment: Moment, pictures: Pictures) -> bool:
    first, second = sorted((better, moment), key=lambda each: each.start_seconds)
    return (
        _is_near(first, second)
        and words_of(first) == words_of(second)
        and _cosine(first, second, pictures) >= SAME_PICTURE
    )


def _is_near(earlier: Moment, later: Moment) -> bool:
    return later.start_seconds - earlier.stop_seconds <= NEAR_SECONDS


def _cosine(one: Moment, other: Moment, pictures: Pictures) -> float:
    """How near two pictures are; 0 where one of them is not there."""
    a, b = pictures.get(one.moment_id), pictures.get(other.moment_id)
    if a is None or b is None:
        return 0.0
    length = float(np.linalg.norm(a) * np.linalg.norm(b))
    return float(a @ b) / length if length else 0.0
