"""What the offline profile hears, with its real models: sentences where they are spoken, and nothing elsewhere.

The sentences are never in the training of kadr's own Whisper.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import encoders
import encoders.speech.whisper
from encoders.speech.offline_speech import OWN_MANNER, OfflineRecognizer
from encoders.speech.pocketsphinx import PocketSphinxRecognizer
from encoders.speech.sound_file import decode_sound
from encoders.speech.whisper import WhisperRecognizer
from encoders.training.language.demo_lines import ENGLISH, RUSSIAN
from encoders.training.speech.data import spoken
from encoders.training.voices import Voice, Voices
from encoders.values import Sound

WEIGHTS = Path(encoders.__file__).parent / "weights" / "kadr-whisper"
SPEECH = next(Path(__file__).resolve().parents[3].glob("*/media/jfk.flac"), None)
SECONDS = 4
ENGLISH_VOICE, RUSSIAN_VOICE = Voice("en-us+edward", 130, 50, 1), Voice("ru+m3", 140, 45)


@pytest.fixture(scope="module")
def own() -> WhisperRecognizer:
    return WhisperRecognizer(str(WEIGHTS), device="cpu", threads=1, manner=OWN_MANNER)


@pytest.fixture(scope="module")
def recognizer(own: WhisperRecognizer) -> Iterator[OfflineRecognizer]:
    both = OfflineRecognizer(own, PocketSphinxRecognizer())
    yield both
    both.close()


@pytest.fixture(scope="module")
def voices() -> Iterator[Voices]:
    with Voices() as voices:
        yield voices


def _music(rng: np.random.Generator) -> Sound:
    """Chords, an arpeggio over them and drums, with harmonics."""
    seconds = np.arange(SECONDS * 16_000) / 16_000
    sound = sum(
        np.sin(2 * np.pi * pitch * overtone * seconds) / overtone / 3
        for pitch in (220, 277.2, 329.6)
        for overtone in range(1, 6)
    )
    for beat in range(4 * SECONDS):
        since = np.clip(seconds - beat / 4, 0, None)
        pitch = (440, 554.4, 659.3, 880)[beat % 4]
        note = sum(np.sin(2 * np.pi * pitch * overtone * since) / overtone for overtone in range(1, 5))
        drum = np.sin(2 * np.pi * 60 * since) + (beat % 2) * 0.5 * rng.normal(size=len(seconds))
        sound = sound + (seconds >= beat / 4) * (np.exp(-6 * since) * note + np.exp(-20 * since) * drum)
    return np.asarray(sound / np.abs(sound).max(), np.float32)


def _noise(rng: np.random.Generator, *, pink: bool) -> Sound:
    spectrum = np.fft.rfft(rng.normal(size=SECONDS * 16_000))
    sound = np.fft.irfft(spectrum / np.sqrt(np.arange(1, len(spectrum) + 1)) if pink else spectrum)
    return np.asarray(sound / np.abs(sound).max(), np.float32)


def _hum() -> Sound:
    seconds = np.arange(SECONDS * 16_000) / 16_000
    sound = sum(np.sin(2 * np.pi * 50 * overtone * seconds) / overtone for overtone in (1, 2, 3, 5))
    return np.asarray(sound / np.abs(sound).max(), np.float32)


def _without_speech() -> dict[str, Sound]:
    rng = np.random.default_rng(4)
    return {
        "silence": np.zeros(SECONDS * 16_000, np.float32),
        "music": _music(rng),
        "white noise": _noise(rng, pink=False),
        "pink noise": _noise(rng, pink=True),
        "hum": _hum(),
    }


NOBODY = _without_speech()


@pytest.mark.parametrize("level", [0.9, 0.2, 0.01])
@pytest.mark.parametrize("kind", NOBODY)
def test_where_nobody_speaks_there_is_no_text(recognizer: OfflineRecognizer, kind: str, level: float) -> None:
    (transcript,) = recognizer.transcribe([NOBODY[kind] * np.float32(level)], None)
    assert transcript.segments == ()


@pytest.mark.parametrize("kind", NOBODY)
def test_what_passes_for_a_voice_gives_no_text_either(
    own: WhisperRecognizer, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(encoders.speech.whisper, "find_speech", lambda sound: [(0, len(sound))])
    hearing = own.listen(NOBODY[kind] * np.float32(0.3), None)
    assert hearing.segments == ()
    assert [(window.start, window.stop) for window in hearing.lost] == [(0, SECONDS * 16_000)]


@pytest.mark.parametrize("kind", NOBODY)
def test_speech_between_them_is_heard_where_it_is(recognizer: OfflineRecognizer, voices: Voices, kind: str) -> None:
    said = spoken(voices, ENGLISH[4], ENGLISH_VOICE)
    around, pause = NOBODY[kind] * np.float32(0.2), np.zeros(8_000, np.float32)
    (transcript,) = recognizer.transcribe([np.concatenate([around, pause, said, pause, around])], "en")
    assert _shared_words(transcript.text, ENGLISH[4]) >= 0.6
    start, stop = SECONDS + 0.5, SECONDS + 0.5 + len(said) / 16_000
    assert transcript.segments[0].start_seconds == pytest.approx(start, abs=0.3)
    assert transcript.segments[-1].stop_seconds == pytest.approx(stop, abs=0.3)


def test_english_and_russian_in_one_sound(recognizer: OfflineRecognizer, voices: Voices) -> None:
    pause = np.zeros(12_000, np.float32)
    english = spoken(voices, ENGLISH[7], ENGLISH_VOICE)
    russian = spoken(voices, RUSSIAN[0], RUSSIAN_VOICE)
    sound = np.concatenate([pause, english, pause, russian, pause])
    for said in (None, "en", "ru"):
        (transcript,) = recognizer.transcribe([sound], said)
        text = {
            language: " ".join(one.text for one in transcript.segments if one.language == language)
            for language in ("en", "ru")
        }
        assert _shared_words(text["en"], ENGLISH[7]) >= 0.6
        assert _shared_words(text["ru"], RUSSIAN[0]) >= 0.6


@pytest.mark.skipif(SPEECH is None, reason="the folder of real sample media is not beside the project")
@pytest.mark.parametrize("said", [None, "en"])
def test_real_english_is_heard_as_well_as_by_pocketsphinx(recognizer: OfflineRecognizer, said: str | None) -> None:
    assert SPEECH is not None
    with SPEECH.open("rb") as file:
        speech = decode_sound(file, max_seconds=20.0)
    (transcript,) = recognizer.transcribe([speech], said)
    assert {"you", "can", "do", "for", "your", "country"} <= set(transcript.text.split())
    alone = recognizer._english.write_down(speech, encoders.speech.whisper.find_speech(speech))
    assert transcript.text == " ".join(segment.text for segment in alone)


def _shared_words(text: str, expected: str) -> float:
    """Share of the expected words that are in the text."""
    heard = {word.strip(".,?!").lower() for word in text.split()}
    wanted = [word.strip(".,?!").lower() for word in expected.split()]
    return sum(word in heard for word in wanted) / len(wanted)
