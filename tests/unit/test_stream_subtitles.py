"""A file's own subtitles are its transcript: in every format, at their times, and only if they say what is spoken."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from av.stream import Disposition
from decoding import decoded
from media import Video, make
from tracks import Captions, with_subtitles

from stream.entry import Entry, Source, blank
from stream.media.subtitles import plain_text
from stream.media.values import Cue, SpanMedia
from stream.moments import compose, document, words_of_cues
from stream.outbox import SpanMessage

SMALL = Video((4.0, 3.0), rate=5, width=64, height=64)
WEBM = {"codec": "libvpx", "sound_codec": "libopus", "options": {"deadline": "realtime", "cpu-used": "8"}}
SAID = [(1.0, 3.0, "<i>Привет</i>, [door slams] wide\nworld"), (4.5, 6.0, "and again")]


@pytest.mark.parametrize(
    ("codec", "ending"), [("mov_text", "mp4"), ("subrip", "mkv"), ("ass", "mkv"), ("webvtt", "mkv"), ("webvtt", "webm")]
)
def test_subtitles_of_every_text_format_are_read_at_their_times(tmp_path: Path, codec: str, ending: str) -> None:
    video = replace(SMALL, **WEBM) if ending == "webm" else SMALL  # type: ignore[arg-type]
    plain = make(tmp_path / f"plain.{ending}", video)
    path = with_subtitles(plain, tmp_path / f"a.{ending}", codec, Captions(SAID))
    cues = decoded(path, 0.0, 7.0).cues
    assert [text for _, _, text in cues] == ["Привет, wide world", "and again"]
    assert [start for start, _, _ in cues] == pytest.approx([1.0, 4.5], abs=0.05)
    assert [stop for _, stop, _ in cues] == pytest.approx([3.0, 6.0], abs=0.05)


def test_a_subtitle_belongs_to_the_span_in_which_it_begins(tmp_path: Path) -> None:
    plain = make(tmp_path / "plain.mkv", replace(SMALL, start_seconds=3.0))
    shifted = Captions([(start + 3.0, stop + 3.0, text) for start, stop, text in SAID])
    path = with_subtitles(plain, tmp_path / "a.mkv", "subrip", shifted)
    first, second = decoded(path, 0.0, 5.0).cues, decoded(path, 5.0, 7.0).cues
    assert [cue[2] for cue in first] == ["Привет, wide world", "and again"] and second == ()
    assert first[1] == (pytest.approx(4.5, abs=0.05), 5.0, "and again")


@pytest.mark.parametrize(
    ("sound", "language", "disposition", "used"),
    [
        ("rus", "rus", Disposition.default, True),
        ("rus", None, Disposition.default, True),
        (None, "rus", Disposition.default, True),
        ("rus", "eng", Disposition.default, False),
        ("rus", "rus", Disposition.forced, False),
        ("rus", "rus", Disposition.comment, False),
    ],
)
def test_only_subtitles_of_what_is_spoken_are_used(
    tmp_path: Path, sound: str | None, language: str | None, disposition: Disposition, used: bool
) -> None:
    plain = make(tmp_path / "plain.mkv", replace(SMALL, language=sound))
    path = with_subtitles(plain, tmp_path / "a.mkv", "subrip", Captions(SAID, language, disposition))
    assert bool(decoded(path, 0.0, 7.0).cues) == used


def test_of_several_the_one_in_the_spoken_language_is_used(tmp_path: Path) -> None:
    plain = make(tmp_path / "plain.mkv", replace(SMALL, language="rus"))
    tracks = (Captions([(1.0, 2.0, "hello")], "eng"), Captions([(1.0, 2.0, "привет")], "rus", Disposition(0)))
    path = with_subtitles(plain, tmp_path / "a.mkv", "subrip", *tracks)
    assert [cue[2] for cue in decoded(path, 0.0, 7.0).cues] == ["привет"]


@pytest.mark.parametrize(
    ("marked", "said"),
    [
        ("<v Anna>Yes</v>", "Yes"),
        ("{\\an8}up\\Nthere", "up there"),
        ("(смех) ♪ la la ♪", "la la"),
        ("[music]", ""),
        ("a < b", "a < b"),
        ("x" * 9000, "x" * 500),
    ],
)
def test_markup_and_names_of_sounds_are_not_said(marked: str, said: str) -> None:
    assert plain_text(marked) == said


def test_words_share_the_time_of_their_subtitle() -> None:
    words = words_of_cues([Cue(2.0, 4.0, "aaaa bbbb cccccccccc dd")])
    assert [word.text for word in words] == ["aaaa", "bbbb", "cccccccccc", "dd"]
    assert words[0].start_seconds == 2.0 and words[-1].stop_seconds == pytest.approx(4.0)
    assert words[1].start_seconds == words[0].stop_seconds == pytest.approx(2.0 + 2.0 * 5 / 24)


def test_moments_say_where_their_words_are_from() -> None:
    frames = np.zeros((1, 8, 8, 3), np.uint8)
    media = SpanMedia(frames, np.zeros(1), (b"jpeg",), (), None, 0.0, (Cue(1.0, 2.0, "from the file"),))
    entry = Entry.of(blank("videos", "a.mp4", "id") | {"duration_seconds": 5.0})
    message = SpanMessage("id", "videos", "a.mp4", 1, 0, 0.0, 5.0, Source("e", None, "2026-01-01T00:00:00+00:00", 9))
    vectors = np.array([[1.0, 0.0]], np.float32)
    (moment,) = compose(media, vectors, [], 0.0, 5.0)
    body = document(moment, message, "run", 0, entry)
    assert (body["speech"], body["speech_source"]) == ("from the file", "subtitles")
    (heard,) = compose(replace(media, cues=()), vectors, words_of_cues(media.cues), 0.0, 5.0)
    assert document(heard, message, "run", 0, entry)["speech_source"] == "recognised"
