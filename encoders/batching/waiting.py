"""The requests that wait for one model, and which of them run together next."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from encoders.batching.lane import LaneFull
from encoders.values import Frames, Vectors

Kind = Literal["query", "passage", "picture", "frames"]
"""What one call of an encoder takes: texts of one purpose, pictures that search, or frames that are to be found.

Only items of one kind share a batch."""
_SEARCHING: frozenset[Kind] = frozenset({"query", "picture"})


QUERY_BATCHES_IN_A_ROW = 16
"""So many may pass bulk work that waits; then a batch of it goes, if it has waited for `BULK_PATIENCE_SECONDS`."""
BULK_PATIENCE_SECONDS = 1.0


@dataclass(slots=True, eq=False)
class Waiting:
    """One request: its items, how many of them went to the model, and the vectors that came back so far.

    `came` is when it came, `since` when its latest items went to the model, or else the same (`time.monotonic`).
    """

    kind: Kind
    items: Sequence[str] | Frames
    answer: asyncio.Future[list[Vectors]]
    came: float = field(default_factory=time.monotonic)
    taken: int = 0
    rows: list[Vectors] = field(default_factory=list)
    since: float = field(init=False)

    def __post_init__(self) -> None:
        self.since = self.came

    @property
    def left(self) -> int:
        """Items that still wait."""
        return len(self.items) - self.taken


@dataclass(frozen=True, slots=True)
class Part:
    """The items `[start, stop)` of a request."""

    request: Waiting
    start: int
    stop: int

    def __len__(self) -> int:
        return self.stop - self.start

    @property
    def items(self) -> Sequence[str] | Frames:
        """The items themselves."""
        return self.request.items[self.start : self.stop]


class WaitingLine:
    """Queries first, then everything else; within each, requests take turns, a batch at a time.

    Queries without end do not keep the rest waiting for ever: see `QUERY_BATCHES_IN_A_ROW`.

    Args:
        name: The model's part, for messages.
        max_items: Items that may wait, of queries and of the rest each, so that bulk work shuts no query out. A line
            with nothing in it takes any request.
        clock: Seconds, as `Waiting.since` counts them.
    """

    def __init__(self, name: str, *, max_items: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._name = name
        self._max_items = max_items
        self._clock = clock
        self._queries: deque[Waiting] = deque()
        self._bulk: deque[Waiting] = deque()
        self._queries_in_a_row = 0

    def __bool__(self) -> bool:
        return bool(self._queries or self._bulk)

    def add(self, request: Waiting) -> None:
        """Puts a request at the end.

        Raises:
            LaneFull: It does not fit.
        """
        line = self._line_of(request)
        waiting = _left(line)
        if waiting and waiting + request.left > self._max_items:
            raise LaneFull(self._name, waiting, "texts or pictures")
        line.append(request)

    def remove(self, request: Waiting) -> None:
        """Takes a request out, if it is there."""
        line = self._line_of(request)
        if request in line:
            line.remove(request)

    @property
    def waiting_queries(self) -> int:
        """Items of queries that wait."""
        return _left(self._queries)

    @property
    def waiting_bulk(self) -> int:
        """Other items that wait."""
        return _left(self._bulk)

    def fills(self, size: int) -> bool:
        """Whether the next batch would be full."""
        return sum(request.left for request in self._next_ones()) >= size

    def take(self, size: int) -> list[Part]:
        """Takes the next batch: at most `size` items, of one kind, at most one part per request.

        A request that does not fit as a whole goes on behind the others.
        """
        parts: list[Part] = []
        now, requests = self._clock(), list(self._next_ones())
        self._queries_in_a_row = self._queries_in_a_row + 1 if requests and requests[0].kind in _SEARCHING else 0
        for request in requests:
            if not size:
                break
            count = min(size, request.left)
            parts.append(Part(request, request.taken, request.taken + count))
            request.taken += count
            request.since = now
            size -= count
            self.remove(request)
            if request.left:
                self._line_of(request).append(request)
        return parts

    def clear(self) -> list[Waiting]:
        """Takes all out."""
        everything = [*self._queries, *self._bulk]
        self._queries.clear()
        self._bulk.clear()
        return everything

    def _next_ones(self) -> Iterable[Waiting]:
        line = self._bulk if self._bulk_is_due() else self._queries or self._bulk
        return (request for request in line if request.kind == line[0].kind)

    def _bulk_is_due(self) -> bool:
        if self._queries_in_a_row < QUERY_BATCHES_IN_A_ROW or not self._bulk:
            return False
        return self._clock() - min(request.since for request in self._bulk) >= BULK_PATIENCE_SECONDS

    def _line_of(self, request: Waiting) -> deque[Waiting]:
        return self._queries if request.kind in _SEARCHING else self._bulk


def _left(line: Iterable[Waiting]) -> int:
    return sum(request.left for request in line)
