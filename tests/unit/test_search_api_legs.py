import numpy as np
import pytest

from search_api.filters import Filters, OneOf
from search_api.fusion import LegName
from search_api.legs import Asked, Body, Depth, Vector, leg_body, usable_vector
from search_api.mentions import Mentions
from search_api.syntax import parse

DEPTH = Depth(hits=50, candidates=400)
FILTERS = Filters(bucket=OneOf(("videos",)), language=OneOf(("ru", "en")))
CLAUSES = [{"terms": {"bucket": ["videos"]}}, {"terms": {"language": ["ru", "en"]}}]


def body_of(
    leg: LegName,
    typed: str = "frog",
    *,
    vector: Vector | None = None,
    filters: Filters = Filters(),  # noqa: B008
    mentions: Mentions = Mentions(),  # noqa: B008
    depth: Depth = DEPTH,
) -> Body:
    return leg_body(leg, Asked(parse(typed), mentions, filters), vector=vector, depth=depth)


def test_filters_are_inside_the_vector_search() -> None:
    vector = np.array([0.6, 0.8], dtype=np.float32)
    body = body_of(LegName.SPEECH_VECTOR, vector=vector, filters=FILTERS)

    search = body["query"]["knn"]["speech_vector"]
    assert search["filter"]["bool"]["filter"] == CLAUSES
    assert search["k"] == body["size"] == 50
    assert search["method_parameters"] == {"ef_search": 400}


def test_the_picture_leg_searches_the_pictures() -> None:
    vector = np.array([1.0], dtype=np.float32)
    body = body_of(LegName.PICTURE_VECTOR, vector=vector)

    assert list(body["query"]["knn"]) == ["visual"]
    assert "filter" not in body["query"]["knn"]["visual"]


@pytest.mark.parametrize("leg", [LegName.SPEECH_TEXT, LegName.METADATA_TEXT])
def test_filters_of_the_text_legs(leg: LegName) -> None:
    body = body_of(leg, filters=FILTERS)

    assert body["query"]["bool"]["filter"] == CLAUSES


@pytest.mark.parametrize("leg", list(LegName))
def test_no_leg_fetches_vectors(leg: LegName) -> None:
    vector = np.array([1.0], dtype=np.float32)
    source = body_of(leg, vector=vector)["_source"]

    assert source is False or not {"visual", "speech_vector"} & set(source)


def test_a_walk_is_never_shorter_than_its_hits() -> None:
    vector = np.array([1.0], dtype=np.float32)
    depth = Depth(hits=1000, candidates=400)
    body = body_of(LegName.SPEECH_VECTOR, vector=vector, depth=depth)

    assert body["query"]["knn"]["speech_vector"]["method_parameters"]["ef_search"] == 1000


@pytest.mark.parametrize(
    ("vector", "message"),
    [
        (np.zeros(3), "zeros"),
        (np.array([1.0, np.nan]), "finite"),
        (np.array([np.inf, 1.0]), "finite"),
        (np.ones((1, 3)), "one row"),
        (np.array([]), "one row"),
    ],
)
def test_refuses_vectors_that_find_anything(vector: np.ndarray, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        usable_vector(vector)


def test_a_vector_leg_needs_a_vector() -> None:
    with pytest.raises(ValueError, match="needs a vector"):
        body_of(LegName.SPEECH_VECTOR)


@pytest.mark.parametrize("leg", [LegName.SPEECH_VECTOR, LegName.PICTURE_VECTOR])
def test_phrases_and_exclusions_hold_inside_the_vector_search(leg: LegName) -> None:
    mentions = Mentions(of_phrases=(("v1",),), of_excluded=("v2",))
    body = body_of(leg, '"green frogs" -snow', vector=np.array([1.0], dtype=np.float32), mentions=mentions)

    inside = body["query"]["knn"][{LegName.SPEECH_VECTOR: "speech_vector"}.get(leg, "visual")]["filter"]["bool"]
    assert {"terms": {"video_id": ["v1"]}} in inside["filter"][0]["bool"]["should"]
    assert {"terms": {"video_id": ["v2"]}} in inside["must_not"]
    assert "snow" in str(inside["must_not"][0])


@pytest.mark.parametrize("leg", list(LegName))
def test_every_leg_has_its_time(leg: LegName) -> None:
    vector = np.array([1.0], dtype=np.float32)

    assert body_of(leg, vector=vector, depth=Depth(10, 10, timeout_seconds=0.25))["timeout"] == "250ms"
