"""What a training scene shows, as facts: chosen at random, in combinations of which some are never trained on."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from random import Random

from encoders.training.pictures.backdrops import PLACES, Place
from encoders.training.pictures.subjects import KINDS, MIXED, Kind

WORDS = (
    ("NEWS", "НОВОСТИ"),
    ("START", "СТАРТ"),
    ("FINISH", "ФИНИШ"),
    ("STOP", "СТОП"),
    ("HELLO", "ПРИВЕТ"),
    ("SALE", "СКИДКИ"),
    ("PEACE", "МИР"),
    ("SUMMER", "ЛЕТО"),
    ("GOAL", "ГОЛ"),
    ("THE END", "КОНЕЦ"),
    ("BREAD", "ХЛЕБ"),
)
"""What is written on some pictures: in English, or in Russian."""

_HELD_OUT_ONE_IN = 10
# Chosen so that the combinations of the demo's films are trained on.
_SALT = "kadr-32"
_FAMILY, _TRIES = 4, 8
_OFTEN_AT_NIGHT = ("lighthouse", "firework")


@dataclass(frozen=True, slots=True)
class Subject:
    """Some figures of one kind: which, their colour (None where the kind has its own), how many, and their action."""

    kind: str
    colour: str | None
    count: int
    action: str | None = None

    def __post_init__(self) -> None:
        most = KINDS[self.kind].most
        if not 1 <= self.count <= most:
            raise ValueError(f"a scene holds 1 to {most} of {self.kind!r}: {self.count = }")
        if self.colour == MIXED and self.count == 1:
            raise ValueError(f"only several figures differ from each other: {self.kind = }")


@dataclass(frozen=True, slots=True)
class Facts:
    """What a scene shows.

    Attributes:
        place: A key of `PLACES`.
        subject: Whom or what it is about; None for a place without figures.
        companion: Who or what is there too.
        weather: One of `WEATHERS`.
        light: One of `LIGHTS`; None where there is no sky.
        distance: `near`, `far`, or None for neither.
        text: What is written on the picture.
    """

    place: str
    subject: Subject | None = None
    companion: Subject | None = None
    weather: str = "clear"
    light: str | None = None
    distance: str | None = None
    text: str | None = None

    @property
    def subjects(self) -> tuple[Subject, ...]:
        """Subject and companion, those that are there."""
        return tuple(subject for subject in (self.subject, self.companion) if subject is not None)

    def turned(self) -> Facts:
        """The same scene as a story about the companion; itself where there is none."""
        return self if self.companion is None else replace(self, subject=self.companion, companion=self.subject)


def held_out(facts: Facts) -> bool:
    """Whether one of the combinations of figure, colour and place is kept for the evaluation."""
    return any(_is_kept(subject, facts.place) for subject in facts.subjects)


def _is_kept(subject: Subject, place: str) -> bool:
    digest = hashlib.sha256(f"{_SALT}/{subject.kind}/{subject.colour}/{place}".encode()).digest()
    return int.from_bytes(digest[:4], "big") % _HELD_OUT_ONE_IN == 0


def trained(random: Random) -> Facts:
    """Chooses facts of which no combination is held out."""
    while held_out(facts := _any(random)):
        pass
    return facts


def contrasted(count: int, random: Random) -> tuple[Facts, ...]:
    """Trained facts, half of them in families that differ in one thing each: those are the hardest to tell apart."""
    chosen: list[Facts] = []
    while len(chosen) < count // 2:
        one = trained(random)
        chosen += [one, *(_varied(one, random) for _ in range(_FAMILY - 1))]
    chosen += [trained(random) for _ in range(count - len(chosen))]
    return tuple(chosen[:count])


def _varied(facts: Facts, random: Random) -> Facts:
    """Another figure, colour, place, weather or light; all else as before, where it can be."""
    for _ in range(_TRIES):
        fresh = _with_another(random.choice(("kind", "colour", "place", "weather", "light")), facts, random)
        if fresh is not None and fresh != facts and not held_out(fresh):
            return fresh
    return trained(random)


def _with_another(part: str, facts: Facts, random: Random) -> Facts | None:
    subject, place = facts.subject, PLACES[facts.place]
    match part:
        case "weather":
            return replace(facts, weather=random.choice(("clear", *place.weathers)))
        case "light":
            return replace(facts, light=random.choice(place.lights)) if place.lights else None
        case _ if subject is None:
            return None
        case "colour":
            colours = KINDS[subject.kind].colours
            return replace(facts, subject=replace(subject, colour=random.choice(colours))) if colours else None
        case "place":
            names = [
                name
                for name, one in PLACES.items()
                if all(fits(KINDS[s.kind], s.kind, one, name) for s in facts.subjects)
            ]
            other = random.choice(names)
            lights = PLACES[other].lights
            light = facts.light if facts.light in lights else (random.choice(lights) if lights else None)
            weather = facts.weather if facts.weather in PLACES[other].weathers else "clear"
            return replace(facts, place=other, light=light, weather=weather)
        case _:
            kinds = [name for name, kind in KINDS.items() if fits(kind, name, place, facts.place) and kind.most > 1]
            taken = {one.kind for one in facts.subjects}
            kinds = [name for name in kinds if name not in taken]
            if not kinds:
                return None
            other_subject = _subject(random.choice(kinds), random, most=subject.count)
            colours = KINDS[other_subject.kind].colours or ()
            colour = subject.colour if subject.colour in colours else other_subject.colour
            return replace(facts, subject=replace(other_subject, colour=colour))


def _holds(name: str, subjects: tuple[Subject, ...]) -> bool:
    return all(fits(KINDS[one.kind], one.kind, PLACES[name], name) for one in subjects)


def unseen(random: Random) -> Facts:
    """Chooses facts whose subject stands in a combination that is held out."""
    while not ((facts := _any(random)).subject is not None and _is_kept(facts.subject, facts.place)):
        pass
    return facts


def fits(kind: Kind, name: str, place: Place, place_name: str) -> bool:
    """Whether such a figure is found in such a place."""
    if (kind.only and place_name not in kind.only) or (place.only and name not in place.only):
        return False
    if place.indoors and not kind.indoors:
        return False
    if place.only:
        return True
    return getattr(place, kind.ground) is not None


def _any(random: Random) -> Facts:
    if random.random() < 0.1:
        name = random.choice(list(PLACES))
        return _surrounded(name, None, None, random)
    kind = random.choice(list(KINDS))
    name = random.choice([name for name, place in PLACES.items() if fits(KINDS[kind], kind, place, name)])
    subject = _subject(kind, random)
    companion = None
    if random.random() < 0.22 and KINDS[kind].most > 1 and subject.count <= 2:
        others = [other for other, its in KINDS.items() if other != kind and its.most > 1]
        others = [other for other in others if fits(KINDS[other], other, PLACES[name], name)]
        if others:
            companion = _subject(random.choice(others), random, most=2)
    return _surrounded(name, subject, companion, random)


def _subject(name: str, random: Random, *, most: int = 4) -> Subject:
    kind = KINDS[name]
    count = min(random.choices((1, 2, 3, 4), (0.55, 0.2, 0.15, 0.1))[0], kind.most, most)
    colour = random.choice(kind.colours) if kind.colours else None
    if colour and count > 1 and random.random() < 0.3:
        colour = MIXED
    action = random.choice(kind.actions) if kind.actions and random.random() < 0.2 else None
    return Subject(name, colour, count, action)


def _surrounded(name: str, subject: Subject | None, companion: Subject | None, random: Random) -> Facts:
    place = PLACES[name]
    light = random.choices(place.lights, (0.6, 0.2, 0.2)[: len(place.lights)])[0] if place.lights else None
    if light is not None and subject is not None and subject.kind in _OFTEN_AT_NIGHT and random.random() < 0.4:
        light = place.lights[-1]
    weather = "clear" if random.random() < 0.45 else random.choice(place.weathers)
    distance = None
    if subject is not None and companion is None and subject.count == 1 and KINDS[subject.kind].most > 1:
        distance = random.choices((None, "near", "far"), (0.7, 0.15, 0.15))[0]
    text = random.choice(random.choice(WORDS)) if random.random() < 0.15 else None
    return Facts(name, subject, companion, weather, light, distance, text)
