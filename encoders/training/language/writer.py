"""Draws words from the lexicon and joins them in both languages at once.

Two sources of chance: `meaning` decides what is said, `style` only how: the same meaning with another style is a
paraphrase. A template therefore draws everything that matters from `meaning`, whatever `style` does.
"""

from dataclasses import dataclass
from random import Random

from encoders.training.language import english, lexicon, russian
from encoders.training.language.russian import Case


@dataclass(frozen=True, slots=True)
class Pair:
    """A sentence, or a part of one, in both languages."""

    english: str
    russian: str

    def __add__(self, other: "Pair") -> "Pair":
        """Joins with a space; an empty part adds none."""
        return Pair(f"{self.english} {other.english}".strip(), f"{self.russian} {other.russian}".strip())


NOTHING = Pair("", "")
_UNIQUE = frozenset({"first", "last", "best", "main"})


@dataclass(frozen=True, slots=True)
class Thing:
    """A noun and perhaps an adjective, as the word lists write them; `plural` where several are meant."""

    noun: Pair
    adjective: Pair
    plural: bool = False

    @property
    def agreement(self) -> str:
        """What a Russian verb needs to know of its subject."""
        return "plur" if self.plural else russian.gender(self.noun.russian)

    def bare(self) -> str:
        """English without an article."""
        form = english.plural(self.noun.english) if self.plural else english.singular(self.noun.english)
        return f"{self.adjective.english} {form}".strip()

    def a(self) -> str:
        """English with an indefinite article (or none, for several)."""
        if self.adjective.english in _UNIQUE:
            return self.the()
        return self.bare() if self.plural else english.with_a(self.bare())

    def the(self) -> str:
        """English with the definite article."""
        return "the " + self.bare()

    def russian(self, case: Case = "nomn") -> str:
        """Russian in a case."""
        noun = russian.noun(self.noun.russian, case, self.plural)
        if not self.adjective.russian:
            return noun
        return russian.adjective(self.adjective.russian, self.noun.russian, case, self.plural) + " " + noun

    def pair(self, case: Case = "nomn", article: str = "the") -> Pair:
        """Both languages; the article is `the`, `a` or `` (none)."""
        words = {"the": self.the, "a": self.a, "": self.bare}[article]()
        return Pair(words, self.russian(case))

    def counted(self, value: int) -> Pair:
        """Both languages with a number of 2 or more before it."""
        several = Thing(self.noun, self.adjective, True)
        words = russian.counted(value, self.noun.russian, self.adjective.russian)
        return Pair(f"{english.number(value)} {several.bare()}", words)


class Writer:
    """Draws meanings and wordings.

    Args:
        meaning: Decides what is said.
        style: Decides the wording.
    """

    def __init__(self, meaning: Random, style: Random) -> None:
        self.meaning = meaning
        self.style = style

    def chance(self, share: float) -> bool:
        """Decides about the meaning."""
        return self.meaning.random() < share

    def whim(self, share: float) -> bool:
        """Decides about the wording."""
        return self.style.random() < share

    def worded(self, entry: lexicon.Entry) -> Pair:
        """Picks one of the wordings of an entry in each language."""
        return Pair(self._option(entry.english), self._option(entry.russian))

    def _option(self, options: tuple[str, ...]) -> str:
        return options[0] if len(options) == 1 else options[int(self.style.random() * len(options))]

    def phrase(self, *sections: str) -> Pair:
        """A fixed expression from one of the sections."""
        entries = lexicon.phrases()[self.meaning.choice(sections)]
        return self.worded(self.meaning.choice(entries))

    def adjective(self, section: str) -> Pair:
        """An adjective, as the word lists write it."""
        return self.worded(self.meaning.choice(lexicon.adjectives()[section]))

    def thing(self, *sections: str, adjective: float = 0.5, plural: float = 0.0) -> Thing:
        """A noun from one of the sections, with an adjective and in the plural this often."""
        nouns = lexicon.nouns()[self.meaning.choice(sections)]
        noun = self.worded(self.meaning.choice(nouns.entries))
        draws = self.meaning.random(), self.meaning.random()
        with_adjective = draws[0] < adjective and nouns.adjectives != "none"
        described = self.adjective(nouns.adjectives) if with_adjective else NOTHING
        return Thing(noun, described, draws[1] < plural)

    def value(self, low: int, high: int) -> int:
        """A number, but for those that Russian counts like one."""
        drawn = self.meaning.randint(low, high)
        return drawn + 1 if drawn % 10 == 1 and drawn != 11 else drawn

    def article(self) -> str:
        """`the` or `a`, which Russian does not tell apart."""
        return "the" if self.whim(0.5) else "a"

    def either(self, first: Pair, second: Pair) -> Pair:
        """One of two wordings."""
        return first if self.whim(0.5) else second


def finished(words: Pair, mark: str = ".") -> Pair:
    """Makes a sentence: a capital first letter, and the mark at the end."""
    texts = [text[:1].upper() + text[1:] + mark for text in (words.english, words.russian)]
    return Pair(*texts)
