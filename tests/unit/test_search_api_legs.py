import numpy as np
import pytest

from search_api.fusion import LegName
from search_api.legs import Depth, Filters, leg_body, usable_vector

DEPTH = Depth(hits=50, candidates=400)
FILTERS = Filters(bucket=("videos",), language=("ru", "en"))
CLAUSES = [{"terms": {"bucket": ["videos"]}}, {"terms": {"language": ["ru", "en"]}}]


def test_filters_are_inside_the_vector_search() -> None:
    vector = np.array([0.6, 0.8], dtype=np.float32)
    body = leg_body(LegName.SPEECH_VECTOR, text="frog", vector=vector, filters=FILTERS, depth=DEPTH)

    search = body["query"]["knn"]["speech_vector"]
    assert search["filter"]["bool"]["filter"] == CLAUSES
    assert search["k"] == body["size"] == 50
    assert search["method_parameters"] == {"ef_search": 400}


def test_the_picture_leg_searches_the_pictures() -> None:
    vector = np.array([1.0], dtype=np.float32)
    body = leg_body(LegName.PICTURE_VECTOR, text="frog", vector=vector, filters=Filters(), depth=DEPTH)

    assert list(body["query"]["knn"]) == ["visual"]
    assert "filter" not in body["query"]["knn"]["visual"]


@pytest.mark.parametrize("leg", [LegName.SPEECH_TEXT, LegName.METADATA_TEXT])
def test_filters_of_the_text_legs(leg: LegName) -> None:
    body = leg_body(leg, text="frog", vector=None, filters=FILTERS, depth=DEPTH)

    assert body["query"]["bool"]["filter"] == CLAUSES


@pytest.mark.parametrize("leg", list(LegName))
def test_no_leg_fetches_vectors(leg: LegName) -> None:
    vector = np.array([1.0], dtype=np.float32)
    source = leg_body(leg, text="frog", vector=vector, filters=Filters(), depth=DEPTH)["_source"]

    assert source is False or not {"visual", "speech_vector"} & set(source)


def test_a_walk_is_never_shorter_than_its_hits() -> None:
    vector = np.array([1.0], dtype=np.float32)
    depth = Depth(hits=1000, candidates=400)
    body = leg_body(LegName.SPEECH_VECTOR, text="frog", vector=vector, filters=Filters(), depth=depth)

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
        leg_body(LegName.SPEECH_VECTOR, text="frog", vector=None, filters=Filters(), depth=DEPTH)
