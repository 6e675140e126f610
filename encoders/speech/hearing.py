"""What came of listening to a sound: segments that are believed, and what was lost."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from encoders.speech.hallucination import Doubt, Heard, Limits, doubts
from encoders.speech.sifting import sift
from encoders.speech.spoken_languages import main_language
from encoders.speech.windows import Window
from encoders.values import SAMPLES_PER_SECOND, Segment, Sound, Transcript


@dataclass(frozen=True, slots=True)
class Hearing:
    """What came of a sound or a part of it.

    Attributes:
        segments: What is believed, in order.
        lost: Utterances of which some text was dropped or that gave none, each as a window of its own, in order.
        dropped: For each text that was dropped, why.
    """

    segments: tuple[Segment, ...] = ()
    lost: tuple[Window, ...] = ()
    dropped: tuple[tuple[Doubt, ...], ...] = ()

    @classmethod
    def of(cls, parts: Iterable[Hearing]) -> Hearing:
        """Everything that came of the parts of a sound."""
        whole = list(parts)
        segments = sorted((segment for part in whole for segment in part.segments), key=lambda one: one.start_seconds)
        lost = sorted((window for part in whole for window in part.lost), key=lambda window: window.start)
        return cls(tuple(segments), tuple(lost), tuple(why for part in whole for why in part.dropped))

    def transcript(self, sound: Sound, language: str | None) -> Transcript:
        """The same as a transcript; its language is that of most speech, the given one where nothing is believed."""
        main = main_language([(one.language, one.stop_seconds - one.start_seconds) for one in self.segments])
        return Transcript(main or language, len(sound) / SAMPLES_PER_SECOND, self.segments)


def judge(window: Window, heard: Sequence[Heard], limits: Limits) -> Hearing:
    """Drops what is doubted of a window's text, and keeps the rest."""
    why = [doubts(one, window.voice, limits) for one in heard]
    sifted = sift(window, heard, limits)
    return Hearing(
        tuple(segment(one, window.language) for one, against in zip(heard, why, strict=True) if not against),
        (*sifted.doubtful, *sifted.unheard),
        tuple(against for against in why if against),
    )


def segment(heard: Heard, language: str) -> Segment:
    """A text as it is written down."""
    return Segment(heard.text, heard.start_seconds, heard.stop_seconds, language, heard.words)
