"""What of a window's text is believed, and which of its utterances must be heard again: pure rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from encoders.speech.hallucination import Heard, Limits, doubts
from encoders.speech.windows import Window


@dataclass(frozen=True, slots=True)
class Sifted:
    """A window's text after a look at it.

    Attributes:
        believed: Texts that nothing speaks against.
        doubtful: Utterances whose text is doubted, each as a window of its own; no believed text stands in them.
        unheard: Likewise, utterances without any text.
    """

    believed: tuple[Heard, ...]
    doubtful: tuple[Window, ...]
    unheard: tuple[Window, ...]


def sift(window: Window, heard: Sequence[Heard], limits: Limits) -> Sifted:
    """Keeps texts whose utterances hold no doubted text.

    A text that shares an utterance with a doubted one goes too, as do all of its utterances: they are heard again as
    a whole, and nothing is written down twice.
    """
    places = [_cuts_of(window, one) for one in heard]
    wrong = [at for at, one in zip(places, heard, strict=True) if doubts(one, window.voice, limits)]
    doubted: set[int] = set().union(*wrong)
    while more := {cut for at in places if at & doubted for cut in at} - doubted:
        doubted |= more
    unheard = set(range(len(window.cuts))).difference(*places)
    return Sifted(
        tuple(one for at, one in zip(places, heard, strict=True) if not at & doubted),
        tuple(_alone(window, cut) for cut in sorted(doubted)),
        tuple(_alone(window, cut) for cut in sorted(unheard)),
    )


def _alone(window: Window, cut: int) -> Window:
    return replace(window, cuts=(window.cuts[cut],))


def _cuts_of(window: Window, heard: Heard) -> set[int]:
    """The utterances that the words stand in, by the middle of each word; between two, the nearer one."""
    middles = [(word.start_seconds + word.stop_seconds) / 2 for word in heard.words]
    return {_nearest(window.voice, middle) for middle in middles}


def _nearest(voice: Sequence[tuple[float, float]], seconds: float) -> int:
    return min(range(len(voice)), key=lambda cut: _distance(seconds, voice[cut]))


def _distance(seconds: float, stretch: tuple[float, float]) -> float:
    start, stop = stretch
    return max(start - seconds, seconds - stop, 0.0)
