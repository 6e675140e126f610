"""Which piece of one video is which piece of another: alike moments vote for an offset. Pure functions.

Moments are cut where shots change. A shot that stands in both videos therefore begins, or ends, at the same content in
both, wherever the rest of it was cut off: the differences of the starts and of the stops of alike moments are votes
for the offset between the videos. Wrong ones scatter, the right one repeats. A re-cut that leaves something out has
several offsets: the best is taken, what it explains is set aside, and the rest votes again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

TOLERANCE_SECONDS = 0.5
"""Votes that differ by less mean the same offset."""
FEWEST_SECONDS = 1.0
"""Shorter pieces are left out: a cut is not more exact."""
_MOST_OFFSETS = 10
_MOST_CANDIDATES = 32
"""So many offsets, those with the most votes, are tried out each time."""
_SHARED, _TOUCHED = 0.4, 0.05
"""So much of the shorter of two alike moments must lie upon the other to speak for an offset; once that is known, less
is enough to belong to it."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece `[start_seconds, stop_seconds)` of a video."""

    start_seconds: float
    stop_seconds: float

    def __post_init__(self) -> None:
        if not self.start_seconds < self.stop_seconds:
            raise ValueError(f"a piece starts before it stops: {self.start_seconds = }, {self.stop_seconds = }")

    @property
    def seconds(self) -> float:
        """How long it is."""
        return self.stop_seconds - self.start_seconds

    def shifted(self, seconds: float) -> Piece:
        """The same, later by so much."""
        return Piece(self.start_seconds + seconds, self.stop_seconds + seconds)


@dataclass(frozen=True, slots=True)
class Alike:
    """Two moments that look or sound alike: one here, one there; `likeness` is 1 for the same, 0 for unrelated."""

    here: Piece
    there: Piece
    likeness: float


@dataclass(frozen=True, slots=True)
class Interval:
    """A piece of this video that is found in the other one, `offset_seconds` later there."""

    here: Piece
    offset_seconds: float
    likeness: float

    @property
    def there(self) -> Piece:
        """The same piece in the other video."""
        return self.here.shifted(self.offset_seconds)


def align(pairs: Iterable[Alike]) -> list[Interval]:
    """The pieces that both videos have, in the order of time here; those of the best offset explain the most.

    Every second of this video is used once, and every second of the other one.
    """
    left = list(pairs)
    found: list[Interval] = []
    for _ in range(_MOST_OFFSETS):
        best = max((_support(offset, votes, left) for offset, votes in _candidates(left)), default=None)
        if best is None or best.seconds < FEWEST_SECONDS:
            break
        intervals = _merged(best.offset, _matched(best.offset, left, _TOUCHED))
        found += intervals
        left = [pair for pair in left if not _is_taken(pair, intervals)]
    return sorted(found, key=lambda interval: interval.here.start_seconds)


def main_offset(intervals: Sequence[Interval]) -> float:
    """The offset of most of the matched time."""
    seconds: dict[float, float] = {}
    for interval in intervals:
        seconds[interval.offset_seconds] = seconds.get(interval.offset_seconds, 0.0) + interval.here.seconds
    return max(seconds, key=lambda offset: (seconds[offset], -abs(offset)))


def score(intervals: Iterable[Interval], *, here_seconds: float, there_seconds: float) -> float:
    """How much of the shorter video is found in the other one, 0 to 1, less where it is less alike."""
    shorter = max(FEWEST_SECONDS, min(here_seconds, there_seconds))
    return min(1.0, sum(interval.here.seconds * interval.likeness for interval in intervals) / shorter)


@dataclass(frozen=True, slots=True, order=True)
class _Support:
    """What an offset explains; the larger the better: seconds by likeness, then votes, then a small offset."""

    weighted_seconds: float
    votes: float
    closeness: float
    offset: float
    seconds: float


