"""Doubted text is heard again and then dropped, and it says so: a Whisper with a script instead of weights."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from structlog.testing import capture_logs

from encoders.speech.hallucination import Heard, Limits
from encoders.speech.spoken_languages import Impression
from encoders.speech.whisper import Manner, WhisperRecognizer
from encoders.speech.windows import Window
from encoders.values import Sound, Word

SECOND = 16_000
CUTS = [(0, 2 * SECOND), (3 * SECOND, 5 * SECOND)]
SOUND = np.zeros(6 * SECOND, np.float32)

Script = Callable[[Window], list[Heard]]


def _heard(text: str, start: float = 0.2, log_probability: float = -0.2, word: float = 0.9) -> Heard:
    words = tuple(Word(part, start + at / 2, start + at / 2 + 0.4, word) for at, part in enumerate(text.split()))
    return Heard(text, words, log_probability, 0.1)


class Decoder:
    """Says what the script says."""

    first: ClassVar[Script]
    second: ClassVar[Script]
    probabilities: ClassVar[list[dict[str, float]]]
    languages = ("en", "ru")

    def __init__(self, source: str, **options: Any) -> None:
        self.again: list[Window] = []
        self.options = options

    def impressions(self, sound: Sound, cuts: Sequence[tuple[int, int]]) -> list[Impression]:
        return [Impression(one, 2.0) for one in self.probabilities]

    def write_down(self, sound: Sound, windows: Sequence[Window]) -> list[list[Heard]]:
        return [type(self).first(window) for window in windows]

    def try_again(self, sound: Sound, window: Window, limits: Limits, temperatures: Sequence[float]) -> list[Heard]:
        self.again.append(window)
        return type(self).second(window)


@pytest.fixture(autouse=True)
def _decoder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("encoders.speech.whisper.WhisperDecoder", Decoder)
    monkeypatch.setattr("encoders.speech.whisper.find_speech", lambda sound: CUTS)
    Decoder.probabilities = [{"en": 0.9}, {"en": 0.9}]


@pytest.fixture
def recognizer(tmp_path: Path) -> WhisperRecognizer:
    return _recognizer(tmp_path)


def _recognizer(folder: Path, manner: Manner | None = None) -> WhisperRecognizer:
    for name in ("model.bin", "config.json", "tokenizer.json"):
        (folder / name).touch()
    return WhisperRecognizer(str(folder), device="cpu", threads=1, manner=manner)


def test_what_is_believed_at_once_is_written_down(recognizer: WhisperRecognizer) -> None:
    Decoder.first = lambda window: [_heard("a red car"), _heard("goes home", 3.2)]
    (transcript,) = recognizer.transcribe([SOUND], None)
    assert (transcript.language, transcript.text) == ("en", "a red car goes home")
    assert recognizer._decoder.again == []


def test_a_doubted_utterance_is_heard_again_alone(recognizer: WhisperRecognizer) -> None:
    Decoder.first = lambda window: [_heard("a red car"), _heard("zz zz", 3.2, -3.0)]
    Decoder.second = lambda window: [_heard("goes home", 3.2, -0.4)]
    with capture_logs() as logs:
        (transcript,) = recognizer.transcribe([SOUND], None)
    assert transcript.text == "a red car goes home"
    assert [window.cuts for window in recognizer._decoder.again] == [(CUTS[1],)]
    assert logs == []


def test_what_is_doubted_twice_is_dropped_and_counted(recognizer: WhisperRecognizer) -> None:
    Decoder.first = lambda window: [_heard("a red car"), _heard("zz zz", 3.2, -3.0)]
    Decoder.second = lambda window: [_heard("thanks for watching", 3.2, -0.8, 0.55)]
    with capture_logs() as logs:
        hearing = recognizer.listen(SOUND, None)
    assert [segment.text for segment in hearing.segments] == ["a red car"]
    assert [window.cuts for window in hearing.lost] == [(CUTS[1],)]
    assert hearing.dropped == (("junk",),)
    assert logs == [{"event": "speech dropped", "log_level": "info", "texts": 1, "kept": 1, "reasons": {"junk": 1}}]


def test_words_that_chance_found_must_be_surer(recognizer: WhisperRecognizer) -> None:
    Decoder.first = lambda window: [_heard("a red car", word=0.45)]
    assert recognizer.listen(SOUND, None).dropped == ()
    Decoder.first = lambda window: [_heard("zz zz", log_probability=-3.0)]
    Decoder.second = lambda window: [_heard("a red car", word=0.45)]
    assert recognizer.listen(SOUND, None).dropped == (("unsure words",),)


def test_without_a_second_try_only_the_doubted_text_goes(tmp_path: Path) -> None:
    recognizer = _recognizer(tmp_path, Manner(temperatures=()))
    Decoder.first = lambda window: [_heard("car"), _heard("zz zz", 0.9, -3.0)]
    hearing = recognizer.listen(SOUND, None)
    assert [segment.text for segment in hearing.segments] == ["car"]
    assert [window.cuts for window in hearing.lost] == [(CUTS[0],), (CUTS[1],)], "the second one gave no text at all"


def test_two_languages_in_one_sound(recognizer: WhisperRecognizer) -> None:
    Decoder.probabilities = [{"en": 0.9}, {"ru": 0.8}]
    Decoder.first = lambda window: [_heard("a car", 0.2) if window.language == "en" else _heard("едет домой сама", 3.2)]
    for said in (None, "de"):
        (transcript,) = recognizer.transcribe([SOUND], said)
        assert [(one.language, one.text) for one in transcript.segments] == [("en", "a car"), ("ru", "едет домой сама")]
        assert transcript.language == "ru", "more of it is Russian"


def test_speech_of_unclear_language_is_heard_in_both(recognizer: WhisperRecognizer) -> None:
    Decoder.probabilities = [{"en": 0.1, "ru": 0.05}] * 2
    Decoder.first = lambda window: [_heard("car", 0.2, -0.9) if window.language == "en" else _heard("дом", 0.2, -0.3)]
    assert [one.language for one in recognizer.listen(SOUND, None).segments] == ["ru"]
    assert [one.language for one in recognizer.listen(SOUND, "en").segments] == ["en"], "somebody said so"


@pytest.mark.parametrize(("device", "batch", "compute_type"), [("cpu", 1, "int8"), ("cuda", 16, "int8_float16")])
def test_a_gpu_hears_many_windows_at_once(tmp_path: Path, device: str, batch: int, compute_type: str) -> None:
    _recognizer(tmp_path)
    options = WhisperRecognizer(str(tmp_path), device=device, threads=2)._decoder.options
    assert options == {"device": device, "threads": 2, "compute_type": compute_type, "batch": batch}
    chosen = WhisperRecognizer(str(tmp_path), device=device, threads=2, compute_type="float32")._decoder.options
    assert chosen["compute_type"] == "float32"
