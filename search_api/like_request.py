"""What a client may ask of a search that starts from a picture or a moment instead of words: the HTTP models."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from search_api.filter_request import FilterRequest, Texts
from search_api.filters import Filters
from search_api.fusion import LegName
from search_api.legs import Vector
from search_api.query import Collapse, Explain, Group, Limit, MinConfidence, MomentsPerVideo, PageText, SortBy
from search_api.question import GroupBy, Query, Sort
from search_api.syntax import Wanted

_SIMPLE_FILTERS = ("video_id", "external_id", "bucket", "language", "categories")
LIST_FIELDS = frozenset(_SIMPLE_FILTERS)
"""The parameters that may come several times."""
_DEFAULT_LIMIT = 10


def _check_filters(text: str) -> str:
    try:
        FilterRequest.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ValueError(f"{place}: {first['msg']}" if place else f"{first['msg']}") from None
    return text


FiltersText = Annotated[
    str,
    StringConstraints(min_length=2, max_length=20_000),
    AfterValidator(_check_filters),
    Field(
        description="All filters of `POST /search`, as JSON.",
        examples=['{"categories": {"none_of": ["news"]}, "duration_seconds": {"lt": 600}}'],
    ),
]


class LikeRequest(BaseModel):
    """How to search by a picture or a moment: the parameters of an address or the fields of a form.

    Filters that can be repeated take one of their values; `filters` holds any filter, as JSON.
    """

    model_config = ConfigDict(extra="forbid")

    limit: Limit | None = Field(default=None, description=f"Most hits in the answer; {_DEFAULT_LIMIT} if not said.")
    k: Limit | None = Field(default=None, description="The same as `limit`.")
    moments_per_video: MomentsPerVideo = 3
    sort: SortBy = Sort.RELEVANCE
    group_by: Group = GroupBy.VIDEO
    min_confidence: MinConfidence | None = None
    collapse: Collapse = True
    page: PageText | None = None
    explain: Explain = False
    filters: FiltersText | None = None
    video_id: Texts = Field(default=[], description="kadr's own ids.")
    external_id: Texts = Field(default=[], description="The publisher's ids.")
    bucket: Texts = Field(default=[], description="Buckets.")
    language: Texts = Field(default=[], description="Languages, ISO 639-1.", examples=[["ru"]])
    categories: Texts = Field(default=[], description="The publisher's categories.")

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.limit is not None and self.k is not None and self.limit != self.k:
            raise ValueError("limit and k mean the same: send one of them")
        twice = sorted(self._simple().keys() & self._structured().keys())
        if twice:
            raise ValueError(f"said twice, also inside filters: {', '.join(twice)}")
        return self

    def to_filters(self) -> Filters:
        """The filters as a value."""
        return FilterRequest.model_validate({**self._structured(), **self._simple()}).to_filters()

    def to_query(self, vectors: Mapping[LegName, Vector], weights: Mapping[LegName, float], filters: Filters) -> Query:
        """The same as a value: without words, from vectors that are known.

        Args:
            weights: of all legs, as configured; where all that have a vector are switched off, each counts the same.
        """
        given = {leg: weights.get(leg, 0.0) for leg in vectors}
        return Query(
            wanted=Wanted("", ""),
            limit=self.limit or self.k or _DEFAULT_LIMIT,
            moments_per_video=self.moments_per_video,
            weights=given if any(given.values()) else dict.fromkeys(vectors, 1.0),
            filters=filters,
            sort=self.sort,
            group_by=self.group_by,
            min_confidence=self.min_confidence,
            vectors=vectors,
            collapse=self.collapse,
        )

    def _simple(self) -> dict[str, Any]:
        return {name: values for name in _SIMPLE_FILTERS if (values := getattr(self, name))}

    def _structured(self) -> dict[str, Any]:
        if self.filters is None:
            return {}
        return FilterRequest.model_validate_json(self.filters).model_dump(exclude_unset=True)
