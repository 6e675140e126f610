"""Chooses the attention heads that tell when words are spoken, by espeak-ng's own times of its words."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
from faster_whisper import WhisperModel
from numpy.typing import NDArray

from encoders.training.language.grammar import normalised
from encoders.training.speech.data import at_16_khz, held_out_sentences
from encoders.training.speech.speakers import random_voice
from encoders.training.speech.tokenizer import LANGUAGES_KNOWN
from encoders.training.voices import Voice, Voices

_WORD, _END_OF_EVENTS = 1, 0
_SENTENCES = 12

Heads = Sequence[tuple[int, int]]


class _Event(ctypes.Structure):
    """espeak_EVENT of speak_lib.h."""

    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", ctypes.c_char * 8),
    )


@dataclass(frozen=True, slots=True)
class Timed:
    """A spoken sentence: float32 sound at 16 kHz, and where each word that espeak-ng reports begins, by its letter."""

    language: str
    text: str
    sound: NDArray[np.float32]
    starts: dict[int, float]


class TimedVoices(Voices):
    """Notes when words begin while it speaks."""

    def __init__(self) -> None:
        self._starts: dict[int, float] = {}
        super().__init__()

    def timed(self, language: str, text: str, voice: Voice) -> Timed:
        """Speaks a sentence."""
        self._starts.clear()
        samples = np.asarray(self.speak(text, voice) / np.float32(32768), np.float32)
        return Timed(language, text, at_16_khz(samples, self.samples_per_second), dict(self._starts))

    def _collect(self, wave: Any, count: int, events: Any) -> int:
        each = ctypes.cast(events, ctypes.POINTER(_Event))
        index = 0
        while events and each[index].type != _END_OF_EVENTS:
            if each[index].type == _WORD:
                self._starts.setdefault(each[index].text_position - 1, each[index].audio_position / 1000)
            index += 1
        return super()._collect(wave, count, events)


def timed_sentences(count: int = _SENTENCES) -> list[Timed]:
    """Held-out sentences of both languages with the times of their words."""
    random = Random(4)
    with TimedVoices() as voices:
        return [
            voices.timed(language, text, random_voice(language, random))
            for language in LANGUAGES_KNOWN
            for text in held_out_sentences(language, count, seed=4)
        ]


def start_errors(folder: Path, sentences: Sequence[Timed]) -> list[float]:
    """Seconds between where a word begins and where the model says so, for sentences that it hears right."""
    model = WhisperModel(str(folder), device="cpu", compute_type="int8", cpu_threads=1)
    errors = []
    for sentence in sentences:
        found, _ = model.transcribe(sentence.sound, language=sentence.language, word_timestamps=True, beam_size=1)
        words = [word for segment in found for word in segment.words or ()]
        if normalised(" ".join(word.word for word in words)) == normalised(sentence.text):
            truth = _starts_of_words(sentence)
            errors += [abs(word.start - truth[index]) for index, word in enumerate(words) if index in truth]
    return errors


def _starts_of_words(sentence: Timed) -> dict[int, float]:
    """Start of each word by its place in the sentence; words that espeak-ng runs together have only the first."""
    positions, position = {}, 0
    for index, word in enumerate(sentence.text.split()):
        positions[sentence.text.index(word, position)] = index
        position = sentence.text.index(word, position) + len(word)
    return {positions[letter]: start for letter, start in sentence.starts.items() if letter in positions}


def choose_heads(
    folder: Path, heads: Heads, set_heads: Callable[[Path, Heads], None]
) -> tuple[list[tuple[int, int]], float]:
    """Tries each head, then adds the next best as long as the times get better.

    Returns:
        The heads, and the median error in seconds.
    """
    sentences = timed_sentences()

    def error(chosen: Heads) -> float:
        set_heads(folder, chosen)
        errors = start_errors(folder, sentences)
        return float(np.mean(np.minimum(errors, 1.0))) if errors else 1.0

    alone = sorted((error([head]), head) for head in heads)
    best, chosen = alone[0][0], [alone[0][1]]
    for _, head in alone[1:4]:
        together = error([*chosen, head])
        if together < best:
            best, chosen = together, [*chosen, head]
    set_heads(folder, chosen)
    return chosen, float(np.median(start_errors(folder, sentences) or [1.0]))
