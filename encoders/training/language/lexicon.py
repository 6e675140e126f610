"""Reads the word lists in `words/`: what stands in them, by section."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent / "words"


@dataclass(frozen=True, slots=True)
class Entry:
    """One meaning: the ways to say it in each language, written as the word lists write them."""

    english: tuple[str, ...]
    russian: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Nouns:
    """The nouns of a section and the section of the adjectives that suit them (`none`: no adjectives)."""

    entries: tuple[Entry, ...]
    adjectives: str


@dataclass(frozen=True, slots=True)
class Verbs:
    """Verbs that take the same subjects and the same objects (none for intransitive verbs)."""

    subjects: tuple[str, ...]
    objects: tuple[str, ...]
    entries: tuple[Entry, ...]


def _sections(file: str) -> list[tuple[str, tuple[Entry, ...]]]:
    sections: list[tuple[str, list[Entry]]] = []
    for line in (_FOLDER / file).read_text("utf-8").splitlines():
        if line.startswith("["):
            sections.append((line.strip("[]"), []))
        elif line and not line.startswith("#"):
            english, russian = line.split("|")
            sections[-1][1].append(Entry(_options(english), _options(russian)))
    return [(header, tuple(entries)) for header, entries in sections]


def _options(text: str) -> tuple[str, ...]:
    return tuple(option.strip() for option in text.split("="))


@cache
def nouns() -> dict[str, Nouns]:
    """Lists the nouns by section."""
    found = {}
    for file in ("people.txt", "animals.txt", "things.txt", "food.txt", "places.txt", "ideas.txt"):
        for header, entries in _sections(file):
            name, adjectives = header.split(" : ")
            found[name] = Nouns(entries, adjectives)
    return found


@cache
def adjectives() -> dict[str, tuple[Entry, ...]]:
    """Lists the adjectives by section."""
    return dict(_sections("adjectives_of_beings.txt") + _sections("adjectives.txt"))


@cache
def phrases() -> dict[str, tuple[Entry, ...]]:
    """Lists the fixed expressions by section."""
    return dict(_sections("phrases_of_place.txt") + _sections("phrases.txt"))


@cache
def verbs() -> tuple[Verbs, ...]:
    """Lists the verbs by what they join."""
    found = []
    for header, entries in _sections("verbs.txt"):
        subjects, objects = (tuple(side.replace("-", " ") for side in part.split()) for part in header.split(">"))
        found.append(Verbs(subjects, objects, entries))
    return tuple(found)


@cache
def numbers() -> dict[int, Entry]:
    """Lists the numbers that have words of their own, by value."""
    lines = (_FOLDER / "numbers.txt").read_text("utf-8").splitlines()
    rows = [line.split(" | ") for line in lines if not line.startswith("#")]
    return {int(value): Entry((english,), (russian,)) for value, english, russian in rows}


@cache
def stop_words() -> frozenset[str]:
    """Lists words of both languages that tell nothing of what somebody searches for."""
    lines = (_FOLDER / "stop_words.txt").read_text("utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())
