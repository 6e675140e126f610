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

BEST, RIGHT, WRONG = 2, 1, -1
MOST_RIGHT = 40
"""A question with more right answers than this asks for nothing in particular."""
_TRIES = 3000
_RAIN = ("rain", "storm")


@dataclass(frozen=True, slots=True)
class Need:
    """A wish with its words and grades (`film-007@12.5`, or `film-007` where whole films are meant)."""

    kind: str
    texts: Mapping[Language, str]
    grades: Mapping[str, int] = field(default_factory=dict)


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

    def _said(self, kind: str, shot: Shot, candidates: Mapping[str, frozenset[str]]) -> Need | None:
        assert shot.line is not None
        texts: dict[Language, str] = {}
        grades: dict[str, int] = {}
        for language in LANGUAGES:
            asked, texts[language] = self._words(shot.line, language)
            if len(stems(asked, language)) < 2:
                return None
            grades |= {name: BEST for name, words in candidates.items() if stems(asked, language) <= words}
        return Need(kind, texts, grades) if 0 < len(grades) <= MOST_RIGHT else None

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
        return Need("shown", {language: wish.worded(language, self._random) for language in LANGUAGES}, grades)

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
        return Need("both", texts, {name: BEST for name in said.grades if name in shown})

    def _titled_need(self, number: int) -> Need | None:
        """A film by words of its title."""
        film = self._random.choice(self._films)
        return self._said("titled", Shot(0.0, 1.0, film.shots[0].facts, film.title), self._titles)

    def _negated_need(self, number: int) -> Need | None:
        """A place without a figure, or a figure without rain."""
        if number % 3 == 2:
            return self._without_rain()
        _, shot = self._random.choice(self._shots)
        if shot.facts.subject is None:
            return None
        place, kind = shot.facts.place, shot.facts.subject.kind
        n = self._random.randrange(len(english.PLACE_NAMES[place]))
        names = {
            "en": english.PLACE_NAMES[place][n],
            "ru": russian.PLACE_NAMES[place][min(n, len(russian.PLACE_NAMES[place]) - 1)],
        }
        texts: dict[Language, str] = {
            "en": f"{names['en']} without {english.NOUNS[kind][0][1]}",
            "ru": f"{names['ru']} без {russian.NOUNS[kind][0].of_many}",
        }
        return self._negated(
            texts,
            lambda facts: facts.place == place,
            lambda facts: any(subject.kind == kind for subject in facts.subjects),
            kind_stems(kind),
        )

    def _without_rain(self) -> Need | None:
        _, shot = self._random.choice(self._shots)
        if shot.facts.subject is None or not shot.facts.light:
            return None
        kind = shot.facts.subject.kind
        texts: dict[Language, str] = {
            "en": f"{english.NOUNS[kind][0][0]} without rain",
            "ru": f"{russian.NOUNS[kind][0].one} без дождя",
        }
        rain = stems("rain", "en") | stems("дождь", "ru") | stems("дождя", "ru")
        return self._negated(
            texts,
            lambda facts: any(subject.kind == kind for subject in facts.subjects),
            lambda facts: facts.weather in _RAIN,
            rain,
        )

    def _negated(
        self,
        texts: Mapping[Language, str],
        wanted: Callable[[Facts], bool],
        unwanted: Callable[[Facts], bool],
        unwanted_stems: frozenset[str],
    ) -> Need | None:
        """What is wanted and neither shows nor tells the unwanted; where it is only told of, nothing is judged."""
        grades = {}
        for film, shot in self._shots:
            if unwanted(shot.facts):
                grades[name_of(film, shot)] = WRONG
            elif wanted(shot.facts) and not unwanted_stems & (shot.told | self._titles[film.name]):
                grades[name_of(film, shot)] = RIGHT
        both = [shot for _, shot in self._shots if wanted(shot.facts) and unwanted(shot.facts)]
        right = sum(grade > 0 for grade in grades.values())
        return Need("negated", texts, grades) if right >= 3 and len(both) >= 2 else None

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
