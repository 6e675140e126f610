"""Speech in many languages by Whisper models in CTranslate2's format; what is not believed is not written down."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import structlog

from encoders.errors import ModelError
from encoders.ports import SpeechRecognizer
from encoders.speech.hallucination import Heard, Limits
from encoders.speech.hearing import Hearing, judge, segment
from encoders.speech.sifting import sift
from encoders.speech.spoken_languages import Choice, choose_languages
from encoders.speech.voice import find_speech
from encoders.speech.whisper_decoder import WhisperDecoder
from encoders.speech.windows import Window, gather
from encoders.values import Sound, Transcript

_log = structlog.get_logger(__name__)
# Without tokenizer.json, faster-whisper would ask the hub for another model's.
_FILES = ("model.bin", "config.json", "tokenizer.json")
# OpenAI's models know about a hundred: that is as good as any.
_MANY_LANGUAGES = 90
_CUDA_BATCH = 16
# Chance finds something for every sound: words of a second try are believed from here on only.
_SECOND_WORD_PROBABILITY = 0.5
# A window of unclear language is heard in each of so many, not of a hundred.
_FEW_LANGUAGES = 3


@dataclass(frozen=True, slots=True)
class Manner:
    """How a Whisper model wants to be used.

    Attributes:
        limits: From where on its text is doubted.
        window_seconds: Longest sound that it hears at once; 0: each utterance alone.
        pause_seconds: Longest silence between utterances that it hears at once.
        temperatures: For the second try at a doubted utterance, one after the other; none: no second try.
    """

    limits: Limits = field(default_factory=Limits)
    window_seconds: float = 28.0
    pause_seconds: float = 1.5
    temperatures: tuple[float, ...] = (0.0, 0.2, 0.4, 0.6)


class WhisperRecognizer(SpeechRecognizer):
    """One Whisper model on one device.

    Each utterance has a language of its own where the model is sure of it; the language that a caller names decides
    where it is not. Silence, music and noise hold no utterances; text that such sound or anything else makes the
    model invent is tried once more and then dropped, and a log line says how many there were and why.

    Args:
        model: A folder in CTranslate2's format, a size such as `small`, or a hub name.
        device: `cpu` or `cuda`.
        threads: Threads on the CPU.
        compute_type: CTranslate2's name of it; None: int8, with float16 on CUDA.
        languages: Those that are looked for (ISO 639-1), besides the one that a caller names; none: all.
        manner: How the model wants to be used.

    Raises:
        ModelError: The folder is missing or lacks a file, or the model knows none of the languages.
    """

    def __init__(
        self,
        model: str,
        *,
        device: str,
        threads: int,
        compute_type: str | None = None,
        languages: Sequence[str] = (),
        manner: Manner | None = None,
    ) -> None:
        source = _locate(model)
        self.name = Path(source).name if Path(source).is_absolute() else model
        self._manner = manner or Manner()
        self._decoder = WhisperDecoder(
            source,
            device=device,
            threads=threads,
            compute_type=compute_type or ("int8_float16" if device == "cuda" else "int8"),
            batch=_CUDA_BATCH if device == "cuda" else 1,
        )
        known = self._decoder.languages
        self.languages = () if len(known) > _MANY_LANGUAGES else known
        self._wanted = [language for language in languages or known if language in known]
        if not self._wanted:
            raise ModelError(
                f"The speech model {model} knows none of the languages {', '.join(languages)}: "
                "correct KADR_SPEECH_LANGUAGES or KADR_SPEECH_MODEL."
            )

    def transcribe(self, sounds: Sequence[Sound], language: str | None) -> list[Transcript]:
        """Writes down each sound (float32, mono, 16 kHz); a language that the model does not know is found out."""
        return [self.listen(sound, language).transcript(sound, self._known(language)) for sound in sounds]

    def listen(self, sound: Sound, language: str | None) -> Hearing:
        """Writes down one sound, and tells what it dropped and where it heard nothing."""
        cuts = find_speech(sound)
        if not cuts:
            return Hearing()
        possible = self._possible(language)
        windows = self._windows(sound, cuts, possible, self._known(language))
        first = zip(windows, self._decoder.write_down(sound, windows), strict=True)
        tries = [self._in_clear_language(sound, window, heard, possible) for window, heard in first]
        hearing = Hearing.of(self._settle(sound, window, heard) for window, heard in tries)
        if hearing.dropped:
            reasons = Counter(doubt for why in hearing.dropped for doubt in why)
            _log.info("speech dropped", texts=len(hearing.dropped), kept=len(hearing.segments), reasons=dict(reasons))
        return hearing

    def _known(self, language: str | None) -> str | None:
        return language if language in self._decoder.languages else None

    def _possible(self, language: str | None) -> list[str]:
        hint = self._known(language)
        return list(dict.fromkeys([*self._wanted, *([hint] if hint else [])]))

    def _windows(
        self, sound: Sound, cuts: Sequence[tuple[int, int]], possible: Sequence[str], hint: str | None
    ) -> list[Window]:
        if len(possible) > 1:
            choices = choose_languages(self._decoder.impressions(sound, cuts), possible, hint)
        else:
            choices = [Choice(possible[0], True)] * len(cuts)
        manner = self._manner
        return gather(cuts, choices, longest_seconds=manner.window_seconds, pause_seconds=manner.pause_seconds)

    def _in_clear_language(
        self, sound: Sound, window: Window, heard: list[Heard], possible: Sequence[str]
    ) -> tuple[Window, list[Heard]]:
        """A window whose language is not clear, and its text, in the one of few languages that makes it likeliest."""
        if window.sure or len(possible) > _FEW_LANGUAGES:
            return window, heard
        others = [replace(window, language=language) for language in possible if language != window.language]
        tries = [(window, heard), *((other, self._decoder.write_down(sound, [other])[0]) for other in others)]
        return max(tries, key=lambda one: _likelihood(one[1]))

    def _settle(self, sound: Sound, window: Window, heard: Sequence[Heard]) -> Hearing:
        """Keeps what is believed of a window, and hears its doubtful utterances once more before it drops any."""
        limits = self._manner.limits
        sifted = sift(window, heard, limits)
        if not (sifted.doubtful and self._manner.temperatures):
            return judge(window, heard, limits)
        kept = Hearing(tuple(segment(one, window.language) for one in sifted.believed), sifted.unheard)
        stricter = replace(limits, word_probability=max(limits.word_probability, _SECOND_WORD_PROBABILITY))
        again = (
            judge(cut, self._decoder.try_again(sound, cut, stricter, self._manner.temperatures), stricter)
            for cut in sifted.doubtful
        )
        return Hearing.of([kept, *again])


def _likelihood(heard: Sequence[Heard]) -> float:
    return sum(one.log_probability for one in heard) / len(heard) if heard else -math.inf


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
