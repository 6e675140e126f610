"""Which words of a query a picture model knows, where it was trained on so few that it can say. Pure functions.

Such a model gives any text a vector, also one of words that it never saw: that vector is a matter of chance, and
something always lies near it. So the model is asked for the words that it knows, and for nothing where it knows none.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from search_api.words import FUNCTION_WORDS, content_words, plain, split_words

# A form of a known word differs from it at its end.
_FEWEST_LETTERS, _ENDING = 4, 2


@dataclass(frozen=True, slots=True)
class Known:
    """The part of a text that a model knows, and how large a share of the text's content words is in it."""

    text: str
    share: float


def known_part(text: str, words: Collection[str]) -> Known:
    """What of a text is made of these words, in any form; all of it where none are given: then any may be known."""
    if not words:
        return Known(text, 1.0)
    content = content_words(text)
    known = {word for word in content if _is_known(word, words)}
    if len(known) == len(content):
        return Known(text, 1.0)
    left = [word for word in split_words(text) if plain(word) in known or plain(word) in FUNCTION_WORDS]
    return Known(" ".join(left), len(known) / len(content)) if known else Known("", 0.0)


def _is_known(word: str, words: Collection[str]) -> bool:
    if word in words:
        return True
    stem = word[: max(_FEWEST_LETTERS, len(word) - _ENDING)]
    return len(word) >= _FEWEST_LETTERS and any(other.startswith(stem) for other in words)
