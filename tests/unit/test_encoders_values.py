"""Encoder values refuse what cannot be, and show it."""

import math
from typing import Any

import numpy as np
import pytest

from encoders.values import (
    ModelSet,
    PictureInput,
    Segment,
    Transcript,
    Word,
    check_frames,
    check_sound,
    check_vectors,
)
from encoders.wire import read_model_set, read_transcript, write_model_set, write_transcript

PICTURE_INPUT = PictureInput(size=8, resize_mode="squash", interpolation="bicubic", fill=0)
MODEL_SET = ModelSet("test", "pictures", "texts", "speech", 4, 3, PICTURE_INPUT, ("en", "ru"))
WORD = Word("frog", 1.0, 1.5, 0.75)
TRANSCRIPT = Transcript("en", 4.0, (Segment("frog", 1.0, 1.5, "en", (WORD,)), Segment("да", 2.0, 2.5, "ru", ())))


@pytest.mark.parametrize(
    ("text", "start", "stop", "probability"),
    [(" ", 0, 1, 1), ("a", 2, 1, 1), ("a", -0.1, 1, 1), ("a", 0, math.nan, 1), ("a", 0, 1, 1.1), ("a", 0, 1, math.nan)],
)
def test_a_word_that_cannot_be_is_refused(text: str, start: float, stop: float, probability: float) -> None:
    with pytest.raises(ValueError, match="="):
        Word(text, start, stop, probability)


def test_words_and_segments_are_in_order() -> None:
    with pytest.raises(ValueError, match="starts"):
        Segment("b a", 0.0, 2.0, "en", (Word("b", 1.0, 2.0, 1.0), Word("a", 0.0, 1.0, 1.0)))
    with pytest.raises(ValueError, match="starts"):
        Transcript("en", 4.0, tuple(reversed(TRANSCRIPT.segments)))


def test_a_transcript_reads_as_its_segments() -> None:
    assert TRANSCRIPT.text == "frog да"


@pytest.mark.parametrize(
    "change", [{"size": 0}, {"resize_mode": "crop"}, {"interpolation": "nearest"}, {"fill": 256}], ids=str
)
def test_a_picture_input_that_cannot_be_is_refused(change: dict[str, Any]) -> None:
    given: dict[str, Any] = {"size": 8, "resize_mode": "squash", "interpolation": "bicubic", "fill": 0, **change}
    with pytest.raises(ValueError, match=next(iter(change))):
        PictureInput(**given)


@pytest.mark.parametrize(
    "frames",
    [
        np.zeros((1, 8, 8, 3), np.float32),
        np.zeros((8, 8, 3), np.uint8),
        np.zeros((0, 8, 8, 3), np.uint8),
        np.zeros((1, 8, 9, 3), np.uint8),
        np.zeros((1, 8, 8, 4), np.uint8),
        np.zeros((1, 9, 9, 3), np.uint8),
    ],
)
def test_frames_of_another_shape_or_type_are_refused(frames: np.ndarray) -> None:
    with pytest.raises(ValueError, match="frames"):
        check_frames(frames, size=8)


@pytest.mark.parametrize(
    "sound",
    [
        np.zeros(4),
        np.zeros((2, 4), np.float32),
        np.zeros(0, np.float32),
        np.array([0.0, np.inf], np.float32),
    ],
)
def test_sound_of_another_shape_or_type_is_refused(sound: np.ndarray) -> None:
    with pytest.raises(ValueError, match="Sound"):
        check_sound(sound)


@pytest.mark.parametrize(
    "vectors",
    [np.eye(2), np.eye(3, dtype=np.float32), np.zeros((2, 2), np.float32), np.full((2, 2), np.nan, np.float32)],
)
def test_vectors_of_another_shape_type_or_length_are_refused(vectors: np.ndarray) -> None:
    with pytest.raises(ValueError, match=r"[Vv]ectors"):
        check_vectors(vectors, rows=2)


def test_model_sets_and_transcripts_travel_as_json_unchanged() -> None:
    assert read_model_set(write_model_set(MODEL_SET)) == MODEL_SET
    assert read_transcript(write_transcript(TRANSCRIPT)) == TRANSCRIPT
    assert read_transcript(write_transcript(Transcript(None, 1.0, ()))) == Transcript(None, 1.0, ())


def test_the_json_of_a_transcript_has_openai_s_fields() -> None:
    body = write_transcript(TRANSCRIPT)
    assert {"task", "language", "duration", "text", "segments", "words"} <= body.keys()
    assert body["words"] == [{"word": "frog", "start": 1.0, "end": 1.5}]
    assert [segment["id"] for segment in body["segments"]] == [0, 1]
