"""What somebody wants to find, asked in both languages, and what of the corpus is right or must not come."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from random import Random

from encoders.training.language.grammar import Pair
from encoders.training.pictures import english, russian
from encoders.training.pictures.captions import LANGUAGES, Language
from encoders.training.pictures.facts import Facts, Subject
from encoders.training.pictures.subjects import KINDS
from encoders.training.texts.meanings import STOP_WORDS, inflected, keywords, stems, text_of
from evaluation.corpus.absent import UNKNOWN
from evaluation.corpus.films import NEVER, Film, Shot, kind_stems, told
from evaluation.corpus.wishes import Wish
from evaluation.values import Grades

BEST, RIGHT, WRONG = 2, 1, -1
MOST_RIGHT = 40
"""A question with more right answers than this asks for nothing in particular."""
Told = Mapping[str, frozenset[str]]
"""Stems by name."""
_TRIES = 3000
_RAIN = ("rain", "storm")


@dataclass(frozen=True, slots=True)
class Need:
    """A wish with its words and grades (`film-007@12.5`, or `film-007` where whole films are meant), by language.

    Of a line, the one language may have picked other words than the other: then other lines answer it, too.
    """

    kind: str
    texts: Mapping[Language, str]
    grades: Mapping[Language, Grades] = field(default_factory=dict)


class NoSuchNeed(RuntimeError):
    """The corpus is too small for a question of some kind."""


class Needs:
    """Draws needs from films."""

    def __init__(self, films: Sequence[Film], random: Random) -> None:
        self._films = films
        self._random = random
        self._shots = [(film, shot) for film in films for shot in film.shots]
        self._spoken = [(film, shot) for film, shot in self._shots if shot.line]
        self._told = {name_of(film, shot): shot.told for film, shot in self._shots}
        self._titles = {film.name: told(film.title) for film in films}

    def draw(self, counts: Mapping[str, int]) -> list[Need]:
        """As many needs of each kind as are wanted, no two with the same words.

        Raises:
            NoSuchNeed: the films do not hold enough.
        """
        makers: dict[str, Callable[[int], Need | None]] = {
            "spoken": self._spoken_need,
            "shown": self._shown_need,
            "both": self._both_need,
            "titled": self._titled_need,
            "negated": self._negated_need,
            "absent": self._absent_need,
        }
        needs: list[Need] = []
        asked: set[str] = set()
        for kind, count in counts.items():
            for number in range(count):
                need = self._new(kind, partial(makers[kind], number), asked)
                asked.update(need.texts.values())
                needs.append(need)
        return needs

    def _new(self, kind: str, make: Callable[[], Need | None], asked: set[str]) -> Need:
        for _ in range(_TRIES):
            need = make()
            if need is not None and not asked & set(need.texts.values()):
                return need
        raise NoSuchNeed(f"{len(self._films)} films hold too little for a question of the kind {kind!r}")

    def _spoken_need(self, number: int) -> Need | None:
        """A line by some of its words, in other forms, or by all of them."""
        _, shot = self._random.choice(self._spoken)
        return self._said("spoken", shot, self._told)

    def _said(self, kind: str, shot: Shot, best: Told, also: Sequence[tuple[str, frozenset[str]]] = ()) -> Need | None:
        """Words of a shot's line: what tells all of them is best, and right too is what `also` tells them."""
        assert shot.line is not None
        texts: dict[Language, str] = {}
        grades: dict[Language, dict[str, int]] = {}
        for language in LANGUAGES:
            asked, texts[language] = self._words(shot.line, language)
            wanted = stems(asked, language)
            if len(wanted) < 2:
                return None
            grades[language] = {name: RIGHT for name, words in also if wanted <= words}
            grades[language] |= {name: BEST for name, words in best.items() if wanted <= words}
        right = set().union(*grades.values())
        return Need(kind, texts, grades) if 0 < len(right) <= MOST_RIGHT else None

    def _words(self, line: Pair, language: Language) -> tuple[str, str]:
        words = [""]
        while words[0] in {"", *STOP_WORDS} or words[-1] in STOP_WORDS:
            words = keywords(text_of(line, language), language, self._random).split()
        asked = " ".join(words)
        return asked, inflected(asked, language, self._random)

    def _shown_need(self, number: int) -> Need | None:
        """A figure by its place, its colour, or more."""
        parts = (("colour", "place"), ("place",), ("colour",), ("colour", "count", "place", "weather", "light"))
        wish = self._wish(*parts[number % len(parts)])
        if wish is None:
            return None
        grades = {name_of(film, shot): BEST for film, shot in self._shots if wish.shown_by(shot.facts)}
        if len(grades) > MOST_RIGHT:
            return None
        texts = {language: wish.worded(language, self._random) for language in LANGUAGES}
        return Need("shown", texts, dict.fromkeys(LANGUAGES, grades))

    def _wish(self, *parts: str) -> Wish | None:
        _, shot = self._random.choice(self._shots)
        return self._wish_of(shot.facts, *parts)

    def _wish_of(self, facts: Facts, *parts: str) -> Wish | None:
        subject = facts.subject
        if subject is None or ("colour" in parts and subject.colour in (None, "mixed")):
            return None
        return Wish.of(facts, *parts)

    def _both_need(self, number: int) -> Need | None:
        """What is seen while something is said."""
        _, shot = self._random.choice(self._spoken)
        wish = self._wish_of(shot.facts, *(("colour",), ("place",))[number % 2])
        said = self._said("both", shot, self._told)
        if wish is None or said is None:
            return None
        shown = {name_of(film, one) for film, one in self._shots if wish.shown_by(one.facts)}
        texts = {language: f"{wish.worded(language, self._random)}, {said.texts[language]}" for language in LANGUAGES}
        grades = {language: {name: BEST for name in lines if name in shown} for language, lines in said.grades.items()}
        return Need("both", texts, grades)

    def _titled_need(self, number: int) -> Need | None:
        """A film by words of its title; one in which somebody says them is right, too: the query cannot tell."""
        film = self._random.choice(self._films)
        lines = [(other.name, shot.told) for other, shot in self._spoken]
        return self._said("titled", Shot(0.0, 1.0, film.shots[0].facts, film.title), self._titles, lines)

    def _negated_need(self, number: int) -> Need | None:
        """A place without a figure, or a figure without rain."""
        if number % 3 == 2:
            return self._without_rain()
        _, shot = self._random.choice(self._shots)
        if shot.facts.subject is None:
            return None
        place, kind = shot.facts.place, shot.facts.subject.kind
        n = self._random.randrange(len(english.PLACE_NAMES[place]))
        names: dict[Language, str] = {
            "en": english.PLACE_NAMES[place][n],
            "ru": russian.PLACE_NAMES[place][min(n, len(russian.PLACE_NAMES[place]) - 1)],
        }
        texts: dict[Language, str] = {
            "en": f"{names['en']} without {english.NOUNS[kind][0][1]}",
            "ru": f"{names['ru']} без {russian.NOUNS[kind][0].of_many}",
        }
        return self._negated(
            texts,
            names,
            lambda facts: facts.place == place,
            lambda facts: any(subject.kind == kind for subject in facts.subjects),
            kind_stems(kind),
        )

    def _without_rain(self) -> Need | None:
        _, shot = self._random.choice(self._shots)
        if shot.facts.subject is None or not shot.facts.light:
            return None
        kind = shot.facts.subject.kind
        names: dict[Language, str] = {"en": english.NOUNS[kind][0][0], "ru": russian.NOUNS[kind][0].one}
        texts: dict[Language, str] = {"en": f"{names['en']} without rain", "ru": f"{names['ru']} без дождя"}
        rain = stems("rain", "en") | stems("дождь", "ru") | stems("дождя", "ru")
        return self._negated(
            texts,
            names,
            lambda facts: any(subject.kind == kind for subject in facts.subjects),
            lambda facts: facts.weather in _RAIN,
            rain,
        )

    def _negated(
        self,
        texts: Mapping[Language, str],
        names: Mapping[Language, str],
        wanted: Callable[[Facts], bool],
        unwanted: Callable[[Facts], bool],
        unwanted_stems: frozenset[str],
    ) -> Need | None:
        """What shows or tells the wanted, by its name, and neither shows nor tells the unwanted.

        What shows the unwanted is wrong; where it is only told of, nothing is judged.
        """
        wrong = {name_of(film, shot): WRONG for film, shot in self._shots if unwanted(shot.facts)}
        clean = [
            (name_of(film, shot), shot)
            for film, shot in self._shots
            if not unwanted(shot.facts) and not unwanted_stems & (shot.told | self._titles[film.name])
        ]
        shown = {name: RIGHT for name, shot in clean if wanted(shot.facts)}
        grades = {
            language: wrong | shown | {name: RIGHT for name, shot in clean if stems(words, language) <= shot.told}
            for language, words in names.items()
        }
        both = sum(wanted(shot.facts) and unwanted(shot.facts) for _, shot in self._shots)
        return Need("negated", texts, grades) if len(shown) >= 3 and both >= 2 else None

    def _absent_need(self, number: int) -> Need | None:
        """What no film shows or says: figures of the models' world, and what they know nothing of."""
        if number % 2 == 0:
            return self._never_need(number // 2)
        texts = self._random.choice(UNKNOWN)
        known = set().union(*self._told.values(), *self._titles.values())
        if any(stems(texts[language], language) & known for language in LANGUAGES):
            return None
        return Need("absent", texts)

    def _never_need(self, number: int) -> Need:
        """A figure that is never there; after all of them, the same in a colour that others have."""
        kind = NEVER[number % len(NEVER)]
        if number < len(NEVER):
            return Need("absent", {"en": english.NOUNS[kind][0][0], "ru": russian.NOUNS[kind][0].one})
        colour = self._random.choice(KINDS[kind].colours or (None,))
        wish = Wish.of(Facts("meadow", Subject(kind, colour, 1)), *(["colour"] if colour else ["place"]))
        return Need("absent", {language: wish.worded(language, self._random) for language in LANGUAGES})


def name_of(film: Film, shot: Shot) -> str:
    """The name of the middle of a shot."""
    return f"{film.name}@{(shot.start_seconds + shot.stop_seconds) / 2:.2f}"
