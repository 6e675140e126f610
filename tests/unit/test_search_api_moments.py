from typing import Any

import pytest

from search_api.moments import Piece, read_highlight


def hit(**highlight: str) -> dict[str, Any]:
    return {"highlight": {name.replace("__", "."): [marked] for name, marked in highlight.items()}}


@pytest.mark.parametrize(
    ("marked", "pieces"),
    [
        ("\ue000ask\ue001 not what", [Piece("ask", True), Piece(" not what", False)]),
        (
            "my \ue000fellow\ue001 \ue000Americans\ue001",
            [Piece("my ", False), Piece("fellow", True), Piece(" ", False), Piece("Americans", True)],
        ),
        ("<b>\ue000x\ue001</b>", [Piece("<b>", False), Piece("x", True), Piece("</b>", False)]),
    ],
)
def test_a_highlight_is_read_into_pieces(marked: str, pieces: list[Piece]) -> None:
    assert list(read_highlight(hit(speech=marked))) == pieces


def test_the_exact_words_are_highlighted_where_the_stems_are_not() -> None:
    assert read_highlight(hit(speech__exact="\ue000to be\ue001")) == (Piece("to be", True),)


def test_what_matches_as_a_form_and_what_matches_as_it_stands_are_both_highlighted() -> None:
    marked = hit(speech="a \ue000green\ue001 frog jumps", speech__exact="a green \ue000frog\ue001 jumps")

    assert read_highlight(marked) == (
        Piece("a ", False),
        Piece("green", True),
        Piece(" ", False),
        Piece("frog", True),
        Piece(" jumps", False),
    )


def test_a_hit_without_highlight_has_no_pieces() -> None:
    assert read_highlight({}) == ()


@pytest.mark.parametrize("marked", ["\ue000", "\ue001", "\ue000\ue001", "\ue000\ue000a\ue001", "a\ue001b\ue000"])
def test_stray_marks_in_hostile_text_do_no_harm(marked: str) -> None:
    for piece in read_highlight(hit(speech=marked)):
        assert set(piece.text) <= set(marked)
