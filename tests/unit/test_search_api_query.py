import pytest
from pydantic import ValidationError

from search_api.filters import Filters
from search_api.fusion import LegName
from search_api.query import SearchRequest

CONFIGURED = {LegName.SPEECH_TEXT: 0.6, LegName.SPEECH_VECTOR: 0.4}


def test_what_is_not_said_has_a_default() -> None:
    query = SearchRequest(query="  frog ").to_query(CONFIGURED)

    assert query.wanted.typed == "frog"
    assert (query.limit, query.moments_per_video) == (10, 3)
    assert query.weights == CONFIGURED
    assert query.filters == Filters()


def test_named_legs_replace_the_configured_ones() -> None:
    query = SearchRequest(query="frog", legs={LegName.METADATA_TEXT: 1.0}).to_query(CONFIGURED)

    assert query.weights == {LegName.METADATA_TEXT: 1.0}


def test_a_given_vector_counts_by_its_direction() -> None:
    request = SearchRequest.model_validate({"query": "frog", "vectors": {"picture_vector": [3, 4e30]}})
    vectors = request.to_query(CONFIGURED).vectors

    assert vectors is not None and list(vectors) == [LegName.PICTURE_VECTOR]
    assert vectors[LegName.PICTURE_VECTOR] == pytest.approx([0.0, 1.0])


@pytest.mark.parametrize(
    "fields",
    [
        {"query": "x", "vectors": {"picture_vector": []}},
        {"query": "x", "vectors": {"picture_vector": [0.0, 0.0]}},
        {"query": "x", "vectors": {"speech_vector": [float("inf"), 1.0]}},
        {"query": "x", "vectors": {"smell": [1.0]}},
        {"query": ""},
        {"query": " \t\n"},
        {"query": "x" * 1001},
        {"query": "x", "limit": 0},
        {"query": "x", "limit": 101},
        {"query": "x", "moments_per_video": 0},
        {"query": "x", "legs": {"smell": 1.0}},
        {"query": "x", "legs": {"speech_text": 1.5}},
        {"query": "x", "legs": {"speech_text": float("nan")}},
        {"query": "x", "legs": {"speech_text": 0.0}},
        {"query": "x", "legs": {}},
        {"query": "x", "filters": {"colour": ["red"]}},
        {"query": "x", "filters": {"bucket": [""]}},
        {"query": "x", "filters": {"bucket": ["b"] * 101}},
        {"query": "x", "unknown": 1},
        {"query": "\ud800"},
        {"query": "-snow"},
        {"query": " ".join(f'"a {n}"' for n in range(20))},
        {"query": "x", "sort": "size"},
        {"query": "x", "group_by": "bucket"},
        {"query": "x", "min_confidence": 1.0},
        {"query": "x", "min_confidence": -0.1},
    ],
)
def test_refuses_what_cannot_be_meant(fields: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        SearchRequest.model_validate(fields)


def test_a_query_of_a_thousand_characters_is_fine() -> None:
    assert len(SearchRequest(query="я" * 1000).query) == 1000
