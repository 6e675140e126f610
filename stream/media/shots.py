"""Moments from cuts: which pieces of a span are indexed and found."""

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise


def cut_moments(
    start_seconds: float,
    stop_seconds: float,
    cut_seconds: Iterable[float],
    *,
    shortest_seconds: float = 2.0,
    longest_seconds: float = 10.0,
) -> list[tuple[float, float]]:
    """Divide a span into moments of about 2-10 s that begin at cuts where they can.

    A shot that is too short joins its shorter neighbour within the span; a shot that is too long is divided evenly.
    Pieces of a divided shot may be shorter than `shortest_seconds` only where `longest_seconds` leaves no choice.

    Args:
        start_seconds: where the span starts.
        stop_seconds: where the span stops (a span shorter than `shortest_seconds` is one moment).
        cut_seconds: where shots begin, in any order; what lies outside the span is ignored.

    Returns:
        Half-open ranges, in order, that cover the span without gap or overlap; none for an empty span.

    Raises:
        ValueError: the span or the bounds are not finite or stand the wrong way round.
    """
    if not (math.isfinite(start_seconds) and math.isfinite(stop_seconds) and start_seconds <= stop_seconds):
        raise ValueError(f"not a span: {start_seconds = }, {stop_seconds = }")
    if not (0 < shortest_seconds <= longest_seconds < math.inf):
        raise ValueError(f"bounds are the wrong way round: {shortest_seconds = }, {longest_seconds = }")
    if start_seconds == stop_seconds:
        return []
    inside = sorted({cut for cut in cut_seconds if start_seconds < cut < stop_seconds})
    edges = _join_short([start_seconds, *inside, stop_seconds], shortest_seconds)
    return [piece for start, stop in pairwise(edges) for piece in _divide(start, stop, longest_seconds)]


def _join_short(edges: Sequence[float], shortest_seconds: float) -> list[float]:
    """Remove edges until no shot is too short (or one is left), shortest shot first."""
    kept = list(edges)
    while len(kept) > 2:
        lengths = [stop - start for start, stop in pairwise(kept)]
        shortest = min(range(len(lengths)), key=lengths.__getitem__)
        if lengths[shortest] >= shortest_seconds:
            break
        del kept[_edge_to_remove(lengths, shortest)]
    return kept


def _edge_to_remove(lengths: Sequence[float], shot: int) -> int:
    """Choose the edge between a shot and its shorter neighbour."""
    if shot == 0:
        return 1
    if shot == len(lengths) - 1 or lengths[shot - 1] <= lengths[shot + 1]:
        return shot
    return shot + 1


def _divide(start: float, stop: float, longest_seconds: float) -> list[tuple[float, float]]:
    """Divide a shot evenly into as few pieces as the longest moment allows."""
    # A hair of tolerance, so that rounding does not make seven pieces out of six times ten seconds.
    count = max(1, math.ceil((stop - start) / longest_seconds - 1e-9))
    edges = [start + (stop - start) * index / count for index in range(count)] + [stop]
    return list(pairwise(edges))
