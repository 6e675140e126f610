"""Facets: of the videos that match a search, how many have each value of a field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

VALUED = ("language", "bucket", "categories")
RANGED = ("duration_seconds", "published_at")
ATTRIBUTE = "attributes."
MOST_VALUES = 20
"""So many values of a field are counted, those with the most videos."""
DURATION_BOUNDS = (60.0, 300.0, 1200.0, 3600.0)
MOST_DATES = 12


@dataclass(frozen=True, slots=True)
class FacetValue:
    """A value, or a range `[gte, lt)` (seconds or dates; None is no bound), and how many videos have it."""

    videos: int
    value: str | None = None
    gte: float | str | None = None
    lt: float | str | None = None


@dataclass(frozen=True, slots=True)
class Facets:
    """How many videos match, and of them, field by field, how many have which value.

    `approximate` is true while the index holds what the ledger no longer vouches for, or there is too much to be sure.
    """

    videos: int
    fields: Mapping[str, tuple[FacetValue, ...]]
    approximate: bool
