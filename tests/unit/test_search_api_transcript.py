from itertools import pairwise
from typing import Any

import pytest

from search_api.transcript import LINE_CHARACTERS, LONGEST_SECONDS, Word, cues_of, plain, srt, vtt, words_of


def said(*texts: str, start: float = 0.0, each: float = 0.4, pause: float = 0.1) -> list[Word]:
    """Words one after another."""
    step = each + pause
    return [Word(text, start + n * step, start + n * step + each) for n, text in enumerate(texts)]


def test_reads_the_words_of_moments_in_the_order_of_time() -> None:
    late = {"start_seconds": 5.0, "stop_seconds": 9.0, "words": [word("b", 5.0), word("a", 4.9)]}
    early = {"start_seconds": 0.0, "stop_seconds": 5.0, "words": [word(" first\n", 1.0), word(" ", 2.0)]}

    assert [w.text for w in words_of([late, early])] == ["first", "a", "b"]


def word(text: str, start: float) -> dict[str, Any]:
    return {"text": text, "start_seconds": start, "stop_seconds": start + 0.3}


def test_speech_without_times_of_words_is_spread_over_its_moment() -> None:
    (one, two) = words_of([{"start_seconds": 10.0, "stop_seconds": 14.0, "speech": "a bbb"}])

    assert (one.start_seconds, one.stop_seconds) == (10.0, 11.0)
    assert (two.start_seconds, two.stop_seconds) == (11.0, 14.0)
    assert words_of([{"start_seconds": 0.0, "stop_seconds": 1.0}]) == []


def test_a_subtitle_ends_with_a_sentence() -> None:
    cues = cues_of(said("The", "frogs", "are", "jumping", "now.", "Into", "the", "water."))

    assert [cue.text for cue in cues] == ["The frogs are jumping now.", "Into the water."]


def test_a_short_sentence_shares_its_subtitle_unless_there_is_a_breath() -> None:
    assert [cue.text for cue in cues_of(said("Нет.", "Не", "знаю."))] == ["Нет. Не знаю."]
    assert [cue.text for cue in cues_of(said("Нет.", "Да.", pause=0.5))] == ["Нет.", "Да."]


def test_a_subtitle_ends_with_a_pause() -> None:
    cues = cues_of([*said("one", "two"), *said("three", start=10.0)])

    assert [cue.lines for cue in cues] == [("one two",), ("three",)]
    assert cues[0].stop_seconds < 2.0


def test_subtitles_are_short_and_do_not_overlap() -> None:
    for each in (0.05, 0.3, 1.7, 9.0):
        cues = cues_of(said(*("слово " * 300 + "word" * 20).split(), each=each))

        assert " ".join(cue.text for cue in cues).count("слово") == 300
        assert all(len(cue.lines) <= 2 for cue in cues)
        assert all(len(line) <= LINE_CHARACTERS for cue in cues for line in cue.lines if " " in line)
        assert all(cue.stop_seconds > cue.start_seconds for cue in cues)
        assert all(cue.stop_seconds - cue.start_seconds <= max(LONGEST_SECONDS, each) + 0.002 for cue in cues)
        assert all(first.stop_seconds <= second.start_seconds for first, second in pairwise(cues))


def test_two_lines_are_about_as_long() -> None:
    words = "ask not what your country can do for you my fellow"
    (cue,) = cues_of(said(*words.split(), each=0.2))

    first, second = cue.lines
    assert abs(len(first) - len(second)) <= 6


def test_a_short_subtitle_stays_for_a_second_if_it_can() -> None:
    assert cues_of(said("Yes."))[0].stop_seconds == 1.0
    first, second = cues_of([Word("Yes.", 0.0, 0.2), Word("No.", 0.7, 0.9)])
    assert (first.stop_seconds, second.start_seconds) == (0.7, 0.7)


def test_words_at_one_time_still_become_subtitles_in_order() -> None:
    cues = cues_of([Word(f"{'x' * 40}{n}.", 1.0, 1.0) for n in range(5)])

    assert [cue.start_seconds for cue in cues] == sorted({cue.start_seconds for cue in cues})
    assert all(cue.stop_seconds > cue.start_seconds for cue in cues)


def test_writes_subrip() -> None:
    cues = cues_of([Word("Привет, <i>мир</i>", 3599.9994, 3601.25), Word("{\\an8}", 4000.0, 4002.0)])

    assert srt(cues) == (
        "1\n00:59:59,999 --> 01:00:01,250\nПривет, ‹i›мир‹/i›\n\n2\n01:06:40,000 --> 01:06:42,000\n(\\an8)\n"
    )


def test_writes_webvtt() -> None:
    cues = cues_of([Word("a & <b>", 0.0, 2.0)])

    assert vtt(cues) == "WEBVTT\n\n00:00:00.000 --> 00:00:02.000\na &amp; &lt;b&gt;\n"
    assert vtt([]) == "WEBVTT\n"
    assert srt([]) == ""


@pytest.mark.parametrize("text", ["a\nb", "a\r\n\r\nb", "a\x85b", "a\u2028b", "a --> b", "a\x00b"])
def test_no_text_ends_a_subtitle(text: str) -> None:
    moment = {"start_seconds": 0.0, "stop_seconds": 2.0, "words": [word(text, 0.0)]}
    written = vtt(cues_of(words_of([moment])))

    assert len(written.splitlines()) == 4
    assert written.count("-->") == 1 or text == "a --> b"
    assert "a --> b" not in written


def test_a_text_has_paragraphs() -> None:
    words = [*said("One.", "Two."), *said("Three.", start=10.0)]

    assert plain(words) == "One. Two.\n\nThree.\n"
    assert plain([]) == ""


def test_a_long_paragraph_ends_with_a_sentence() -> None:
    assert plain(said(*["word"] * 200, "end.", *["word"] * 3)).endswith("end.\n\nword word word\n")
