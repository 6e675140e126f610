from typing import Any

import pytest

from search_api.moments import Piece, read_highlight


def hit(**highlight: str) -> dict[str, Any]:
    return {"highlight": {name.replace("__", "."): [marked] for name, marked in highlight.items()}}


@pytest.mark.parametrize(
    ("marked", "pieces"),
    [
        ("\x02ask\x03 not what", [Piece("ask", True), Piece(" not what", False)]),
        (
            "my \x02fellow\x03 \x02Americans\x03",
            [Piece("my ", False), Piece("fellow", True), Piece(" ", False), Piece("Americans", True)],
        ),
        ("<b>\x02x\x03</b>", [Piece("<b>", False), Piece("x", True), Piece("</b>", False)]),
    ],
)
def test_a_highlight_is_read_into_pieces(marked: str, pieces: list[Piece]) -> None:
    assert list(read_highlight(hit(speech=marked))) == pieces


def test_the_exact_words_are_highlighted_where_the_stems_are_not() -> None:
    assert read_highlight(hit(speech__exact="\x02to be\x03")) == (Piece("to be", True),)


def test_a_hit_without_highlight_has_no_pieces() -> None:
    assert read_highlight({}) == ()


@pytest.mark.parametrize("marked", ["\x02", "\x03", "\x02\x03", "\x02\x02a\x03", "a\x03b\x02"])
def test_stray_marks_in_hostile_text_do_no_harm(marked: str) -> None:
    for piece in read_highlight(hit(speech=marked)):
        assert set(piece.text) <= set(marked)
