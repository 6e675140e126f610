"""Measures a model through faster-whisper: `python -m encoders.training.speech.evaluate FOLDER`.

All sentences are held out from the training. Word error rates are of lower-case text without punctuation.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import jiwer
import numpy as np
from faster_whisper import WhisperModel
from numpy.typing import NDArray

from encoders.speech.voice import find_speech
from encoders.training.language.grammar import normalised
from encoders.training.speech.data import Example, examples
from encoders.training.speech.mel import SAMPLES_PER_SECOND
from encoders.training.speech.tokenizer import LANGUAGES_KNOWN

_PAUSE = int(0.3 * SAMPLES_PER_SECOND)
_SENTENCES_A_FILE = 10


@dataclass(slots=True)
class _Answers:
    """What was said and what was written, by kind."""

    said: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    written: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    languages_right: list[bool] = field(default_factory=list)

    def add(self, kind: str, said: str, written: str) -> None:
        self.said[kind].append(normalised(said))
        self.written[kind].append(normalised(written))

    def figures(self) -> dict[str, float]:
        rates = {f"wer_{kind}": float(jiwer.wer(self.said[kind], self.written[kind])) for kind in self.said}
        return {**rates, "language_accuracy": float(np.mean(self.languages_right))}


def evaluate(folder: Path | str, sentences: int = 200, threads: int = 1) -> dict[str, float]:
    """Transcribes held-out sentences, one by one and in long files that the voice detector cuts.

    Args:
        folder: The model, in CTranslate2's format.
        sentences: Sentences a language in voices of the training, and as many in unseen voices.
        threads: Threads of the CPU.

    Returns:
        `wer_en`, `wer_ru` (voices of the training), `wer_en_unseen_voice`, `wer_ru_unseen_voice`, `wer_en_long`,
        `wer_ru_long` and `language_accuracy`, all as shares.
    """
    model = WhisperModel(str(folder), device="cpu", compute_type="int8", cpu_threads=threads, local_files_only=True)
    answers = _Answers()
    tests = examples(sentences)
    for test in tests:
        found, details = model.transcribe(
            _padded(test.sound), vad_filter=True, word_timestamps=True, condition_on_previous_text=False
        )
        kind = test.language + ("_unseen_voice" if test.unseen_voice else "")
        answers.add(kind, test.text, " ".join(segment.text for segment in found))
        answers.languages_right.append(details.language == test.language)
    for language in LANGUAGES_KNOWN:
        of_language = [test for test in tests if test.language == language]
        for first in range(0, min(len(of_language), 120), _SENTENCES_A_FILE):
            part = of_language[first : first + _SENTENCES_A_FILE]
            answers.add(f"{language}_long", " ".join(test.text for test in part), _transcribed_in_cuts(model, part))
    return answers.figures()


def _transcribed_in_cuts(model: WhisperModel, tests: list[Example]) -> str:
    """Joins sentences to one file, and writes down what the voice detector cuts out of it."""
    random = Random(len(tests[0].text))
    pieces = [np.zeros(_PAUSE, np.float32)]
    for test in tests:
        pieces += [test.sound, np.zeros(int(random.uniform(0.4, 1.5) * SAMPLES_PER_SECOND), np.float32)]
    sound = np.concatenate(pieces)
    cuts = [sample / SAMPLES_PER_SECOND for cut in find_speech(sound) for sample in cut]
    found, _ = model.transcribe(sound, clip_timestamps=cuts, word_timestamps=True, condition_on_previous_text=False)
    return " ".join(segment.text for segment in found)


def _padded(sound: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.pad(sound, _PAUSE)


def main() -> None:
    """Prints the figures as JSON."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sentences", type=int, default=200)
    parser.add_argument("--threads", type=int, default=1)
    asked = parser.parse_args()
    figures = evaluate(asked.folder, asked.sentences, asked.threads)
    print(json.dumps({name: round(value, 4) for name, value in figures.items()}, indent=2))


if __name__ == "__main__":
    main()
