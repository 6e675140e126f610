"""What a hit must be, besides matching: clauses for OpenSearch. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

Clause = dict[str, Any]
Number = float | int


@dataclass(frozen=True, slots=True)
class OneOf:
    """Values of a field: one of `any_of`, each of `all_of`, none of `none_of`; what is empty asks for nothing."""

    any_of: tuple[str, ...] = ()
    all_of: tuple[str, ...] = ()
    none_of: tuple[str, ...] = ()

    def clauses(self, name: str) -> list[Clause]:
        """The clauses for the keyword field `name`."""
        found: list[Clause] = [{"terms": {name: list(self.any_of)}}] if self.any_of else []
        found += [{"term": {name: value}} for value in self.all_of]
        return [*found, {"bool": {"must_not": [{"terms": {name: list(self.none_of)}}]}}] if self.none_of else found


@dataclass(frozen=True, slots=True)
class Between:
    """Bounds of a field: numbers, or dates as ISO 8601; None is no bound."""

    gte: Number | str | None = None
    gt: Number | str | None = None
    lte: Number | str | None = None
    lt: Number | str | None = None

    def clauses(self, name: str) -> list[Clause]:
        """The clauses for the field `name`; a document without that field is in no range."""
        bounds = {bound: getattr(self, bound) for bound in ("gte", "gt", "lte", "lt")}
        given = {bound: value for bound, value in bounds.items() if value is not None}
        return [{"range": {name: given}}] if given else []


_NO_ATTRIBUTES: Mapping[str, OneOf] = MappingProxyType({})
_VALUED = ("video_id", "external_id", "bucket", "language", "categories")
_RANGED = ("duration_seconds", "published_at")


@dataclass(frozen=True, slots=True)
class Filters:
    """What a hit must be: every field must be as it says. The fields have these names in both indices."""

    video_id: OneOf = OneOf()
    external_id: OneOf = OneOf()
    bucket: OneOf = OneOf()
    language: OneOf = OneOf()
    categories: OneOf = OneOf()
    duration_seconds: Between = Between()
    published_at: Between = Between()
    attributes: Mapping[str, OneOf] = field(default_factory=lambda: _NO_ATTRIBUTES)

    def without(self, name: str) -> Filters:
        """The same without the condition on one field, such as `language` or `attributes.season`."""
        nothing: dict[str, Any] = {**dict.fromkeys(_VALUED, OneOf()), **dict.fromkeys(_RANGED, Between())}
        if name in nothing:
            return replace(self, **{name: nothing[name]})
        attribute = name.removeprefix("attributes.")
        return replace(self, attributes={key: value for key, value in self.attributes.items() if key != attribute})

    def clauses(self) -> list[Clause]:
        """The filter clauses for OpenSearch; empty when nothing is filtered."""
        found: list[Clause] = []
        for name in (*_VALUED, *_RANGED):
            found += getattr(self, name).clauses(name)
        for name, values in self.attributes.items():
            found += values.clauses(f"attributes.{name}")
        return found
