from typing import Any

import pytest

from search_api.facets.bodies import MOST_LISTED, count_attribute, counting_body, other_filters, read_values
from search_api.facets.values import FacetValue
from search_api.filters import Between, Filters, OneOf
from search_api.fusion import LegName
from search_api.legs import Asked
from search_api.mentions import NONE
from search_api.syntax import parse

TEXTS = (LegName.SPEECH_TEXT, LegName.METADATA_TEXT)


def body(*fields: str, legs: tuple[LegName, ...] = TEXTS, near: tuple[str, ...] = ()) -> dict[str, Any]:
    asked = Asked(parse("frog"), NONE, Filters(language=OneOf(("ru",))))
    return counting_body(asked, legs, near, fields, timeout_seconds=0.5)


def bucket(videos: int, **fields: Any) -> dict[str, Any]:
    return {**fields, "videos": {"value": videos}}


def test_counts_what_any_leg_that_ran_matches_and_nothing_else() -> None:
    query = body("bucket", near=("a:1", "b:1"))["query"]["bool"]
    assert len(query["should"]) == 3 and query["minimum_should_match"] == 1
    assert {"ids": {"values": ["a:1", "b:1"]}} in query["should"]
    assert query["filter"] == [{"terms": {"language": ["ru"]}}]

    assert len(body("bucket", legs=TEXTS[:1])["query"]["bool"]["should"]) == 1
    assert body("bucket", legs=(LegName.PICTURE_VECTOR,))["query"] == {"match_none": {}}


def test_attributes_are_counted_from_a_bounded_list_of_videos() -> None:
    aggregations = body("language", "attributes.season")["aggs"]

    assert set(aggregations) == {"videos", "matching", "language"}
    assert aggregations["matching"]["terms"]["size"] == MOST_LISTED


def test_ranges_are_read_as_bounds_and_empty_ones_left_out() -> None:
    durations = {"buckets": [bucket(2, to=60.0), bucket(0, **{"from": 60.0, "to": 300.0}), bucket(1, **{"from": 3600})]}
    assert read_values("duration_seconds", durations) == (FacetValue(2, lt=60.0), FacetValue(1, gte=3600))

    dates = {"buckets": [bucket(1, key_as_string="2024-01-01"), bucket(0, key_as_string="2025-01-01")]}
    assert read_values("published_at", dates) == (FacetValue(1, gte="2024-01-01", lt="2025-01-01"),)

    last = {"buckets": [bucket(4, key_as_string="2024-01-01")]}
    assert read_values("published_at", last) == (FacetValue(4, gte="2024-01-01"),)
    assert read_values("published_at", {"buckets": []}) == ()


def test_values_of_an_attribute_come_most_videos_first() -> None:
    documents = [{"attributes": {"part": 2}}, {"attributes": {"part": 1}}, {"attributes": {"part": 2}}, {}]

    assert count_attribute("attributes.part", documents) == (FacetValue(2, value="2"), FacetValue(1, value="1"))


@pytest.mark.parametrize("field", ["language", "duration_seconds", "attributes.season"])
def test_a_field_is_counted_without_its_own_filter_alone(field: str) -> None:
    filters = Filters(
        language=OneOf(("ru",)),
        bucket=OneOf(("b",)),
        duration_seconds=Between(lt=60),
        attributes={"season": OneOf(("spring",)), "part": OneOf(("1",))},
    )

    others = other_filters(filters, field)

    assert others is not None
    assert len(others.clauses()) == len(filters.clauses()) - 1
    assert not any(field in str(clause) for clause in others.clauses())
    assert other_filters(others, field) is None
