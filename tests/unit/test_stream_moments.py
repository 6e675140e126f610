from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from encoders.values import Segment, Transcript, Word
from stream.entry import Entry, Source, blank
from stream.media.values import SpanMedia
from stream.moments import Moment, compose, document, moment_id, words_of_span
from stream.outbox import SpanMessage

MESSAGE = SpanMessage("id", "videos", "a.mp4", 2, 1, 60.0, 80.0, Source("e", None, "2026-01-01T00:00:00+00:00", 9))


def media(*frame_seconds: float, cuts: tuple[float, ...] = ()) -> SpanMedia:
    number = len(frame_seconds)
    return SpanMedia(
        frames=np.zeros((number, 8, 8, 3), np.uint8),
        frame_seconds=np.array(frame_seconds, np.float64),
        thumbnails=tuple(f"jpeg{i}".encode() for i in range(number)),
        cut_seconds=cuts,
        sound=None,
        sound_start_seconds=59.0,
    )


def unit(*rows: tuple[float, float]) -> Any:
    vectors = np.array(rows, np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def entry(**body: Any) -> Entry:
    full = blank("videos", "a.mp4", "id") | {"media": {"language": "ru"}, "duration_seconds": 80.0} | body
    return replace(Entry.of(full), revision=2)


def test_a_word_belongs_to_the_span_that_holds_its_middle() -> None:
    words = (Word(" до", 0.6, 1.2, 0.9), Word("on", 0.9, 1.3, 0.9), Word("out", 20.8, 21.4, 0.9))
    segment = Segment("x", 0.0, 22.0, "en", words)
    found = words_of_span(Transcript("en", 22.0, (segment,)), 59.0, 60.0, 80.0)
    assert [(w.text, round(w.start_seconds, 3)) for w in found] == [("on", 59.9)]


def test_moments_are_cut_at_shots_and_get_their_words_and_pictures() -> None:
    words = [Word("red", 61.0, 61.5, 1.0), Word("car", 67.9, 68.5, 1.0)]
    vectors = unit((1, 0), (1, 0.2), (0, 1))
    first, *rest = compose(media(60.0, 64.0, 68.0, cuts=(68.0,)), vectors, words, 60.0, 76.0)
    assert (first.start_seconds, first.stop_seconds, first.speech) == (60.0, 68.0, "red")
    assert first.visual is not None
    assert np.isclose(np.linalg.norm(first.visual), 1.0)
    assert first.thumbnail in (b"jpeg0", b"jpeg1")
    assert [m.speech for m in rest] == ["car"]
    assert rest[0].thumbnail == b"jpeg2"


def test_a_moment_without_a_frame_of_its_own_shows_the_shots_last_frame() -> None:
    moments = compose(media(60.0), unit((1, 0)), [], 60.0, 80.0)
    assert len(moments) >= 2
    assert all(moment.thumbnail == b"jpeg0" for moment in moments)


def test_without_picture_only_spoken_moments_remain() -> None:
    words = [Word("hello", 75.0, 75.5, 1.0)]
    moments = compose(media(), None, words, 60.0, 80.0)
    assert [m.speech for m in moments] == ["hello"]
    assert moments[0].visual is None


def test_document_has_the_runs_identity_and_leaves_missing_vectors_out() -> None:
    moment = Moment(60.0, 68.0, (Word("кот", 61.0, 61.5, 1.0),))
    body = document(moment, MESSAGE, "run", 0, entry(external_id="42", categories=["c"]))
    assert moment_id(MESSAGE, "run", 0) == "id:2:1:run:0"
    assert (body["revision"], body["span"], body["run"], body["metadata_version"]) == (2, 1, "run", 0)
    assert body["words"] == [{"text": "кот", "start_seconds": 61.0, "stop_seconds": 61.5}]
    assert (body["language"], body["external_id"], body["categories"]) == ("ru", "42", ["c"])
    assert not {"visual", "speech_vector", "thumbnail"} & set(body)


def test_the_publishers_language_wins_over_the_files() -> None:
    body = document(Moment(60.0, 68.0), MESSAGE, "run", 0, entry(language="en"))
    assert body["language"] == "en"


def test_a_moment_has_a_length() -> None:
    with pytest.raises(ValueError, match=r"self\.start_seconds = 3\.0"):
        Moment(3.0, 3.0)
