"""Makes speech for training: sentences of the grammar, spoken by espeak-ng, kept as mel in files of a folder.

A minute of one CPU core makes about six hours of speech. A shard is `NAME.npy`, the mel of all its utterances one
after another (float16, [frames, 80]), and `NAME.json`, a row for each: language, text, phonemes, voice, first and
last frame.
"""

from __future__ import annotations

import json
import multiprocessing
import os
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np
from numpy.typing import NDArray
from scipy.signal import resample_poly  # type: ignore[import-untyped]

from encoders.training.language.grammar import held_out, pair
from encoders.training.speech.mel import FRAMES_PER_SECOND, SAMPLES_PER_SECOND, log_mel
from encoders.training.speech.speakers import random_voice, unseen_voice
from encoders.training.speech.tokenizer import LANGUAGES_KNOWN
from encoders.training.voices import Voice, Voices

_SHARD_SECONDS = 1800
_AUDIBLE = 1e-3
_BEFORE, _AFTER = 400, 800


@dataclass(frozen=True, slots=True)
class Utterance:
    """One spoken sentence.

    Attributes:
        language: `en` or `ru`.
        text: As it is to be written.
        phonemes: As it is pronounced, see `Voices.phonemes`.
        mel: float16, [frames, 80], from `log_mel`.
    """

    language: str
    text: str
    phonemes: str
    mel: NDArray[np.float16]


def sentence(language: str, random: Random, *, held: bool = False) -> str:
    """Draws a sentence that is kept out of training, or one that is not."""
    while True:
        both = pair(random)
        text = both.english if language == "en" else both.russian
        if held_out(text) == held:
            return text


def held_out_sentences(language: str, count: int, seed: int) -> list[str]:
    """Different sentences that training never meets."""
    random = Random(seed)
    found: dict[str, None] = {}
    while len(found) < count:
        found[sentence(language, random, held=True)] = None
    return list(found)


def spoken(voices: Voices, text: str, voice: Voice) -> NDArray[np.float32]:
    """The sentence's sound: float32, mono, 16 kHz, without the silence around it."""
    samples = np.asarray(voices.speak(text, voice) / np.float32(32768), np.float32)
    sound = at_16_khz(samples, voices.samples_per_second)
    audible = np.flatnonzero(np.abs(sound) > _AUDIBLE)
    if len(audible):
        sound = sound[max(0, audible[0] - _BEFORE) : audible[-1] + _AFTER]
    return sound


def at_16_khz(samples: NDArray[np.float32], samples_per_second: int) -> NDArray[np.float32]:
    """The sound at the rate that Whisper takes."""
    divisor = int(np.gcd(samples_per_second, SAMPLES_PER_SECOND))
    resampled = resample_poly(samples, SAMPLES_PER_SECOND // divisor, samples_per_second // divisor)
    return np.asarray(resampled, np.float32)


def write_shard(folder: Path, number: int, seconds: float = _SHARD_SECONDS) -> None:
    """Speaks until a shard is full; the number is the seed."""
    random = Random(number)
    mels, rows, frames = [], [], 0
    with Voices() as voices:
        while frames < seconds * FRAMES_PER_SECOND:
            language = random.choice(LANGUAGES_KNOWN)
            text, voice = sentence(language, random), random_voice(language, random)
            mel = log_mel(spoken(voices, text, voice)).astype(np.float16)
            mels.append(mel)
            rows.append([language, text, voices.phonemes(text, voice.name), voice.name, frames, frames + len(mel)])
            frames += len(mel)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"speech-{number:05d}"
    np.save(path.with_suffix(".npy"), np.concatenate(mels))
    # The list comes last and whole, so that a reader never sees half a shard.
    partial = path.with_suffix(".part")
    partial.write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")
    os.replace(partial, path.with_suffix(".json"))


def write_shards(folder: Path, count: int, seed: int = 0) -> None:
    """Makes the shards that are not there yet."""
    os.nice(7)
    trainer = os.getppid()
    for number in range(seed * 10_000, seed * 10_000 + count):
        if os.getppid() != trainer:
            return
        if not (folder / f"speech-{number:05d}.json").exists():
            write_shard(folder, number)


def start_writing(folder: Path, hours: float, seed: int) -> multiprocessing.process.BaseProcess:
    """Makes so many hours of speech in a process beside the training."""
    count = max(1, round(hours * 3600 / _SHARD_SECONDS))
    process = multiprocessing.get_context("spawn").Process(target=write_shards, args=(folder, count, seed), daemon=True)
    process.start()
    return process


class Library:
    """The utterances of a folder, by language; new shards are found as they are finished."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seen: set[Path] = set()
        self.utterances: dict[str, list[Utterance]] = {language: [] for language in LANGUAGES_KNOWN}

    @property
    def ready(self) -> bool:
        """Whether there is speech in every language."""
        return all(self.utterances.values())

    def refresh(self) -> None:
        """Reads the shards that came since."""
        for rows_path in sorted(set(self._folder.glob("speech-*.json")) - self._seen):
            mels = np.load(rows_path.with_suffix(".npy"), mmap_mode="r")
            for language, text, phonemes, _voice, first, last in json.loads(rows_path.read_text(encoding="utf-8")):
                self.utterances[language].append(Utterance(language, text, phonemes, mels[first:last]))
            self._seen.add(rows_path)


@dataclass(frozen=True, slots=True)
class Example:
    """A sentence of the evaluation and its sound (float32, 16 kHz)."""

    language: str
    text: str
    unseen_voice: bool
    sound: NDArray[np.float32]


def examples(count: int, seed: int = 1) -> list[Example]:
    """Held-out sentences: `count` a language in voices of the training and as many in unseen ones, in turn."""
    random = Random(seed)
    texts = {language: held_out_sentences(language, 2 * count, seed) for language in LANGUAGES_KNOWN}
    found = []
    with Voices() as voices:
        for index in range(2 * count):
            for language in LANGUAGES_KNOWN:
                unseen = index % 2 == 1
                voice = (unseen_voice if unseen else random_voice)(language, random)
                text = texts[language][index]
                found.append(Example(language, text, unseen, spoken(voices, text, voice)))
    return found
