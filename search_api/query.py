"""What a client may ask: the HTTP models of a search."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from search_api.fusion import LegName
from search_api.legs import Filters
from search_api.search import Query

MOST_CHARACTERS = 1000

QueryText = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=MOST_CHARACTERS),
    Field(description="What to find, in Russian, English or both.", examples=["ask what you can do for your country"]),
]
Limit = Annotated[int, Field(ge=1, le=100, description="Most videos in the answer.")]
MomentsPerVideo = Annotated[int, Field(ge=1, le=20, description="Most moments of one video.")]
Weight = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Values = Annotated[list[Annotated[str, Field(min_length=1, max_length=1024)]], Field(max_length=100)]


class FilterRequest(BaseModel):
    """What a hit must be. Each list that is not empty must hold the hit's value."""

    model_config = ConfigDict(extra="forbid")

    video_id: Values = Field(default=[], description="kadr's own ids.")
    external_id: Values = Field(default=[], description="The publisher's ids.")
    bucket: Values = Field(default=[], description="Buckets.")
    language: Values = Field(default=[], description="Languages, ISO 639-1.")
    categories: Values = Field(default=[], description="The publisher's categories; one in common is enough.")

    def to_filters(self) -> Filters:
        """The same as a value."""
        return Filters(**{name: tuple(values) for name, values in self.model_dump().items()})


class SearchRequest(BaseModel):
    """A search."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"query": "ask what you can do for your country"},
                {"query": "кошка на снегу", "limit": 5, "filters": {"language": ["ru"]}},
                {"query": "frog", "legs": {"speech_text": 0.7, "metadata_text": 0.3}, "explain": True},
            ]
        },
    )

    query: QueryText
    limit: Limit = 10
    moments_per_video: MomentsPerVideo = 3
    legs: dict[LegName, Weight] | None = Field(
        default=None, description="Legs to run and their weights, instead of the configured ones; one must be above 0."
    )
    filters: FilterRequest = Field(default_factory=FilterRequest, description="What a hit must be.")
    explain: bool = Field(default=False, description="Say in the answer how each leg did.")

    @model_validator(mode="after")
    def _check_weights(self) -> Self:
        if self.legs is not None and not any(self.legs.values()):
            raise ValueError("legs must name one leg at least with a weight above 0")
        return self

    def to_query(self, weights: Mapping[LegName, float]) -> Query:
        """The same as a value; `weights` are used where the request names none."""
        return Query(
            text=self.query,
            limit=self.limit,
            moments_per_video=self.moments_per_video,
            weights=weights if self.legs is None else self.legs,
            filters=self.filters.to_filters(),
        )
