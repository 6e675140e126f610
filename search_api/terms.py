"""The words that a query matched, as they stand in the text, and when they are said. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from search_api.moments import Marked, Moment, read_pieces

_WORD = re.compile("[^ ]+")
_SUBTITLES = "subtitles"


class TextField(StrEnum):
    """Which text a word stands in."""

    SPEECH = "speech"
    TITLE = "title"
    DESCRIPTION = "description"
    TAGS = "tags"


class Precision(StrEnum):
    """What the time of a word is: the word's own, its part of a subtitle's time, or that of its whole moment."""

    WORD = "word"
    SUBTITLE = "subtitle"
    MOMENT = "moment"


@dataclass(frozen=True, slots=True)
class Said:
    """When a word is said: `[start_seconds, stop_seconds)` in video time."""

    start_seconds: float
    stop_seconds: float
    precision: Precision


@dataclass(frozen=True, slots=True)
class Term:
    """A word of a text that matches the query; `said` is None where the text is not speech."""

    text: str
    field: TextField
    said: Said | None = None


def speech_terms(moment: Moment, marked: Marked) -> list[Term]:
    """The matched words of a moment's speech in their order, each as often as it is said.

    A match of several words gives each of them. Speech whose words have no times, or other ones than the text, has the
    time of its moment.
    """
    text = "".join(piece.text for piece in marked.pieces)
    words = [word.span() for word in _WORD.finditer(text)]
    timed = len(marked.times) == 2 * len(words)
    precision = Precision.SUBTITLE if moment.speech_source == _SUBTITLES else Precision.WORD
    whole = Said(moment.start_seconds, moment.stop_seconds, Precision.MOMENT)
    matches = list(_matches(marked))
    return [
        Term(
            text[max(start, begin) : min(stop, end)],
            TextField.SPEECH,
            Said(marked.times[2 * n], marked.times[2 * n + 1], precision) if timed else whole,
        )
        for n, (begin, end) in enumerate(words)
        for start, stop in matches
        if start < end and begin < stop
    ]


def metadata_terms(highlight: Mapping[str, Sequence[str]]) -> list[Term]:
    """The matched words of title, description and tags, each form once, from what OpenSearch marked in them."""
    found: list[Term] = []
    for field in (TextField.TITLE, TextField.DESCRIPTION, TextField.TAGS):
        passages = [*highlight.get(field.value, ()), *highlight.get(f"{field}.exact", ())]
        texts = (piece.text for passage in passages for piece in read_pieces(passage) if piece.match)
        found += [Term(text, field) for text in dict.fromkeys(texts)]
    return found


def _matches(marked: Marked) -> Iterator[tuple[int, int]]:
    """Where in the text the matches begin and end, in letters."""
    start = 0
    for piece in marked.pieces:
        if piece.match:
            yield start, start + len(piece.text)
        start += len(piece.text)
