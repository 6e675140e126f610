"""Whether to believe what a speech model wrote down: pure rules on its text, its times and its own doubts.

A Whisper always writes something, also about breath, music and noise: it repeats itself, thanks for watching, or
speaks faster than anybody can. Its batched decoding looks at none of that (https://github.com/SYSTRAN/faster-whisper),
so kadr looks itself, whichever way the text was made.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from encoders.values import Word

Doubt = Literal[
    "improbable",
    "unsure words",
    "no speech",
    "compressible",
    "repeats",
    "too fast",
    "too slow",
    "outside voice",
    "junk",
]
"""Why a text is not believed."""

_WORD = re.compile(r"[^\W_]+(?:['\u2019-][^\W_]+)*")
# What subtitles of the training films say where nobody speaks; believed only from a model that is sure of it.
_JUNK = re.compile(
    r"(?:редактор |корректор )?субтитр\w*( \w+){0,8}|редактор субтитров.*|"
    r"спасибо за (просмотр|внимание|субтитры)\w*|продолжение следует|подпи(шись|шитесь|сывайтесь)( \w+){0,3}|"
    r"став(ь|ьте) лайк\w*|всем пока|до (встречи|свидания)|"
    r"(subtitles|captions|transcri\w+|translat\w+) (by|provided|created)( \S+){0,8}|"
    r"(thanks|thank you)( so much| very much)?( for (watching|listening|your attention)| for watching .*)?|"
    r"(please |don't forget to )?(like and )?subscribe( \w+){0,4}|(i.ll )?see you( \w+){0,6}|bye( bye)?|you|"
    r"(music|applause|laughter|музыка|аплодисменты|смех)"
)
_LONGEST_PHRASE = 6
_NEAR_VOICE_SECONDS = 0.3


@dataclass(frozen=True, slots=True)
class Heard:
    """What a model wrote down about one stretch of a sound.

    Attributes:
        text: Not empty.
        words: At least one, in order, in the sound's own time.
        log_probability: Natural logarithm of the probability of a token, mean over all of them: 0 is certain.
        no_speech_probability: How likely the model finds it that nobody speaks, 0 to 1.
    """

    text: str
    words: tuple[Word, ...]
    log_probability: float
    no_speech_probability: float

    def __post_init__(self) -> None:
        if not (self.text.strip() and self.words):
            raise ValueError(f"What was heard has text and words: {self.text = }, {len(self.words) = }")

    @property
    def start_seconds(self) -> float:
        return self.words[0].start_seconds

    @property
    def stop_seconds(self) -> float:
        return max(word.stop_seconds for word in self.words)

    @property
    def word_probability(self) -> float:
        """Mean over the words."""
        return sum(word.probability for word in self.words) / len(self.words)


@dataclass(frozen=True, slots=True)
class Limits:
    """From where on a text is doubted.

    Attributes:
        log_probability: Less is improbable.
        word_probability: A lower mean over the words is unsure.
        no_speech_probability: More is no speech, if the model is not sure of its text either.
        sure_log_probability: A model above this is sure of its text.
        sure_word_probability: Likewise for the mean over the words.
        compression_ratio: Bytes of text for each byte after zlib; more repeats itself.
        characters_per_second: More cannot be spoken.
        words_per_second: Likewise.
    """

    log_probability: float = -1.0
    word_probability: float = 0.35
    no_speech_probability: float = 0.6
    sure_log_probability: float = -0.5
    sure_word_probability: float = 0.6
    compression_ratio: float = 2.4
    characters_per_second: float = 35.0
    words_per_second: float = 9.0


def doubts(heard: Heard, voice: Sequence[tuple[float, float]], limits: Limits) -> tuple[Doubt, ...]:
    """Why what was heard is not believed; nothing means that it is.

    Args:
        heard: The text in question.
        voice: Where somebody speaks, as ranges of seconds in the sound's own time.
        limits: From where on the model's figures are suspicious.
    """
    spoken = _WORD.findall(heard.text.lower())
    sure = (
        heard.log_probability >= limits.sure_log_probability
        and heard.word_probability >= limits.sure_word_probability
        and heard.no_speech_probability <= limits.no_speech_probability
    )
    found: dict[Doubt, bool] = {
        "improbable": heard.log_probability < limits.log_probability,
        "unsure words": heard.word_probability < limits.word_probability,
        "no speech": heard.no_speech_probability > limits.no_speech_probability
        and heard.log_probability < limits.sure_log_probability,
        "compressible": _compression_ratio(heard.text) > limits.compression_ratio,
        "repeats": _repeats(spoken),
        "too fast": _is_too_fast(heard, len(spoken), limits),
        "too slow": _is_too_slow(heard),
        "outside voice": _is_outside(heard, voice),
        "junk": not sure and _JUNK.fullmatch(" ".join(spoken)) is not None,
    }
    return tuple(doubt for doubt, applies in found.items() if applies)


def _compression_ratio(text: str) -> float:
    content = text.encode()
    return len(content) / len(zlib.compress(content))


def _repeats(words: Sequence[str]) -> bool:
    """Whether some phrase stands several times in a row: people say a word four times, and a phrase three times."""
    for length in range(1, _LONGEST_PHRASE + 1):
        allowed = 4 if length == 1 else 3
        run = 0
        for at in range(length, len(words)):
            run = run + 1 if words[at] == words[at - length] else 0
            if run >= length * allowed:
                return True
    return False


def _is_too_fast(heard: Heard, words: int, limits: Limits) -> bool:
    # The ends of a short text are known to some hundredths of a second only.
    seconds = heard.stop_seconds - heard.start_seconds + 0.2
    return len(heard.text) > limits.characters_per_second * seconds or words > limits.words_per_second * seconds


def _is_too_slow(heard: Heard) -> bool:
    """Whether a few letters are drawn out over long: what a model writes about a hum or a melody."""
    seconds = heard.stop_seconds - heard.start_seconds
    return seconds > 5.0 and len(heard.text) < 1.5 * seconds


def _is_outside(heard: Heard, voice: Sequence[tuple[float, float]]) -> bool:
    middles = [(word.start_seconds + word.stop_seconds) / 2 for word in heard.words]
    outside = sum(not any(_is_near(middle, stretch) for stretch in voice) for middle in middles)
    return 2 * outside > len(middles)


def _is_near(seconds: float, stretch: tuple[float, float]) -> bool:
    start, stop = stretch
    return start - _NEAR_VOICE_SECONDS <= seconds <= stop + _NEAR_VOICE_SECONDS
