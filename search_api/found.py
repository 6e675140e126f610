"""What a search found: all of it in its order, and the page of it that is shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from search_api.facets.values import Facets
from search_api.fusion import FusedVideo, LegName
from search_api.moments import Marked, Moment
from search_api.show import LedgerVideo
from search_api.warned import SearchWarning

_NONE_COLLAPSED: Mapping[str, int] = MappingProxyType({})
MarkedTexts = Mapping[str, Sequence[str]]
"""Passages of texts by field, in which OpenSearch marked the matches."""
_NONE_MARKED: Mapping[str, MarkedTexts] = MappingProxyType({})


class SearchUnavailable(Exception):
    """A search cannot be answered now: OpenSearch is away, or no leg is left; the message says which and why."""


def remedy(reason: str) -> str:
    """Says what helps when OpenSearch refuses: what does not exist has to be set up, what starts only takes time."""
    missing = "index_not_found" in reason
    return "Is kadr set up? Try `kadr init`." if missing else "It may still be starting: try again soon."


@dataclass(frozen=True, slots=True)
class LegReport:
    """How a leg did: its weight, its hits, those cut off as chance and those that the ledger does not vouch for.

    `took_ms` is the time inside OpenSearch, if it said so.
    """

    weight: float
    hits: int
    cut: int
    hidden: int
    took_ms: float | None = None


@dataclass(frozen=True, slots=True)
class Ranking:
    """All that a search found, in the order in which its pages show it; mappings are by moment id.

    `metadata` has, by video id, what matches of title, description and tags. Each entry of `hits` is a hit and, behind
    it, the copies that it stands for. `collapsed` says for how many near-duplicates a moment stands. `depth` is how
    many hits each leg gave at most, `full` whether one gave so many.
    """

    hits: tuple[tuple[FusedVideo, ...], ...]
    moments: Mapping[str, Moment]
    highlights: Mapping[str, Marked]
    legs: Mapping[LegName, LegReport]
    warnings: tuple[SearchWarning, ...]
    collapsed: Mapping[str, int] = field(default_factory=lambda: _NONE_COLLAPSED)
    depth: int = 1
    full: bool = False
    metadata: Mapping[str, MarkedTexts] = field(default_factory=lambda: _NONE_MARKED)

    @property
    def left_out(self) -> int:
        """How many near-duplicates and copies are not shown for themselves."""
        return sum(self.collapsed.values()) + sum(len(copies) - 1 for copies in self.hits)


@dataclass(frozen=True, slots=True)
class FoundVideo:
    """A video with its place in the ledger, its best moments, and the ids of the videos of the same content."""

    ledger: LedgerVideo
    fused: FusedVideo
    copies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """A page of what a search found; `moments`, `highlights` and `collapsed` are by moment id, `metadata` by video id.

    `left_out` counts the near-duplicates and copies of the whole ranking; `next` is the token of the next page.
    """

    videos: tuple[FoundVideo, ...]
    moments: Mapping[str, Moment]
    highlights: Mapping[str, Marked]
    legs: Mapping[LegName, LegReport]
    warnings: tuple[SearchWarning, ...]
    took_ms: float
    collapsed: Mapping[str, int] = field(default_factory=lambda: _NONE_COLLAPSED)
    left_out: int = 0
    next: str | None = None
    facets: Facets | None = None
    metadata: Mapping[str, MarkedTexts] = field(default_factory=lambda: _NONE_MARKED)
