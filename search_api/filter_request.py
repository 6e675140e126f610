"""What a client may filter by: the HTTP models."""

from __future__ import annotations

import math
from datetime import date, datetime
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from search_api.filters import Between, Filters, OneOf

MOST_VALUES = 100
MOST_ATTRIBUTES = 20


def _check_date(value: str) -> str:
    """Check a date, or a date and time, in the forms of ISO 8601 that OpenSearch reads as well."""
    try:
        parsed = date.fromisoformat(value) if len(value) == 10 else datetime.fromisoformat(value)
    except ValueError:
        raise ValueError("a date is written as 2024-05-31 or 2024-05-31T12:00:00Z") from None
    return parsed.isoformat()


Text = Annotated[str, StringConstraints(min_length=1, max_length=1024)]
Number = Annotated[float, Field(ge=0, le=1e9, allow_inf_nan=False)]
Day = Annotated[
    str,
    StringConstraints(pattern=r"^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)?)?$"),
    AfterValidator(_check_date),
]
Texts = Annotated[list[Text], Field(max_length=MOST_VALUES)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=256, pattern=r"^[^\x00*]+$")]
Scalar = Text | Annotated[int, Field(ge=-(2**63), lt=2**63)] | Annotated[float, Field(allow_inf_nan=False)]
Scalars = Annotated[list[Scalar], Field(max_length=MOST_VALUES)]


class Values(BaseModel):
    """Conditions on a field's values; all that are given must hold. A plain list means `any_of`."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"any_of": ["nature"], "none_of": ["news"]}]}
    )

    any_of: Texts = Field(default=[], description="One of these, at least.")
    all_of: Texts = Field(default=[], description="Each of these; only a field with several values can have several.")
    none_of: Texts = Field(default=[], description="None of these.")

    def to_value(self) -> OneOf:
        """The same as a value."""
        return OneOf(tuple(self.any_of), tuple(self.all_of), tuple(self.none_of))


class AttributeValues(BaseModel):
    """Conditions on the value of an attribute.

    The index compares attributes as text: a number is equal or not, a range of numbers cannot be asked for.
    """

    model_config = ConfigDict(extra="forbid")

    any_of: Scalars = Field(default=[], description="One of these.")
    none_of: Scalars = Field(default=[], description="None of these.")

    def to_value(self) -> OneOf:
        """The same as a value; a whole number is searched in both of its spellings."""
        return OneOf(_spellings(self.any_of), (), _spellings(self.none_of))


class _Bounds(BaseModel):
    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="after")
    def _check(self) -> Self:
        given = self.model_dump(exclude_none=True)
        if not given:
            raise ValueError("a range has one bound at least, of gte, gt, lte and lt")
        if {"gte", "gt"} <= given.keys() or {"lte", "lt"} <= given.keys():
            raise ValueError("a range has one lower and one upper bound: gte or gt, lte or lt")
        return self

    def to_value(self) -> Between:
        """The same as a value."""
        return Between(**self.model_dump())


class NumberRange(_Bounds):
    """A range of numbers."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"gte": 60, "lt": 600}]})

    gte: Number | None = None
    gt: Number | None = None
    lte: Number | None = None
    lt: Number | None = None


class DateRange(_Bounds):
    """A range of dates, ISO 8601. Without a zone it is UTC; a date without a time is the whole day."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"gte": "2024-01-01", "lt": "2025-01-01"}]})

    gte: Day | None = None
    gt: Day | None = None
    lte: Day | None = None
    lt: Day | None = None


class FilterRequest(BaseModel):
    """What a hit must be: every field that is named must be as it says."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"language": ["ru"]},
                {
                    "categories": {"any_of": ["nature", "travel"], "none_of": ["news"]},
                    "duration_seconds": {"lt": 600},
                    "published_at": {"gte": "2024-01-01"},
                    "attributes": {"season": ["winter"], "episode": 7},
                },
            ]
        },
    )

    video_id: Texts | Values = Field(default=[], description="kadr's own ids.")
    external_id: Texts | Values = Field(default=[], description="The publisher's ids.")
    bucket: Texts | Values = Field(default=[], description="Buckets.")
    language: Texts | Values = Field(default=[], description="Languages, ISO 639-1.")
    categories: Texts | Values = Field(default=[], description="The publisher's categories.")
    duration_seconds: NumberRange | None = Field(default=None, description="Length of the video, in seconds.")
    published_at: DateRange | None = Field(default=None, description="When the publisher published the video.")
    attributes: dict[Name, Scalar | Scalars | AttributeValues] = Field(
        default={}, max_length=MOST_ATTRIBUTES, description="The publisher's attributes, by name."
    )

    def to_filters(self) -> Filters:
        """The same as a value."""
        return Filters(
            video_id=_one_of(self.video_id),
            external_id=_one_of(self.external_id),
            bucket=_one_of(self.bucket),
            language=_one_of(self.language),
            categories=_one_of(self.categories),
            duration_seconds=self.duration_seconds.to_value() if self.duration_seconds else Between(),
            published_at=self.published_at.to_value() if self.published_at else Between(),
            attributes={name: _attribute(values) for name, values in self.attributes.items()},
        )


def _one_of(values: list[str] | Values) -> OneOf:
    return values.to_value() if isinstance(values, Values) else OneOf(tuple(values))


def _attribute(values: str | int | float | list[str | int | float] | AttributeValues) -> OneOf:
    if isinstance(values, AttributeValues):
        return values.to_value()
    return OneOf(_spellings(values if isinstance(values, list) else [values]))


def _spellings(values: list[str | int | float]) -> tuple[str, ...]:
    """The texts that the index may hold for these values: 7 is stored as 7 or as 7.0, as the publisher wrote it."""
    found: list[str] = []
    for value in values:
        whole = isinstance(value, int) or (isinstance(value, float) and math.isfinite(value) and value == int(value))
        found += [str(value)] if not whole else [str(int(value)), f"{int(value)}.0"]
    return tuple(dict.fromkeys(found))
