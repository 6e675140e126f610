import re

import pytest

from opensearch.bodies import Names, fill, load_bodies, load_scripts, signed

NAMES = Names(index_prefix="t-", model_set="offline", picture_dimension=512, text_dimension=384)


def test_every_placeholder_is_filled() -> None:
    bodies = [body for folder in ("components", "templates") for body in load_bodies(folder, NAMES).values()]

    assert len(bodies) == 4
    for body in bodies:
        assert not any(re.search(r"\{[a-z_]+\}", text) for text in strings(body)), body


def strings(value: object) -> list[str]:
    if isinstance(value, dict):
        return [text for member in value.values() for text in strings(member)]
    if isinstance(value, list):
        return [text for member in value for text in strings(member)]
    return [value] if isinstance(value, str) else []


def test_dimensions_become_numbers() -> None:
    fields = load_bodies("templates", NAMES)["moments"]["template"]["mappings"]["properties"]

    assert fields["visual"]["dimension"] == 512
    assert fields["speech_vector"]["dimension"] == 384


def test_templates_match_one_index_of_one_model_set() -> None:
    templates = load_bodies("templates", NAMES)

    assert {stem: body["index_patterns"] for stem, body in templates.items()} == {
        "moments": ["t-moments-offline"],
        "samples": ["t-samples-offline"],
        "videos": ["t-videos-offline"],
    }
    assert all(body["template"]["mappings"]["dynamic"] == "strict" for body in templates.values())


def test_moments_keep_their_vectors_in_the_source() -> None:
    mappings = load_bodies("templates", NAMES)["moments"]["template"]["mappings"]

    assert "_source" not in mappings, "partial updates would destroy vectors that the source leaves out"


def test_a_string_that_holds_more_than_a_placeholder_stays_a_string() -> None:
    assert fill({"a": ["{n}", "x-{n}", 5, None]}, {"{n}": 3}) == {"a": [3, "x-3", 5, None]}


def test_a_signed_body_tells_other_bodies_apart() -> None:
    one, other = signed({"a": 1}), signed({"a": 2})

    assert one["a"] == 1
    assert one == signed({"a": 1})
    assert one["_meta"] != other["_meta"]


def test_scripts_are_read_by_their_stems() -> None:
    scripts = load_scripts()

    assert all(name and "." not in name for name in scripts)
    assert all(source.strip() for source in scripts.values())


@pytest.mark.parametrize("wrong", [{"model_set": ""}, {"picture_dimension": 0}, {"text_dimension": 16_001}])
def test_refuses_names_that_make_no_index(wrong: dict[str, object]) -> None:
    fields: dict[str, object] = {"index_prefix": "", "model_set": "m", "picture_dimension": 4, "text_dimension": 4}
    with pytest.raises(ValueError):
        Names(**{**fields, **wrong})  # type: ignore[arg-type]
