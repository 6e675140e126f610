"""The saved objects for OpenSearch Dashboards speak of what the indices hold."""

import json
from pathlib import Path
from typing import Any

import pytest

import opensearch.bodies
from opensearch.bodies import read_bodies

OBJECTS = [
    json.loads(line)
    for line in (Path(opensearch.bodies.__file__).parent / "dashboards" / "kadr.ndjson").read_text("utf-8").splitlines()
]
BY_ID = {one["id"]: one for one in OBJECTS}


def fields(pattern: str) -> set[str]:
    mapping: dict[str, Any] = read_bodies("templates")[pattern]["template"]["mappings"]["properties"]
    return set(mapping)


@pytest.mark.parametrize("one", [o for o in OBJECTS if o["type"] == "index-pattern"], ids=lambda one: one["id"])
def test_patterns_are_the_aliases_and_hide_what_nobody_reads(one: dict[str, Any]) -> None:
    attributes = one["attributes"]
    hidden = {filter_["value"] for filter_ in json.loads(attributes["sourceFilters"])}
    mapping = read_bodies("templates")[attributes["title"]]["template"]["mappings"]["properties"]

    assert hidden <= set(mapping)
    assert {name for name, field in mapping.items() if field.get("type") == "knn_vector"} <= hidden
    assert (
        {attributes["timeFieldName"]} <= set(mapping) if "timeFieldName" in attributes else "updated_at" not in mapping
    )


@pytest.mark.parametrize("one", [o for o in OBJECTS if o["type"] == "search"], ids=lambda one: one["id"])
def test_searches_show_fields_of_their_pattern(one: dict[str, Any]) -> None:
    (reference,) = one["references"]
    pattern = BY_ID[reference["id"]]["attributes"]["title"]
    source = json.loads(one["attributes"]["kibanaSavedObjectMeta"]["searchSourceJSON"])

    assert source["indexRefName"] == reference["name"]
    assert set(one["attributes"]["columns"]) <= fields(pattern)
    assert {name for name, _ in one["attributes"]["sort"]} <= fields(pattern)
