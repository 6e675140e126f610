"""Which words of a text matched, and when they are said."""

from typing import Any

import pytest

from search_api.moments import read_marked, read_moment
from search_api.terms import Precision, Said, Term, TextField, metadata_terms, speech_terms

SPOKEN = "Ask what you can do. Ask again, my country!"


def marked(text: str, *words: str) -> str:
    """The text as OpenSearch marks these words in it."""
    for word in words:
        text = text.replace(word, f"\ue000{word}\ue001")
    return text


def timed(text: str) -> list[dict[str, Any]]:
    """The words of a text, half a second each, from second 10 on."""
    return [
        {"text": word, "start_seconds": 10 + n / 2, "stop_seconds": 10.4 + n / 2} for n, word in enumerate(text.split())
    ]


def terms(text: str, *words: str, **source: Any) -> list[Term]:
    claim = {"video_id": "v", "revision": 1, "span": 0, "run": "won", "start_seconds": 10.0, "stop_seconds": 16.0}
    hit = {"_id": "m", "_source": {**claim, "speech": text, **source}, "highlight": {"speech": [marked(text, *words)]}}
    found = read_marked(hit)
    assert found is not None
    return speech_terms(read_moment(hit), found)


def said(text: str, start: float, stop: float, precision: Precision = Precision.WORD) -> Term:
    return Term(text, TextField.SPEECH, Said(start, stop, precision))


def test_a_word_is_named_as_it_stands_there_each_time_that_it_is_said() -> None:
    assert terms(SPOKEN, "Ask", "country", words=timed(SPOKEN)) == [
        said("Ask", 10.0, 10.4),
        said("Ask", 12.5, 12.9),
        said("country", 14.0, 14.4),
    ]


def test_a_match_of_several_words_gives_each_of_them() -> None:
    assert terms(SPOKEN, "you can do", words=timed(SPOKEN)) == [
        said("you", 11.0, 11.4),
        said("can", 11.5, 11.9),
        said("do", 12.0, 12.4),
    ]


def test_the_words_of_subtitles_say_that_their_times_are_estimates() -> None:
    found = terms(SPOKEN, "country", words=timed(SPOKEN), speech_source="subtitles")

    assert found == [said("country", 14.0, 14.4, Precision.SUBTITLE)]


@pytest.mark.parametrize("words", [[], timed(SPOKEN)[:-1]], ids=["no times", "other words than the text"])
def test_without_the_times_of_its_words_speech_has_that_of_its_moment(words: list[dict[str, Any]]) -> None:
    assert terms(SPOKEN, "country", words=words) == [said("country", 10.0, 16.0, Precision.MOMENT)]


def test_words_of_title_description_and_tags_have_no_time_and_come_once() -> None:
    highlight = {
        "description.exact": [marked("a frog and frogs", "frogs")],
        "title": [marked("Frogs in the pond: Frogs", "Frogs")],
        "description": [marked("a frog and", "frog"), marked("my frog", "frog")],
        "tags": [marked("pond life", "pond life")],
    }

    assert metadata_terms(highlight) == [
        Term("Frogs", TextField.TITLE),
        Term("frog", TextField.DESCRIPTION),
        Term("frogs", TextField.DESCRIPTION),
        Term("pond life", TextField.TAGS),
    ]
