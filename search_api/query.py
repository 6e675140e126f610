"""What a client may ask: the HTTP models of a search."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from search_api.filter_request import FilterRequest, Texts
from search_api.fusion import Fusion, LegName
from search_api.question import GroupBy, Query, Sort
from search_api.sequence import Then
from search_api.steps import MOST_SECONDS, WITHIN_SECONDS, read_steps
from search_api.syntax import parse
from search_api.vector_request import VectorRequest

MOST_CHARACTERS = 1000


def _check_text(text: str) -> str:
    steps = read_steps(text)
    parse(steps.first)
    if steps.second is not None:
        parse(steps.second)
    return text


QueryText = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=MOST_CHARACTERS),
    AfterValidator(_check_text),
    Field(
        description=(
            "What to find, in Russian, English or both. A phrase in quotation marks must be there word for word, in "
            'the speech or in the title or description; `-word` and `-"a phrase"` must be in neither. "Without snow", '
            '"кошка без снега", ", not red" and the like mean the same and lead away from such pictures, too. '
            "`cat -> dog` finds a cat after which, within 30 s, a dog comes; `cat ->10s dog` says within how many."
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
        description="Leave out what all legs together are less sure of; 0 keeps everything.",
    ),
]
SortBy = Annotated[Sort, Field(description="Best first, or by the date of publication.")]
Group = Annotated[GroupBy, Field(description="Whether a hit is a video or one moment of a video.")]
Explain = Annotated[bool, Field(description="Say in the answer how each leg did.")]
Fuse = Annotated[
    Fusion,
    Field(
        description="How the legs become one list: by how sure the hits are (calibrated), by their ranks (rrf), or by "
        "their scores (normalised)."
    ),
]
Collapse = Annotated[
    bool,
    Field(
        description=(
            "Show near-duplicates once: one film under several names or in several encodings, and moments close "
            "together in one video, with the same words and nearly the same picture."
        )
    ),
]
LegDepth = Annotated[
    int,
    Field(
        ge=1,
        le=1000,
        description="Hits that each leg looks at, instead of what is configured; the pages end with the last of them.",
    ),
]
PageText = Annotated[
    str,
    StringConstraints(min_length=1, max_length=200),
    Field(
        description=(
            "`next` of the answer before: shows the hits that follow. The rest of the search must be that of the first "
            "page. Pages of one search neither repeat nor skip a hit, whatever is indexed in the meantime."
        ),
        examples=["k3vV0mT1c0pXb2hZAAAK"],
    ),
]
FacetField = Annotated[
    str,
    StringConstraints(
        max_length=256,
        pattern=r"^(language|bucket|categories|duration_seconds|published_at|attributes\.[^\x00*]+)$",
    ),
]
FacetFields = Annotated[
    list[FacetField],
    Field(
        max_length=10,
        description=(
            "Fields whose values are counted over the videos that match: language, bucket, categories, "
            "duration_seconds, published_at, or attributes.NAME. A field that is filtered is counted without its own "
            "filter. Counted for the first page only."
        ),
        examples=[["language", "categories", "attributes.season"]],
    ),
]
Weight = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class Format(StrEnum):
    """How an answer is written."""

    JSON = "json"
    CSV = "csv"


Within = Annotated[float, Field(gt=0, le=MOST_SECONDS, allow_inf_nan=False)]


def _check_then(text: str, then: object, page: str | None, facets: object) -> None:
    typed = read_steps(text).second is not None
    if typed and then is not None:
        raise ValueError("what follows is said twice: in the query and in `then`")
    if (typed or then is not None) and (page is not None or facets):
        raise ValueError("what is found with a step that follows has one page and no facets")


def _check_last(text: str) -> str:
    if read_steps(text).second is not None:
        raise ValueError("what follows has no further step: only one arrow (->) or one `then`")
    return text


LastText = Annotated[QueryText, AfterValidator(_check_last)]


class ThenRequest(BaseModel):
    """What must follow in the same video."""

    model_config = ConfigDict(extra="forbid")

    text: LastText
    within_seconds: Within = Field(
        default=WITHIN_SECONDS, description="So late it may begin, after the end of what comes first."
    )


class SearchRequest(BaseModel):
    """A search."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"query": "ask what you can do for your country"},
                {"query": "кошка на снегу", "limit": 5, "filters": {"language": ["ru"]}},
                {"query": "frog", "legs": {"speech_text": 0.7, "metadata_text": 0.3}, "explain": True},
                {"query": "cat", "then": {"text": "dog", "within_seconds": 10}},
                {"query": "улица без машин", "group_by": "moment", "min_confidence": 0.95},
                {"query": "frog", "fusion": "normalised", "facets": ["language", "duration_seconds"], "limit": 5},
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
    fusion: Fuse = Fusion.CALIBRATED
    collapse: Collapse = True
    depth: LegDepth | None = None
    page: PageText | None = None
    facets: FacetFields = []
    explain: Explain = False
    then: ThenRequest | None = Field(
        default=None, description="What must follow in the same video; its moment is told beside the first."
    )
    vectors: VectorRequest | None = Field(
        default=None,
        description="The query's vectors, where the client has them: a leg whose vector is given is not encoded anew.",
    )

    @model_validator(mode="after")
    def _check(self) -> Self:
        _check_then(self.query, self.then, self.page, self.facets)
        if self.legs is not None and not any(self.legs.values()):
            raise ValueError("legs must name one leg at least with a weight above 0")
        return self

    def to_then(self) -> Then | None:
        """What must follow, as `then` or the text of the query says it; None if nothing must."""
        steps = read_steps(self.query)
        if self.then is not None:
            return Then(parse(self.then.text), self.then.within_seconds)
        return Then(parse(steps.second), steps.within_seconds) if steps.second is not None else None

    def to_query(self, weights: Mapping[LegName, float]) -> Query:
        """The same as a value; `weights` are used where the request names none."""
        return Query(
            wanted=parse(read_steps(self.query).first),
            limit=self.limit,
            moments_per_video=self.moments_per_video,
            weights=weights if self.legs is None else self.legs,
            filters=self.filters.to_filters(),
            sort=self.sort,
            group_by=self.group_by,
            min_confidence=self.min_confidence,
            fusion=self.fusion,
            collapse=self.collapse,
            depth=self.depth,
            facets=tuple(dict.fromkeys(self.facets)),
            vectors=self.vectors.by_leg() if self.vectors is not None else None,
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
    fusion: Fuse = Fusion.CALIBRATED
    collapse: Collapse = True
    depth: LegDepth | None = None
    page: PageText | None = None
    facets: FacetFields = []
    explain: Explain = False
    then: LastText | None = None
    within_seconds: Within | None = Field(default=None, description="So late what `then` says may begin.")
    format: Format | None = Field(default=None, description="csv or json, whatever the Accept header says.")
    video_id: Texts = Field(default=[], description="kadr's own ids.")
    external_id: Texts = Field(default=[], description="The publisher's ids.")
    bucket: Texts = Field(default=[], description="Buckets.")
    language: Texts = Field(default=[], description="Languages, ISO 639-1.", examples=[["ru"]])
    categories: Texts = Field(default=[], description="The publisher's categories.")

    @model_validator(mode="after")
    def _check(self) -> Self:
        _check_then(self.q, self.then, self.page, self.facets)
        if self.within_seconds is not None and self.then is None:
            raise ValueError("within_seconds goes with then; in the text of a query it is written `cat ->10s dog`")
        return self

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
            fusion=self.fusion,
            collapse=self.collapse,
            depth=self.depth,
            page=self.page,
            facets=self.facets,
            explain=self.explain,
            then=self._then(),
        )

    def _then(self) -> ThenRequest | None:
        if self.then is None:
            return None
        seconds = WITHIN_SECONDS if self.within_seconds is None else self.within_seconds
        return ThenRequest(text=self.then, within_seconds=seconds)
