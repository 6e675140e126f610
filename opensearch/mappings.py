"""Comparing the mapping of an existing index with the one that kadr wants."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Properties = Mapping[str, Any]


class IndexMismatch(Exception):
    """An existing index cannot become what kadr wants; the message names the index, the difference and the way out."""


def new_fields(wanted: Properties, present: Properties) -> list[str]:
    """Dotted names of the fields (and sub-fields) that are wanted and not there yet, in written order."""
    known = dict(_flatten(present))
    return [name for name, _ in _flatten(wanted) if name not in known]


def refuse_conflicts(index: str, wanted: Properties, present: Properties) -> None:
    """Check that every field which is already there has the wanted type and, for a vector, the wanted dimension.

    Raises:
        IndexMismatch: the first field that differs; OpenSearch cannot change either in place.
    """
    known = dict(_flatten(present))
    for name, field in _flatten(wanted):
        if name not in known:
            continue
        for trait in ("type", "dimension"):
            before, after = _trait(known[name], trait), _trait(field, trait)
            if before != after:
                raise IndexMismatch(
                    f"index {index} has the field {name} with {trait} {before}, but {after} is wanted: "
                    f"use another model set name (KADR_MODEL_SET), or delete the index {index} and index again"
                )


def refuse_other_analysis(index: str, wanted: Properties, present: Properties) -> None:
    """Check that all text analysis which an index has is as wanted; what it lacks can be added.

    Raises:
        IndexMismatch: something differs; what was indexed with it would have to be indexed again.
    """
    for section, parts in wanted.items():
        for name, part in parts.items():
            if present.get(section, {}).get(name, part) != part:
                raise IndexMismatch(
                    f"index {index} was made with another {section} {name} than components/kadr-analysis.json has: "
                    f"use another model set name (KADR_MODEL_SET), or delete the index {index} and index again"
                )


def _trait(field: Properties, trait: str) -> Any:
    # OpenSearch leaves the type out of plain objects.
    return field.get(trait, "object" if trait == "type" else None)


def _flatten(properties: Properties, above: str = "") -> Iterator[tuple[str, Properties]]:
    for name, field in properties.items():
        yield above + name, field
        for members in ("properties", "fields"):
            yield from _flatten(field.get(members, {}), f"{above}{name}.")
