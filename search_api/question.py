"""What is searched for: a query as a value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from search_api.filters import Filters
from search_api.fusion import Fusion, LegName
from search_api.legs import Vector
from search_api.syntax import Wanted


class GroupBy(StrEnum):
    """What a hit of the answer is."""

    VIDEO = "video"
    MOMENT = "moment"


class Sort(StrEnum):
    """The order of the hits: best first, or by the date of publication; hits without a date come last."""

    RELEVANCE = "relevance"
    NEWEST = "newest"
    OLDEST = "oldest"


@dataclass(frozen=True, slots=True)
class Query:
    """What to search for. Legs of weight 0 are left out; a leg that is not named has weight 0.

    `limit` counts videos or moments, as `group_by` says. `min_confidence` replaces the configured cut-off, `depth` the
    configured number of hits of each leg. With `collapse`, near-duplicates are shown once. `facets` names the fields
    whose values are counted. A leg whose vector is given in `vectors` is not encoded; with some, the text may be empty,
    and then only those legs can run.
    """

    wanted: Wanted
    limit: int
    moments_per_video: int
    weights: Mapping[LegName, float]
    filters: Filters
    sort: Sort = Sort.RELEVANCE
    group_by: GroupBy = GroupBy.VIDEO
    min_confidence: float | None = None
    vectors: Mapping[LegName, Vector] | None = None
    fusion: Fusion = Fusion.CALIBRATED
    collapse: bool = True
    depth: int | None = None
    facets: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.wanted.text.strip() and not self.vectors:
            raise ValueError("a query needs text")
        if self.limit < 1 or self.moments_per_video < 1:
            raise ValueError(f"a search asks for one hit at least: {self.limit = }, {self.moments_per_video = }")
        if self.depth is not None and self.depth < 1:
            raise ValueError(f"a leg looks at one hit at least: {self.depth = }")
        if not any(weight > 0 for weight in self.weights.values()):
            raise ValueError(f"one leg at least needs a weight above 0: {dict(self.weights) = }")
