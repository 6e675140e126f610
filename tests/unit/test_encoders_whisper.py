"""faster-whisper through the port, on a Whisper of random weights: what it says is nonsense, what it gives is not."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from small_models import write_whisper

import encoders.speech.whisper
import encoders.speech.whisper_decoder
from encoders.errors import ModelError
from encoders.speech.hallucination import Limits
from encoders.speech.whisper import Manner, WhisperRecognizer
from encoders.values import Transcript


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("whisper")
    return write_whisper(place / "random-whisper", place / "source")


@pytest.fixture(scope="module")
def recognizer(folder: Path) -> WhisperRecognizer:
    return WhisperRecognizer(str(folder), device="cpu", threads=1)


def test_a_model_says_its_folder_s_name_and_its_languages(recognizer: WhisperRecognizer, folder: Path) -> None:
    assert (recognizer.name, recognizer.languages) == ("random-whisper", ("en", "ru"))
    with pytest.raises(ModelError, match="KADR_SPEECH_LANGUAGES"):
        WhisperRecognizer(str(folder), device="cpu", threads=1, languages=("de",))


def test_silence_and_noise_give_no_text(recognizer: WhisperRecognizer) -> None:
    noise = np.random.default_rng(1).normal(0, 0.1, 5 * 16_000).astype(np.float32)
    expected = Transcript("ru", 5.0, ())
    assert recognizer.transcribe([np.zeros(5 * 16_000, np.float32), noise], "ru") == [expected, expected]


@pytest.mark.parametrize(("asked", "languages", "batch"), [("en", {"en"}, 1), (None, {"en", "ru"}, 2)])
def test_whatever_is_decoded_becomes_segments_within_their_windows(
    folder: Path, monkeypatch: pytest.MonkeyPatch, asked: str | None, languages: set[str], batch: int
) -> None:
    cuts = [(8_000, 24_000), (60_000, 76_000)]
    monkeypatch.setattr(encoders.speech.whisper, "find_speech", lambda sound: cuts)
    everything = Limits(-100.0, 0.0, 1.0, -100.0, 0.0, 1e9, 1e9, 1e9)
    monkeypatch.setattr("encoders.speech.hallucination._repeats", lambda words: False)
    recognizer = WhisperRecognizer(str(folder), device="cpu", threads=1, manner=Manner(everything, window_seconds=0.0))
    recognizer._decoder._batch = batch
    sound = np.random.default_rng(3).normal(0, 0.1, 5 * 16_000).astype(np.float32)
    hearing = recognizer.listen(sound, asked)
    assert {segment.language for segment in hearing.segments} <= languages
    assert {segment.language for segment in hearing.segments} or hearing.lost
    for segment in hearing.segments:
        assert any(start / 16_000 <= segment.start_seconds <= stop / 16_000 + 0.1 for start, stop in cuts)


def test_words_outside_the_sound_or_out_of_order_are_put_right() -> None:
    words = [
        SimpleNamespace(word=" b", start=1.0, end=2.7, probability=1.00001),
        SimpleNamespace(word=" a", start=-0.1, end=0.5, probability=0.5),
        SimpleNamespace(word=" ", start=0.0, end=0.1, probability=0.5),
    ]
    details = {"avg_logprob": -0.5, "no_speech_prob": 0.1}
    found = [
        SimpleNamespace(text=" a b ", words=words, **details),
        SimpleNamespace(text="", words=None, **details),
    ]
    (heard,) = encoders.speech.whisper_decoder._heard(found, 0.0, 2.0)
    assert [(word.text, word.start_seconds, word.stop_seconds) for word in heard.words] == [
        ("a", 0.0, 0.5),
        ("b", 1.0, 2.0),
    ]
    assert heard.text == "a b"


@pytest.mark.parametrize("missing", ["model.bin", "config.json", "tokenizer.json"])
def test_a_folder_without_one_of_its_files_is_one_sentence(folder: Path, tmp_path: Path, missing: str) -> None:
    for file in folder.iterdir():
        if file.name != missing:
            (tmp_path / file.name).symlink_to(file)
    with pytest.raises(ModelError, match=missing):
        WhisperRecognizer(str(tmp_path), device="cpu", threads=1)
