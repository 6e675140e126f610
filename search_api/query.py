"""What a client may ask: the HTTP models of a search."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from search_api.filter_request import FilterRequest, Texts
from search_api.fusion import LegName
from search_api.search import GroupBy, Query, Sort
from search_api.syntax import parse

MOST_CHARACTERS = 1000


def _check_text(text: str) -> str:
    parse(text)
    return text


QueryText = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=MOST_CHARACTERS),
    AfterValidator(_check_text),
    Field(
        description=(
            "What to find, in Russian, English or both. A phrase in quotation marks must be there word for word, in "
            'the speech or in the title or description; `-word` and `-"a phrase"` must be in neither. "Without snow", '
            '"кошка без снега", ", not red" and the like mean the same and lead away from such pictures, too.'
        ),
        examples=["ask what you can do for your country", 'кошка без снега "на крыше"', "street -cars"],
    ),
]
Limit = Annotated[int, Field(ge=1, le=100, description="Most hits in the answer.")]
MomentsPerVideo = Annotated[int, Field(ge=1, le=20, description="Most moments of one video, where a hit is a video.")]
MinConfidence = Annotated[
    float,
    Field(
        ge=0,
        lt=1,
        allow_inf_nan=False,
        description="Leave out what a vector leg is less sure of, instead of what is configured; 0 keeps everything.",
    ),
]
SortBy = Annotated[Sort, Field(description="Best first, or by the date of publication.")]
Group = Annotated[GroupBy, Field(description="Whether a hit is a video or one moment of a video.")]
Explain = Annotated[bool, Field(description="Say in the answer how each leg did.")]
Weight = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class Format(StrEnum):
    """How an answer is written."""

    JSON = "json"
    CSV = "csv"


class SearchRequest(BaseModel):
    """A search."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"query": "ask what you can do for your country"},
                {"query": "кошка на снегу", "limit": 5, "filters": {"language": ["ru"]}},
                {"query": "frog", "legs": {"speech_text": 0.7, "metadata_text": 0.3}, "explain": True},
                {"query": "улица без машин", "group_by": "moment", "min_confidence": 0.95},
                {
                    "query": '"green frogs" -water',
                    "sort": "newest",
                    "filters": {
                        "categories": {"any_of": ["nature"], "none_of": ["news"]},
                        "duration_seconds": {"lt": 600},
                        "published_at": {"gte": "2024-01-01"},
                        "attributes": {"season": ["spring", "summer"]},
                    },
                },
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
    sort: SortBy = Sort.RELEVANCE
    group_by: Group = GroupBy.VIDEO
    min_confidence: MinConfidence | None = None
    explain: Explain = False

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.legs is not None and not any(self.legs.values()):
            raise ValueError("legs must name one leg at least with a weight above 0")
        return self

    def to_query(self, weights: Mapping[LegName, float]) -> Query:
        """The same as a value; `weights` are used where the request names none."""
        return Query(
            wanted=parse(self.query),
            limit=self.limit,
            moments_per_video=self.moments_per_video,
            weights=weights if self.legs is None else self.legs,
            filters=self.filters.to_filters(),
            sort=self.sort,
            group_by=self.group_by,
            min_confidence=self.min_confidence,
        )


class SearchAddress(BaseModel):
    """A search in the parameters of an address; filters that can be repeated take one of their values."""

    model_config = ConfigDict(extra="forbid")

    q: QueryText
    limit: Limit = 10
    moments_per_video: MomentsPerVideo = 3
    sort: SortBy = Sort.RELEVANCE
    group_by: Group = GroupBy.VIDEO
    min_confidence: MinConfidence | None = None
    explain: Explain = False
    format: Format | None = Field(default=None, description="csv or json, whatever the Accept header says.")
    video_id: Texts = Field(default=[], description="kadr's own ids.")
    external_id: Texts = Field(default=[], description="The publisher's ids.")
    bucket: Texts = Field(default=[], description="Buckets.")
    language: Texts = Field(default=[], description="Languages, ISO 639-1.", examples=[["ru"]])
    categories: Texts = Field(default=[], description="The publisher's categories.")

    def to_request(self) -> SearchRequest:
        """The same as the body of a search."""
        filters = FilterRequest(
            video_id=self.video_id,
            external_id=self.external_id,
            bucket=self.bucket,
            language=self.language,
            categories=self.categories,
        )
        return SearchRequest(
            query=self.q,
            limit=self.limit,
            moments_per_video=self.moments_per_video,
            filters=filters,
            sort=self.sort,
            group_by=self.group_by,
            min_confidence=self.min_confidence,
            explain=self.explain,
        )
