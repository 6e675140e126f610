from typing import Any

import pytest

from search_api.suggest import suggestions_of


def suggested(typed: str, videos: list[dict[str, Any]], *speeches: str, limit: int = 8) -> list[tuple[str, str]]:
    found = suggestions_of(typed, videos, [{"speech": speech} for speech in speeches], limit=limit)
    return [(one.text, one.kind) for one in found]


def test_titles_come_first_then_tags_then_words_by_how_often_they_are_said() -> None:
    videos = [{"title": "Frogs at night", "tags": ["frogman", "pond"]}]

    found = suggested("fro", videos, "a frosty morning", "From frost to frost", "the fronds")

    assert found == [
        ("Frogs at night", "title"),
        ("frogman", "tag"),
        ("frost", "word"),
        ("from", "word"),
        ("fronds", "word"),
        ("frosty", "word"),
    ]


@pytest.mark.parametrize(
    ("typed", "speech", "found"),
    [
        ("ask what you c", "So ask what you, can do", ["ask what you can"]),
        ("ЁЛ", "Наша ёлка стоит", ["елка"]),
        ("cat", "A concatenation of cats", ["cats"]),
        ("it", "It's the item's", ["it's", "item's"]),
        ("frog", "frog", []),
        ("(", "smile :)", []),
        (".*", "anything", []),
        ("a b", "a\nbee", ["a bee"]),
        ("\x1c", "anything", []),
    ],
)
def test_completes_the_last_word(typed: str, speech: str, found: list[str]) -> None:
    assert sorted(text for text, _ in suggested(typed, [], speech)) == sorted(found)


def test_a_title_is_found_from_any_of_its_words_and_once() -> None:
    videos = [{"title": "The green frog"}, {"title": "THE GREEN FROG"}, {"title": None}, {}]

    assert suggested("gre", videos) == [("The green frog", "title")]


def test_no_more_than_asked_for() -> None:
    assert len(suggested("a", [{"tags": [f"a{n}" for n in range(50)]}], limit=3)) == 3
