"""The films: what each shows and says, decided by its number alone."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from random import Random

from encoders.training.language import grammar
from encoders.training.language.grammar import Pair
from encoders.training.pictures import english, russian
from encoders.training.pictures.captions import LANGUAGES, Language
from encoders.training.pictures.facts import Facts, unseen
from encoders.training.texts.meanings import stems, text_of

SHOTS = 10
SHORTEST_SECONDS, LONGEST_SECONDS = 4.0, 5.9
SPOKEN = 0.6
"""The share of shots in which something is said."""
NEVER = ("umbrella", "tent", "kite", "rocket", "snowman")
"""Figures that no film shows, and of which nobody speaks: queries for them should find nothing."""


@dataclass(frozen=True, slots=True)
class Shot:
    """What is seen and perhaps said between two cuts, `[start_seconds, stop_seconds)`."""

    start_seconds: float
    stop_seconds: float
    facts: Facts
    line: Pair | None

    @property
    def told(self) -> frozenset[str]:
        """Stems of what is said, in both languages."""
        return told(self.line) if self.line else frozenset()


@dataclass(frozen=True, slots=True)
class Film:
    """A film: who speaks in it speaks its language; its title is in it too, its description in the other one."""

    number: int
    language: Language
    title: Pair
    shots: tuple[Shot, ...]

    @property
    def name(self) -> str:
        """Its external id."""
        return f"film-{self.number:03d}"

    @property
    def duration_seconds(self) -> float:
        """Its length."""
        return self.shots[-1].stop_seconds

    def heading(self, language: Language) -> str:
        """Its title in a language, without the full stop."""
        return text_of(self.title, language).rstrip(".!?")


def film(number: int, *, seed: int) -> Film:
    """Makes a film; the same number and seed make the same one."""
    random = Random(f"{seed}/{number}")
    lengths = [round(random.uniform(SHORTEST_SECONDS, LONGEST_SECONDS), 2) for _ in range(SHOTS)]
    edges = [0.0, *(round(edge, 2) for edge in accumulate(lengths))]
    shots = tuple(
        Shot(edges[n], edges[n + 1], shown(random), sentence(random) if random.random() < SPOKEN else None)
        for n in range(SHOTS)
    )
    return Film(number, LANGUAGES[number % 2], sentence(random), shots)


def shown(random: Random) -> Facts:
    """Facts in a combination that was never trained on, without what is never shown."""
    while True:
        facts = unseen(random)
        if not any(subject.kind in NEVER for subject in facts.subjects):
            return facts


def sentence(random: Random) -> Pair:
    """A sentence that was never trained on, without what is never said."""
    while True:
        pair = grammar.pair(random)
        if any(grammar.held_out(text_of(pair, language)) for language in LANGUAGES) and not told(pair) & _never():
            return pair


def told(pair: Pair) -> frozenset[str]:
    """Stems of a sentence in both languages."""
    return frozenset().union(*(stems(text_of(pair, language), language) for language in LANGUAGES))


def kind_stems(kind: str) -> frozenset[str]:
    """Stems of the words for a figure in both languages, in one and several."""
    words = [(form, "en") for pair in english.NOUNS[kind] for form in pair]
    words += [(form, "ru") for noun in russian.NOUNS[kind] for form in (noun.one, noun.few, noun.many, noun.of_many)]
    return frozenset().union(*(stems(word, language) for word, language in words))  # type: ignore[arg-type]


@cache
def _never() -> frozenset[str]:
    return frozenset().union(*(kind_stems(kind) for kind in NEVER))
