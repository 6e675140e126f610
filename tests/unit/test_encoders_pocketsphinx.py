"""English speech through PocketSphinx, in its own process."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest

from encoders.errors import RecognitionFailed
from encoders.speech.pocketsphinx import PocketSphinxRecognizer
from encoders.speech.sound_file import decode_sound
from encoders.values import Sound

SPEECH = next(Path(__file__).resolve().parents[3].glob("*/media/jfk.flac"), None)
needs_speech = pytest.mark.skipif(SPEECH is None, reason="the folder of real sample media is not beside the project")


@pytest.fixture(scope="module")
def recognizer() -> Iterator[PocketSphinxRecognizer]:
    recognizer = PocketSphinxRecognizer()
    yield recognizer
    recognizer.close()


@pytest.fixture(scope="module")
def speech() -> Sound:
    assert SPEECH is not None
    with SPEECH.open("rb") as file:
        return decode_sound(file, max_seconds=20.0)


def _music() -> Sound:
    seconds = np.arange(10 * 16_000) / 16_000
    notes = [np.sin(2 * np.pi * pitch * seconds) * np.exp(-3 * (seconds % 0.5)) for pitch in (220, 277, 330, 440)]
    return (0.15 * np.sum(notes, axis=0)).astype(np.float32)


@pytest.mark.parametrize(
    "sound",
    [
        np.zeros(10 * 16_000, np.float32),
        np.random.default_rng(1).normal(0, 0.1, 10 * 16_000).astype(np.float32),
        np.random.default_rng(2).normal(0, 0.001, 10 * 16_000).astype(np.float32),
        _music(),
        np.ones(5, np.float32),
    ],
    ids=["silence", "noise", "quiet noise", "music", "five samples"],
)
def test_where_nobody_speaks_there_is_no_text(recognizer: PocketSphinxRecognizer, sound: Sound) -> None:
    (transcript,) = recognizer.transcribe([sound], None)
    assert transcript.segments == ()
    assert transcript.duration_seconds == pytest.approx(len(sound) / 16_000)


@needs_speech
def test_real_speech_is_heard_where_it_is_spoken(recognizer: PocketSphinxRecognizer, speech: Sound) -> None:
    silence = np.zeros(3 * 16_000, np.float32)
    (transcript,) = recognizer.transcribe([np.concatenate([silence, speech])], None)
    assert transcript.language == "en"
    said = [word for segment in transcript.segments for word in segment.words if word.start_seconds > 11.0]
    assert {"you", "can", "do", "for", "your", "country"} <= {word.text for word in said}
    assert 11.0 < said[0].start_seconds < 11.7 and 13.0 < said[-1].stop_seconds < 13.8


@needs_speech
def test_another_language_is_not_guessed_at(recognizer: PocketSphinxRecognizer, speech: Sound) -> None:
    (transcript,) = recognizer.transcribe([speech], "ru")
    assert (transcript.language, transcript.segments) == ("ru", ())


@needs_speech
def test_a_sound_is_heard_alike_whatever_came_before(recognizer: PocketSphinxRecognizer, speech: Sound) -> None:
    (first,) = recognizer.transcribe([speech[: 5 * 16_000]], "en")
    again = recognizer.transcribe([speech[5 * 16_000 :] * 0.3, speech[: 5 * 16_000]], "en")[1]
    assert first == again


@needs_speech
def test_a_process_that_dies_fails_one_call_only(speech: Sound) -> None:
    before = set(psutil.Process().children())
    recognizer = PocketSphinxRecognizer()
    (child,) = set(psutil.Process().children()) - before
    child.kill()
    child.wait(5)
    with pytest.raises(RecognitionFailed, match="died"):
        recognizer.transcribe([speech], "en")
    assert "fellow" in recognizer.transcribe([speech[: 3 * 16_000]], "en")[0].text
    recognizer.close()
    assert set(psutil.Process().children()) == before
