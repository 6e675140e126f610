from typing import Any

import pytest
from pydantic import ValidationError

from search_api.filter_request import MOST_ATTRIBUTES, MOST_VALUES, FilterRequest

CLAUSES: list[tuple[dict[str, Any], list[dict[str, Any]]]] = [
    ({}, []),
    ({"language": []}, []),
    ({"language": ["ru", "en"]}, [{"terms": {"language": ["ru", "en"]}}]),
    ({"video_id": {"any_of": ["a"]}}, [{"terms": {"video_id": ["a"]}}]),
    ({"categories": {"all_of": ["a", "b"]}}, [{"term": {"categories": "a"}}, {"term": {"categories": "b"}}]),
    ({"bucket": {"none_of": ["a", "b"]}}, [{"bool": {"must_not": [{"terms": {"bucket": ["a", "b"]}}]}}]),
    (
        {"external_id": ["x"], "categories": {"any_of": ["a"], "none_of": ["b"]}},
        [
            {"terms": {"external_id": ["x"]}},
            {"terms": {"categories": ["a"]}},
            {"bool": {"must_not": [{"terms": {"categories": ["b"]}}]}},
        ],
    ),
    ({"duration_seconds": {"gte": 60, "lt": 600.5}}, [{"range": {"duration_seconds": {"gte": 60.0, "lt": 600.5}}}]),
    (
        {"published_at": {"gt": "2024-05-31T12:00:00Z", "lte": "2024-06-01"}},
        [{"range": {"published_at": {"gt": "2024-05-31T12:00:00+00:00", "lte": "2024-06-01"}}}],
    ),
    ({"attributes": {"colour": "red"}}, [{"terms": {"attributes.colour": ["red"]}}]),
    ({"attributes": {"season": ["winter", 7]}}, [{"terms": {"attributes.season": ["winter", "7", "7.0"]}}]),
    ({"attributes": {"rate": 2.5}}, [{"terms": {"attributes.rate": ["2.5"]}}]),
    (
        {"attributes": {"a": {"none_of": ["x"]}}},
        [{"bool": {"must_not": [{"terms": {"attributes.a": ["x"]}}]}}],
    ),
]


@pytest.mark.parametrize(("fields", "clauses"), CLAUSES)
def test_clauses(fields: dict[str, Any], clauses: list[dict[str, Any]]) -> None:
    assert FilterRequest.model_validate(fields).to_filters().clauses() == clauses


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"colour": ["red"]}, "colour"),
        ({"language": {"some_of": ["ru"]}}, "some_of"),
        ({"language": [""]}, "at least 1 character"),
        ({"language": ["x" * 1025]}, "1024"),
        ({"language": "ru"}, "list"),
        ({"bucket": ["b"] * (MOST_VALUES + 1)}, f"{MOST_VALUES}"),
        ({"bucket": {"none_of": ["b"] * (MOST_VALUES + 1)}}, f"{MOST_VALUES}"),
        ({"duration_seconds": {}}, "one bound at least"),
        ({"duration_seconds": {"gt": 1, "gte": 1}}, "gte or gt"),
        ({"duration_seconds": {"gt": -1}}, "greater than or equal to 0"),
        ({"duration_seconds": {"gt": float("nan")}}, "finite"),
        ({"duration_seconds": {"from": 1}}, "from"),
        ({"duration_seconds": [1, 2]}, "NumberRange"),
        ({"published_at": {"gte": "yesterday"}}, "pattern"),
        ({"published_at": {"gte": "2024-02-30"}}, "2024-05-31"),
        ({"published_at": {"gte": "2024-02-03T25:00"}}, "2024-05-31"),
        ({"published_at": {"gte": 1700000000}}, "string"),
        ({"attributes": {"": "x"}}, "at least 1 character"),
        ({"attributes": {"a*": "x"}}, "pattern"),
        ({"attributes": {"a": {"gte": 5}}}, "gte"),
        ({"attributes": {"a": float("inf")}}, "finite"),
        ({"attributes": {f"a{n}": "x" for n in range(MOST_ATTRIBUTES + 1)}}, f"{MOST_ATTRIBUTES}"),
    ],
)
def test_refuses_what_cannot_be_filtered_by(fields: dict[str, Any], named: str) -> None:
    with pytest.raises(ValidationError, match=named):
        FilterRequest.model_validate(fields)
