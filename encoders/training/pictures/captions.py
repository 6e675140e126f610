"""Says in English or Russian what a training scene shows: fully, or a part of it, each time in other words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from types import ModuleType
from typing import Literal

from encoders.training.pictures import english, russian
from encoders.training.pictures.facts import Facts, Subject
from encoders.training.pictures.subjects import MIXED

Language = Literal["en", "ru"]
LANGUAGES: tuple[Language, ...] = ("en", "ru")
PARTS = ("kind", "colour", "count", "place", "companion", "action", "weather", "light", "distance", "text")
"""What a caption can tell of a scene."""
_COATED = ("cat", "dog", "horse")


@dataclass(frozen=True, slots=True)
class Caption:
    """What is said of a scene, and which of `PARTS` it tells.

    Attributes:
        text: The words.
        told: Of `PARTS`.
        facts: Of the scene as it is told: a caption may be about the companion, who is its subject then.
    """

    text: str
    told: frozenset[str]
    facts: Facts


def full(facts: Facts, language: Language, random: Random) -> Caption:
    """A caption that tells everything that was decided about the scene."""
    return _told(facts, language, random, lambda _: True)


def partial(facts: Facts, language: Language, random: Random) -> Caption:
    """A caption of any length, from one noun to everything; whom it is about is told nearly always."""
    draw = random.random()
    if draw < 0.3:
        return _short(facts, language, random)
    if draw < 0.55:
        return full(facts, language, random)
    return _told(facts, language, random, lambda _: random.random() < 0.6)


def brief(facts: Facts, language: Language, random: Random) -> Caption:
    """As people search: a figure, the first or the second, and at most one thing more; or a place, weather or light."""
    if random.random() < 0.12 and (caption := _surroundings(facts, language, random)):
        return caption
    if facts.companion is not None and random.random() < 0.5:
        facts = facts.turned()
    if facts.subject is None or random.random() < 0.1:
        return Caption(str(random.choice(_words(language).PLACE_NAMES[facts.place])), frozenset({"place"}), facts)
    more = random.choices(("", "colour", "place", "weather", "light", "count"), (0.35, 0.25, 0.2, 0.08, 0.06, 0.06))[0]
    return _told(facts, language, random, lambda part: part == more)


def _surroundings(facts: Facts, language: Language, random: Random) -> Caption | None:
    """Weather or light by its name alone, where there is a name for it."""
    words = _words(language)
    named = [("weather", words.WEATHER_NAMES.get(facts.weather)), ("light", words.LIGHT_NAMES.get(facts.light))]
    there = [(part, names) for part, names in named if names]
    if not there:
        return None
    part, names = random.choice(there)
    return Caption(str(random.choice(names)), frozenset({part}), facts)


def _told(facts: Facts, language: Language, random: Random, chosen: Callable[[str], bool]) -> Caption:
    told = {part for part in PARTS if chosen(part)} | {"place" if facts.subject is None else "kind"}
    parts = _parts(facts, language, random, told.__contains__)
    return Caption(_joined(parts, language, random), frozenset(told), facts)


def _short(facts: Facts, language: Language, random: Random) -> Caption:
    words = _words(language)
    if facts.subject is None or random.random() < 0.2:
        return Caption(str(random.choice(words.PLACE_NAMES[facts.place])), frozenset({"place"}), facts)
    told = {"kind"} | {part for part, chance in (("colour", 0.4), ("count", 0.3)) if random.random() < chance}
    phrase = _PHRASES[language](facts.subject, random, "colour" in told, "count" in told)
    return Caption(phrase, frozenset(told), facts)


def _words(language: Language) -> ModuleType:
    return english if language == "en" else russian


def _parts(facts: Facts, language: Language, random: Random, wanted: Callable[[str], bool]) -> list[str]:
    """What is told, the subject first, the rest in any order, the writing last."""
    words = _words(language)
    rest = []
    if facts.subject is None:
        head = str(random.choice(words.PLACE_NAMES[facts.place]))
    else:
        head = _about(facts.subject, facts.companion, language, random, wanted)
        if wanted("place"):
            rest.append(random.choice(words.PLACES[facts.place]))
    if facts.weather != "clear" and wanted("weather"):
        rest.append(random.choice(words.WEATHERS[facts.weather]))
    elif facts.weather == "clear" and facts.light and random.random() < 0.05:
        rest.append(random.choice(words.WEATHERS["clear"]))
    if facts.light and (facts.light != "day" or random.random() < 0.15) and wanted("light"):
        rest.append(random.choice(words.LIGHTS[facts.light]))
    if facts.distance is not None and wanted("distance"):
        rest.append(random.choice(words.DISTANCES[facts.distance]))
    random.shuffle(rest)
    # Most begin with the subject; some with where, when or how the weather is.
    told = [*rest[:1], head, *rest[1:]] if rest and random.random() < 0.25 else [head, *rest]
    if facts.text is not None and wanted("text"):
        quoted = facts.text if random.random() < 0.5 else (f"«{facts.text}»" if language == "ru" else f'"{facts.text}"')
        told.append(random.choice(words.TEXTS).format(quoted))
    return told


def _about(
    subject: Subject, companion: Subject | None, language: Language, random: Random, wanted: Callable[[str], bool]
) -> str:
    phrase = _PHRASES[language]
    head = phrase(subject, random, wanted("colour"), wanted("count"))
    if companion is not None and wanted("companion"):
        other = phrase(companion, random, wanted("colour"), wanted("count"))
        pair = [head, other]
        if random.random() < 0.3:
            pair.reverse()
        return f" {'and' if language == 'en' else 'и'} ".join(pair)
    verbs = _words(language).VERBS[subject.kind]
    if subject.action is not None and wanted("action"):
        verbs = _words(language).ACTIONS[subject.action]
    elif random.random() < 0.5:
        return head
    one, many = random.choice(verbs)
    return f"{head} {one if subject.count == 1 else many}"


def _english(subject: Subject, random: Random, coloured: bool, counted: bool) -> str:
    one, many = random.choice(english.NOUNS[subject.kind])
    colour = ""
    if coloured and subject.colour is not None:
        ginger = subject.colour == "orange" and subject.kind in _COATED
        colour = random.choice(english.GINGER if ginger else english.COLOURS[subject.colour])
    shirt = ""
    if subject.kind == "child" and colour and subject.colour != MIXED:
        colour, shirt = "", f" in {colour} shirts" if subject.count > 1 else f" in {_article(colour)} shirt"
    if subject.count > 1:
        number = english.NUMBERS[subject.count] if counted else random.choice(("", "", "several", "some"))
        return " ".join(part for part in (number, colour, many) if part) + shirt
    noun = f"{colour} {one}".strip()
    if one == "fresh bread" or random.random() < 0.15:
        return noun + shirt
    return ("one " + noun if counted and random.random() < 0.15 else _article(noun)) + shirt


def _article(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def _russian(subject: Subject, random: Random, coloured: bool, counted: bool) -> str:
    noun = random.choice(russian.NOUNS[subject.kind])
    adjective = None
    if coloured and subject.colour is not None:
        ginger = subject.colour == "orange" and subject.kind in _COATED
        adjective = russian.GINGER if ginger else random.choice(russian.COLOURS[subject.colour])
    shirt = ""
    if subject.kind == "child" and adjective is not None and subject.colour != MIXED:
        shirt = f" в {adjective.inside} {random.choice(('рубашке', 'футболке'))}"
        adjective = None
    return _declined(noun, adjective, subject.count, random, counted) + shirt


def _declined(
    noun: russian.Noun, adjective: russian.Adjective | None, count: int, random: Random, counted: bool
) -> str:
    if count == 1:
        return _spaced(getattr(adjective, noun.gender) if adjective else "", noun.one)
    if not counted:
        if random.random() < 0.25:
            return _spaced("несколько", adjective.of_many if adjective else "", noun.of_many)
        return _spaced(adjective.many if adjective else "", noun.many)
    # After two to four the noun is in the genitive of one, its adjective in the genitive of many, or with a feminine
    # noun in the nominative.
    form = adjective and (adjective.many if noun.gender == "f" else adjective.of_many)
    if noun.many == "дети":
        return _spaced({2: "двое", 3: "трое", 4: "четверо"}[count], form or "", noun.of_many)
    return _spaced(russian.number(count, noun.gender), form or "", noun.few)


def _spaced(*parts: str) -> str:
    return " ".join(part for part in parts if part)


_PHRASES = {"en": _english, "ru": _russian}


def _joined(parts: Sequence[str], language: Language, random: Random) -> str:
    text = (", " if random.random() < 0.15 else " ").join(parts)
    if random.random() < 0.08:
        text = f"{random.choice(_words(language).OPENINGS)} {text}"
    if random.random() < 0.2:
        text = text[0].upper() + text[1:]
    return text
