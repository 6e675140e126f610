import pytest

from opensearch.mappings import IndexMismatch, new_fields, refuse_conflicts

WANTED = {
    "key": {"type": "keyword"},
    "title": {"type": "text", "fields": {"exact": {"type": "text"}}},
    "source": {"properties": {"etag": {"type": "keyword"}}},
    "vector": {"type": "knn_vector", "dimension": 4},
}


def test_an_index_that_has_everything_needs_nothing() -> None:
    assert new_fields(WANTED, WANTED) == []
    refuse_conflicts("i", WANTED, WANTED)


def test_fields_below_fields_are_found_missing() -> None:
    present = {**WANTED, "title": {"type": "text"}, "source": {"properties": {}}}
    del present["key"]

    assert new_fields(WANTED, present) == ["key", "title.exact", "source.etag"]


def test_fields_that_only_the_index_has_do_no_harm() -> None:
    present = {**WANTED, "older": {"type": "keyword"}}

    assert new_fields(WANTED, present) == []
    refuse_conflicts("i", WANTED, present)


def test_another_dimension_is_refused_with_both_numbers() -> None:
    present = {**WANTED, "vector": {"type": "knn_vector", "dimension": 8}}

    with pytest.raises(IndexMismatch, match=r"index i has the field vector with dimension 8, but 4 is wanted"):
        refuse_conflicts("i", WANTED, present)


def test_another_type_is_refused() -> None:
    present = {**WANTED, "source": {"properties": {"etag": {"type": "text"}}}}

    with pytest.raises(IndexMismatch, match=r"source\.etag with type text"):
        refuse_conflicts("i", WANTED, present)
