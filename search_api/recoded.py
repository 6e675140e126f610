"""Uploads of one film in several encodings: other bytes, but the same is said and shown at the same seconds.

That is told from what a search found: two videos of equal length in which, at the same second, the same words are said
before nearly the same picture, and no such words before another picture. Silent films are not compared: a picture that
hardly changes says too little. Pure functions.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

from search_api.fusion import FusedVideo
from search_api.moments import Moment
from search_api.show import Ledger, LedgerVideo

SAME_SECONDS = 0.5
"""Encodings shift a film, and change its length, by less than this."""
RECODED_PICTURE = 0.95
"""A smaller size and a lower quality leave at least this cosine: 0.977 to 0.998 were seen, and 0.5 for other scenes."""
_MOST_ALIKE = 8
"""With so many moments of the same words each one is compared: a word such as "yes" is said in many videos."""

Pair = tuple[Moment, Moment]


def pairs(videos: Iterable[FusedVideo], moments: Mapping[str, Moment], ledger: Ledger) -> list[Pair]:
    """Moments of two videos that may be one film in which the same is said at the same second, the better one first."""
    said: dict[str, list[Moment]] = defaultdict(list)
    found: list[Pair] = []
    for video in videos:
        for moment in (moments[fused.moment_id] for fused in video.moments):
            if not moment.speech:
                continue
            others = said[words_of(moment)]
            found += [
                (better, moment)
                for better in others
                if abs(better.start_seconds - moment.start_seconds) <= SAME_SECONDS
                and _may_be_one(ledger[better.claim.video_id], ledger[moment.claim.video_id])
            ]
            if len(others) < _MOST_ALIKE:
                others.append(moment)
    return found


def recoded(compared: Sequence[Pair], look_alike: Callable[[Moment, Moment], bool]) -> dict[str, str]:
    """For each video that is another encoding of a better one, that one; of several encodings, the best."""
    verdicts: dict[tuple[str, str], bool] = {}
    for better, other in compared:
        videos = better.claim.video_id, other.claim.video_id
        verdicts[videos] = verdicts.get(videos, True) and look_alike(better, other)
    found: dict[str, str] = {}
    for (better_id, other_id), same in verdicts.items():
        if same and other_id not in found:
            found[other_id] = found.get(better_id, better_id)
    return found


def words_of(moment: Moment) -> str:
    """What is said, so that it can be compared."""
    return " ".join((moment.speech or "").lower().split())


def _may_be_one(one: LedgerVideo, other: LedgerVideo) -> bool:
    """Whether they are two files of equal length; that two are the same file is known without comparing."""
    if one.content is None or other.content is None or one.content == other.content:
        return False
    lengths = one.duration_seconds, other.duration_seconds
    return lengths[0] is not None and lengths[1] is not None and abs(lengths[0] - lengths[1]) <= SAME_SECONDS
