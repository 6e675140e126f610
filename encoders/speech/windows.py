"""What a speech model hears at once: neighbouring utterances of one language, so that none loses its context."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from encoders.speech.spoken_languages import Choice
from encoders.values import SAMPLES_PER_SECOND


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of a sound in one language (ISO 639-1), and the utterances in it.

    Attributes:
        language: Of all utterances.
        sure: Whether the language of one of them at least is clear.
        cuts: The utterances as half-open ranges of samples, in order; at least one.
    """

    language: str
    sure: bool
    cuts: tuple[tuple[int, int], ...]

    def __post_init__(self) -> None:
        if not self.cuts:
            raise ValueError("A window has at least one utterance.")

    @property
    def start(self) -> int:
        """First sample."""
        return self.cuts[0][0]

    @property
    def stop(self) -> int:
        """The sample behind the last one."""
        return self.cuts[-1][1]

    @property
    def voice(self) -> list[tuple[float, float]]:
        """The utterances in seconds."""
        return [(start / SAMPLES_PER_SECOND, stop / SAMPLES_PER_SECOND) for start, stop in self.cuts]


def gather(
    cuts: Sequence[tuple[int, int]], choices: Sequence[Choice], *, longest_seconds: float, pause_seconds: float
) -> list[Window]:
    """Puts utterances together, in order, while they share a language, a window and no long pause.

    Args:
        cuts: Utterances as half-open ranges of samples, in order.
        choices: The language of each.
        longest_seconds: Of a window; an utterance that is longer has one of its own.
        pause_seconds: Longest silence between two utterances of a window.
    """
    windows: list[Window] = []
    for cut, choice in zip(cuts, choices, strict=True):
        last = windows[-1] if windows else None
        if last is not None and last.language == choice.language and _fits(last, cut, longest_seconds, pause_seconds):
            windows[-1] = Window(last.language, last.sure or choice.sure, (*last.cuts, cut))
        else:
            windows.append(Window(choice.language, choice.sure, (cut,)))
    return windows


def _fits(window: Window, cut: tuple[int, int], longest_seconds: float, pause_seconds: float) -> bool:
    pause = (cut[0] - window.stop) / SAMPLES_PER_SECOND
    return pause <= pause_seconds and (cut[1] - window.start) / SAMPLES_PER_SECOND <= longest_seconds
