"""The small Whisper that the project trained, as faster-whisper reads it, without a network."""

import socket
from collections.abc import Iterator
from pathlib import Path

import jiwer
import numpy as np
import pytest
from faster_whisper import WhisperModel

import encoders
from encoders.training.language.grammar import normalised
from encoders.training.speech.data import Example, examples
from encoders.training.speech.mel import SAMPLES_PER_SECOND

FOLDER = Path(encoders.__file__).parent / "weights" / "kadr-whisper"
PAUSE = SAMPLES_PER_SECOND // 3
# Above what MODEL.md tells, because twelve sentences vary by many per cent.
LARGEST_ERROR_RATE = 0.25


@pytest.fixture(scope="module")
def model() -> Iterator[WhisperModel]:
    def refuse(*_: object) -> None:
        raise AssertionError("the model must not ask the hub")

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HF_HUB_OFFLINE", "1")
        patch.setattr(socket.socket, "connect", refuse)
        yield WhisperModel(str(FOLDER), device="cpu", compute_type="int8", cpu_threads=1)


@pytest.fixture(scope="module")
def spoken() -> list[Example]:
    return examples(6, seed=99)


def test_it_is_small_and_multilingual(model: WhisperModel) -> None:
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) <= 8e6
    assert model.model.is_multilingual


def test_it_writes_down_held_out_sentences_and_tells_their_language(model: WhisperModel, spoken: list[Example]) -> None:
    said: dict[str, list[str]] = {"en": [], "ru": []}
    written: dict[str, list[str]] = {"en": [], "ru": []}
    for example in spoken:
        sound = np.pad(example.sound, PAUSE)
        found, details = model.transcribe(
            sound, vad_filter=True, word_timestamps=True, condition_on_previous_text=False
        )
        segments = list(found)
        assert details.language == example.language, example.text
        said[example.language].append(normalised(example.text))
        written[example.language].append(normalised(" ".join(segment.text for segment in segments)))
        starts = [word.start for segment in segments for word in segment.words or ()]
        assert starts == sorted(starts)
        assert all(0 <= start <= len(sound) / SAMPLES_PER_SECOND for start in starts)
    for language in said:
        errors = jiwer.wer(said[language], written[language])
        assert errors <= LARGEST_ERROR_RATE, list(zip(said[language], written[language], strict=True))


def test_silence_and_noise_have_no_words(model: WhisperModel) -> None:
    noise = np.random.default_rng(0).normal(0, 0.02, 3 * SAMPLES_PER_SECOND).astype(np.float32)
    for sound in (np.zeros_like(noise), noise):
        found, _ = model.transcribe(sound, vad_filter=True, language="en")
        assert not list(found)
