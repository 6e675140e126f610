"""Transcripts as subtitles."""

import pytest

from encoders.speech.subtitles import write_srt, write_vtt
from encoders.values import Segment, Transcript

TRANSCRIPT = Transcript(
    "en",
    9000.0,
    (
        Segment("a frog", 0.0, 1.5, "en", ()),
        Segment("да, лягушка", 61.0004, 62.9996, "ru", ()),
        Segment("5 < 6 & 7 > 6 -->\n\nend", 3_725.25, 3_725.25, "en", ()),
    ),
)


def test_srt_numbers_its_subtitles_and_has_commas_before_milliseconds() -> None:
    assert write_srt(TRANSCRIPT) == (
        "1\n00:00:00,000 --> 00:00:01,500\na frog\n\n"
        "2\n00:01:01,000 --> 00:01:03,000\nда, лягушка\n\n"
        "3\n01:02:05,250 --> 01:02:05,251\n5 < 6 & 7 > 6 --> end\n"
    )


def test_vtt_has_its_head_and_escapes_what_would_be_markup() -> None:
    assert write_vtt(TRANSCRIPT) == (
        "WEBVTT\n"
        "\n00:00:00.000 --> 00:00:01.500\na frog\n"
        "\n00:01:01.000 --> 00:01:03.000\nда, лягушка\n"
        "\n01:02:05.250 --> 01:02:05.251\n5 &lt; 6 &amp; 7 &gt; 6 --&gt; end\n"
    )


@pytest.mark.parametrize(("write", "empty"), [(write_srt, ""), (write_vtt, "WEBVTT\n")])
def test_silence_has_no_subtitles(write: object, empty: str) -> None:
    assert write(Transcript(None, 5.0, ())) == empty  # type: ignore[operator]


def test_hours_may_have_three_digits() -> None:
    late = Transcript("en", 400_000.0, (Segment("late", 360_000.0, 360_001.0, "en", ()),))
    assert "100:00:00,000 --> 100:00:01,000" in write_srt(late)
