"""Speech in many languages by faster-whisper (https://github.com/SYSTRAN/faster-whisper) on CTranslate2 models."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from faster_whisper import WhisperModel

from encoders.errors import ModelError
from encoders.ports import SpeechRecognizer
from encoders.values import SAMPLES_PER_SECOND, Segment, Sound, Transcript, Word
from encoders.voice import find_speech

# Without tokenizer.json, faster-whisper would ask the hub for another model's.
_FILES = ("model.bin", "config.json", "tokenizer.json")


class WhisperRecognizer(SpeechRecognizer):
    """One Whisper model on one device.

    Args:
        model: A folder in CTranslate2's format, a size such as `small`, or a hub name.
        device: `cpu` or `cuda`.
        threads: Threads on the CPU.

    Raises:
        ModelError: The folder is missing or lacks a file.
    """

    def __init__(self, model: str, *, device: str, threads: int) -> None:
        source = _locate(model)
        self._model = WhisperModel(
            source,
            device=device,
            compute_type="int8_float16" if device == "cuda" else "int8",
            cpu_threads=threads,
        )
        self.name = Path(source).name if Path(source).is_absolute() else model
        self.languages = () if self._model.model.is_multilingual else ("en",)

    def transcribe(self, sounds: Sequence[Sound], language: str | None) -> list[Transcript]:
        """Writes down each sound (float32, mono, 16 kHz); a language that the model does not know is found out."""
        known = language if language in self._model.supported_languages else None
        return [self._transcribe(sound, known) for sound in sounds]

    def _transcribe(self, sound: Sound, language: str | None) -> Transcript:
        duration_seconds = len(sound) / SAMPLES_PER_SECOND
        if not find_speech(sound):
            return Transcript(language, duration_seconds, ())
        found, details = self._model.transcribe(
            sound,
            language=language,
            vad_filter=True,
            word_timestamps=True,
            condition_on_previous_text=False,
        )
        segments = _segments(found, details.language, duration_seconds)
        return Transcript(language or details.language, duration_seconds, segments)


def _locate(model: str) -> str:
    path = Path(model.removeprefix("local-dir:"))
    if not (path.is_absolute() or path.is_dir()):
        return model
    if not path.is_dir():
        raise ModelError(f"The speech model's folder {path} is missing: correct KADR_SPEECH_MODEL.")
    missing = [name for name in _FILES if not (path / name).is_file()]
    if missing:
        raise ModelError(f"The folder {path} holds no CTranslate2 Whisper model: {', '.join(missing)} missing.")
    return str(path.absolute())


def _segments(found: Iterable[Any], language: str, duration_seconds: float) -> tuple[Segment, ...]:
    """What the library found, in order; word times may leave the sound by a little, and are brought back into it."""
    segments = []
    for segment in found:
        words = tuple(_word(word, duration_seconds) for word in segment.words or () if word.word.strip())
        if words:
            text = segment.text.strip() or " ".join(word.text for word in words)
            stop = max(word.stop_seconds for word in words)
            ordered = tuple(sorted(words, key=lambda word: word.start_seconds))
            segments.append(Segment(text, ordered[0].start_seconds, stop, language, ordered))
    return tuple(sorted(segments, key=lambda segment: segment.start_seconds))


def _word(word: Any, duration_seconds: float) -> Word:
    start = min(max(0.0, float(word.start)), duration_seconds)
    stop = min(max(start, float(word.end)), duration_seconds)
    return Word(word.word.strip(), start, stop, min(1.0, max(0.0, float(word.probability))))
