"""Walks: the rankings whose pages are still being turned.

A ranking is made once, by the first page, and kept: the pages behind it are read off it. So whatever is indexed in the
meantime, no page repeats or skips a hit. What a page shows is still asked of the ledger when it is turned to.

A walk is known only to the process that began it. Were a page made by searching again, as any process could, hits would
repeat and be skipped; were every ranking written to OpenSearch, every search would pay for pages that few turn to.
Behind a load balancer, clients that turn pages must come back to the same process (`sticky sessions`).
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace

import orjson

from search_api.found import Ranking
from search_api.paging.tokens import PageToken, new_walk
from search_api.problems import Refusal
from search_api.question import Query


@dataclass(slots=True)
class _Walk:
    ranking: Ranking
    search: bytes
    stale_at: float


class Walks:
    """Keeps the `capacity` rankings that were used last, each for so long after its last page."""

    def __init__(self, *, capacity: int, keep_seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._capacity = capacity
        self._keep_seconds = keep_seconds
        self._clock = clock
        self._walks: OrderedDict[bytes, _Walk] = OrderedDict()

    def __len__(self) -> int:
        """How many are kept."""
        return len(self._walks)

    def begin(self, ranking: Ranking, query: Query) -> bytes | None:
        """Keep a ranking; returns the name of its walk, or None where none are kept."""
        if not self._capacity:
            return None
        self._forget_stale()
        name = new_walk()
        self._walks[name] = _Walk(ranking, same_search(query), self._clock() + self._keep_seconds)
        while len(self._walks) > self._capacity:
            self._walks.popitem(last=False)
        return name

    def follow(self, token: PageToken, query: Query) -> Ranking:
        """Find the ranking that a token belongs to.

        Raises:
            Refusal: it is not kept, or belongs to another search.
        """
        self._forget_stale()
        walk = self._walks.get(token.walk)
        if walk is None:
            raise Refusal(
                410,
                "page-expired",
                f"page: the pages of this search are no longer kept ({self._keep_seconds:g} s after the last one at "
                "most, and only by the process that began it). Send the search again without `page`.",
            )
        if walk.search != same_search(query):
            raise Refusal(
                422,
                "page-of-another-search",
                "page: this token belongs to another search. Send it with the query, legs, filters and order of the "
                "first page; only `limit`, `moments_per_video`, `explain` and `facets` may change.",
            )
        if token.position > len(walk.ranking.hits):
            raise Refusal(422, "invalid-page", "page: there is no such page; take `next` of the last answer as it is.")
        walk.stale_at = self._clock() + self._keep_seconds
        self._walks.move_to_end(token.walk)
        return walk.ranking

    def _forget_stale(self) -> None:
        """Drop what is too old: the one that was used last is the last."""
        while self._walks:
            name, oldest = next(iter(self._walks.items()))
            if oldest.stale_at > self._clock():
                return
            del self._walks[name]


def same_search(query: Query) -> bytes:
    """The same bytes for queries that have the same ranking."""
    return orjson.dumps(
        replace(query, limit=1, moments_per_video=1, facets=()),
        default=dict,
        option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS | orjson.OPT_SERIALIZE_NUMPY,
    )
