"""Finds from where on kadr's own Whisper is to be believed: `python -m encoders.training.speech.calibrate FOLDER`.

It knows its own world only, and writes a sentence of that world about everything else. What tells the two apart is how
sure it is; `OWN_MANNER` in `encoders/speech/offline_speech.py` holds the limits that this command proposes. Sound
files with real speech may be named behind the folder: nothing of them should be believed.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import jiwer
import numpy as np
from numpy.typing import NDArray

from encoders.speech.sound_file import decode_sound
from encoders.speech.voice import find_speech
from encoders.speech.whisper_decoder import WhisperDecoder
from encoders.speech.windows import Window
from encoders.training.language.grammar import normalised
from encoders.training.speech.data import examples, spoken
from encoders.training.voices import Voice, Voices

_UNKNOWN = {
    Voice("en-us+edward", 130, 50): (
        "Photosynthesis converts sunlight into chemical energy.",
        "My accountant embezzled the pension fund.",
        "He juggled seventeen rubber chickens.",
    ),
    Voice("ru+m3", 140, 45): (
        "Фотосинтез превращает свет в химическую энергию.",
        "Бухгалтер растратил пенсионный фонд.",
        "Он жонглировал резиновыми цыплятами.",
    ),
}
_RIGHT_ERROR_RATE = 0.25
_LONGEST_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class Reading:
    """What the model wrote about one utterance, how sure it is, and whether that is right."""

    kind: str
    text: str
    right: bool
    log_probability: float
    word_probability: float


def readings(folder: Path, sentences: int, files: list[Path]) -> list[Reading]:
    """Lets the model write down held-out sentences and what it cannot know."""
    decoder = WhisperDecoder(str(folder), device="cpu", threads=1, compute_type="int8", batch=1)
    known = [("known", one.text, one.sound) for one in examples(sentences)]
    return [_read(decoder, *one) for one in [*known, *_unknown(), *_real(files), *_voiceless()]]


def propose(found: list[Reading]) -> tuple[float, float]:
    """The limits that believe most right texts among those that believe nothing unknown, the loosest of them."""
    foreign = [one for one in found if one.kind != "known"]
    right = [one for one in found if one.kind == "known" and one.right]
    candidates = [
        (sum(_believed(one, log, word) for one in right), -word, -log, log, word)
        for log in np.arange(-1.0, -0.04, 0.05)
        for word in np.arange(0.5, 0.96, 0.05)
        if not any(_believed(one, log, word) for one in foreign)
    ]
    return max(candidates)[3:] if candidates else (0.0, 1.0)


def _believed(one: Reading, log_probability: float, word_probability: float) -> bool:
    return one.log_probability >= log_probability and one.word_probability >= word_probability


def _read(decoder: WhisperDecoder, kind: str, text: str, sound: NDArray[np.float32]) -> Reading:
    cuts = [(0, len(sound))]
    likely = decoder.impressions(sound, cuts)[0].probabilities
    window = Window(max(likely, key=lambda language: likely[language]), True, tuple(cuts))
    heard = decoder.write_down(sound, [window])[0]
    written = " ".join(one.text for one in heard)
    right = bool(text and heard) and jiwer.wer(normalised(text), normalised(written) or "-") <= _RIGHT_ERROR_RATE
    return Reading(
        kind,
        written,
        right,
        min((one.log_probability for one in heard), default=-9.0),
        min((one.word_probability for one in heard), default=0.0),
    )


def _unknown() -> Iterator[tuple[str, str, NDArray[np.float32]]]:
    with Voices() as voices:
        for voice, texts in _UNKNOWN.items():
            for text in texts:
                yield "unknown words", text, spoken(voices, text, voice)


def _real(files: list[Path]) -> Iterator[tuple[str, str, NDArray[np.float32]]]:
    for path in files:
        with path.open("rb") as file:
            sound = decode_sound(file, max_seconds=_LONGEST_SECONDS)
        for start, stop in find_speech(sound):
            yield "real speech", "", sound[start:stop]


def _voiceless() -> Iterator[tuple[str, str, NDArray[np.float32]]]:
    random = np.random.default_rng(1)
    seconds = np.arange(3 * 16_000) / 16_000
    for _ in range(4):
        yield "noise", "", random.normal(0, 0.1, len(seconds)).astype(np.float32)
        pitch, swing = random.uniform(100, 400), np.sin(2 * np.pi * random.uniform(3, 6) * seconds)
        tones = [np.sin(2 * np.pi * pitch * over * seconds + over * swing) / over for over in range(1, 8)]
        yield "music", "", (np.sum(tones, axis=0) / 8).astype(np.float32)


def main() -> None:
    """Prints how sure the model is of each kind of sound, and the limits."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("files", type=Path, nargs="*")
    parser.add_argument("--sentences", type=int, default=20, help="a language, in known and unseen voices each")
    asked = parser.parse_args()
    found = readings(asked.folder, asked.sentences, asked.files)
    for kind in dict.fromkeys(one.kind for one in found):
        of_kind = [one for one in found if one.kind == kind]
        quantiles = {
            name: np.quantile([getattr(one, name) for one in of_kind], (0, 0.05, 0.5, 0.95, 1)).round(2).tolist()
            for name in ("log_probability", "word_probability")
        }
        print(
            json.dumps({"kind": kind, "count": len(of_kind), "right": sum(one.right for one in of_kind), **quantiles})
        )
    log, word = propose(found)
    known = [one for one in found if one.kind == "known"]
    kept = [one for one in known if _believed(one, log, word)]
    share = sum(one.right for one in kept) / max(1, sum(one.right for one in known))
    print(
        f"log_probability={log:.2f}, word_probability={word:.2f}: {share:.0%} of the right texts are believed, "
        f"{sum(not one.right for one in kept)} wrong ones of known words, and nothing else"
    )


if __name__ == "__main__":
    main()