def _candidates(pairs: Sequence[Alike]) -> list[tuple[float, float]]:
    """Offsets that were voted for, those with the most votes first; votes that lie close together count as one."""
    votes = sorted(
        (difference, pair.likeness)
        for pair in pairs
        for difference in (
            pair.there.start_seconds - pair.here.start_seconds,
            pair.there.stop_seconds - pair.here.stop_seconds,
        )
    )
    clusters: list[list[tuple[float, float]]] = []
    for vote in votes:
        if clusters and vote[0] - clusters[-1][0][0] <= TOLERANCE_SECONDS:
            clusters[-1].append(vote)
        else:
            clusters.append([vote])
    counted = [(_middle(cluster), sum(weight for _, weight in cluster)) for cluster in clusters]
    return sorted(counted, key=lambda candidate: (-candidate[1], abs(candidate[0])))[:_MOST_CANDIDATES]


def _middle(votes: Sequence[tuple[float, float]]) -> float:
    """The weighted median: exact where most votes agree, whatever the others say."""
    half = sum(weight for _, weight in votes) / 2
    passed = 0.0
    for offset, weight in votes:
        passed += weight
        if passed >= half:
            return offset
    return votes[-1][0]


def _support(offset: float, votes: float, pairs: Iterable[Alike]) -> _Support:
    matched = _matched(offset, pairs, _SHARED)
    weighted = sum((stop - start) * likeness for start, stop, likeness in matched)
    seconds = sum(stop - start for start, stop, _ in matched)
    return _Support(round(weighted, 3), round(votes, 3), -abs(offset), offset, seconds)


def _matched(offset: float, pairs: Iterable[Alike], shared: float) -> list[tuple[float, float, float]]:
    """The pieces of this video (start, stop, likeness) that lie upon alike ones; each second once."""
    matched: list[tuple[float, float, float]] = []
    for pair in pairs:
        start = max(pair.here.start_seconds, pair.there.start_seconds - offset)
        stop = min(pair.here.stop_seconds, pair.there.stop_seconds - offset)
        if stop - start >= shared * min(pair.here.seconds, pair.there.seconds):
            matched.append((start, stop, pair.likeness))
    return _without_overlap(matched)


def _without_overlap(matched: Iterable[tuple[float, float, float]]) -> list[tuple[float, float, float]]:
    """The same time once: where pieces overlap, the one that is most alike counts."""
    flat: list[tuple[float, float, float]] = []
    for start, stop, likeness in sorted(matched, key=lambda piece: (-piece[2], piece[0])):
        free = [(start, stop)]
        for taken_start, taken_stop, _ in flat:
            free = [
                (a, b)
                for low, high in free
                for a, b in ((low, min(high, taken_start)), (max(low, taken_stop), high))
                if b - a > 1e-6
            ]
        flat += [(a, b, likeness) for a, b in free]
    return sorted(flat)


def _merged(offset: float, matched: Sequence[tuple[float, float, float]]) -> list[Interval]:
    """Pieces that adjoin as one, with their mean likeness."""
    intervals: list[Interval] = []
    for start, stop, likeness in matched:
        last = intervals[-1] if intervals else None
        if last is not None and start - last.here.stop_seconds <= TOLERANCE_SECONDS:
            whole = Piece(last.here.start_seconds, stop)
            mean = (last.likeness * last.here.seconds + likeness * (stop - start)) / (last.here.seconds + stop - start)
            intervals[-1] = Interval(whole, offset, mean)
        else:
            intervals.append(Interval(Piece(start, stop), offset, likeness))
    return [interval for interval in intervals if interval.here.seconds >= FEWEST_SECONDS]


def _is_taken(pair: Alike, intervals: Iterable[Interval]) -> bool:
    """Whether most of either side is explained already."""
    here = sum(_shared(pair.here, interval.here) for interval in intervals)
    there = sum(_shared(pair.there, interval.there) for interval in intervals)
    return here > pair.here.seconds / 2 or there > pair.there.seconds / 2


def _shared(one: Piece, other: Piece) -> float:
    return max(0.0, min(one.stop_seconds, other.stop_seconds) - max(one.start_seconds, other.start_seconds))
