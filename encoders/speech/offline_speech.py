"""Speech without a hub: kadr's own small Whisper, and PocketSphinx for the English that it does not understand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import structlog

from encoders.ports import SpeechRecognizer
from encoders.speech.hallucination import Limits
from encoders.speech.hearing import Hearing
from encoders.speech.whisper import Manner
from encoders.speech.windows import Window
from encoders.values import SAMPLES_PER_SECOND, Segment, Sound, Transcript

OWN_MANNER = Manner(
    limits=Limits(log_probability=-0.35, word_probability=0.85),
    window_seconds=0.0,
    temperatures=(),
)
"""kadr's own Whisper hears one utterance at a time. It is sure of what it learned, and unsure of everything else."""

_log = structlog.get_logger(__name__)


class Listener(Protocol):
    """A recogniser that says what it lost, such as `WhisperRecognizer`."""

    def listen(self, sound: Sound, language: str | None) -> Hearing:
        """Writes down a sound, and tells what is missing."""


class Scribe(Protocol):
    """A recogniser of English utterances, such as `PocketSphinxRecognizer`."""

    def write_down(self, sound: Sound, cuts: Sequence[tuple[int, int]]) -> list[Segment]:
        """The words of some utterances (half-open ranges of samples), in the sound's own time."""

    def close(self) -> None:
        """Ends what it holds besides memory."""


class OfflineRecognizer(SpeechRecognizer):
    """Two recognisers: the first hears both languages in its own small world, the second any English.

    An utterance that the first one does not believe to have understood goes to the second if it is English, as the
    caller says or, where the caller says nothing, as it seems; otherwise it stays unwritten. A language that neither
    knows gives no text.

    Args:
        own: kadr's own Whisper, used in `OWN_MANNER`.
        english: PocketSphinx.
    """

    name = "kadr-whisper+pocketsphinx"
    languages = ("en", "ru")

    def __init__(self, own: Listener, english: Scribe) -> None:
        self._own = own
        self._english = english

    def transcribe(self, sounds: Sequence[Sound], language: str | None) -> list[Transcript]:
        """Writes down each sound (float32, mono, 16 kHz).

        Raises:
            RecognitionFailed: PocketSphinx died or hangs; the next call starts it again.
        """
        return [self._transcribe(sound, language) for sound in sounds]

    def close(self) -> None:
        """Ends PocketSphinx's process."""
        self._english.close()

    def _transcribe(self, sound: Sound, language: str | None) -> Transcript:
        if language not in (None, *self.languages):
            return Transcript(language, len(sound) / SAMPLES_PER_SECOND, ())
        hearing = self._own.listen(sound, language)
        foreign = [window for window in hearing.lost if (language or window.language) == "en"]
        heard = self._english.write_down(sound, [(window.start, window.stop) for window in foreign])
        # What the first one believed to understand of such an utterance is but a part of it.
        kept = [segment for segment in hearing.segments if not any(_stands_in(segment, window) for window in foreign)]
        if foreign:
            _log.info("speech passed on", utterances=len(foreign), texts=len(heard))
        return Hearing.of([Hearing((*kept, *heard))]).transcript(sound, language)


def _stands_in(segment: Segment, window: Window) -> bool:
    middle = (segment.start_seconds + segment.stop_seconds) / 2 * SAMPLES_PER_SECOND
    return window.start <= middle < window.stop
