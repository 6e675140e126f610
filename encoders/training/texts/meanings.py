"""What the text model learns from: meanings in two wordings and two languages, and queries that ask for them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Literal

from pymorphy3 import MorphAnalyzer

from encoders.training.language import english, grammar, lexicon
from encoders.training.language.grammar import Pair, normalised
from encoders.training.pictures import captions, facts

Language = Literal["en", "ru"]
LANGUAGES: tuple[Language, ...] = ("en", "ru")
STOP_WORDS = lexicon.stop_words()
_SCENES, _WORDS = 0.15, 0.15


@dataclass(frozen=True, slots=True)
class Meaning:
    """One meaning in two wordings; both may be the same."""

    first: Pair
    second: Pair


@dataclass(frozen=True, slots=True)
class Example:
    """A query, the text that it should find, and the words of each, for telling which other texts it would also find.

    Attributes:
        query: As somebody types it.
        passage: As it is said or written in a video.
        asked: Stems of the query, with their language.
        told: Stems of the passage in both languages and wordings.
    """

    query: str
    passage: str
    asked: frozenset[str]
    told: frozenset[str]


def meaning(random: Random) -> Meaning:
    """Draws a sentence, a scene's caption, or a single word or expression."""
    kind = random.random()
    if kind < _SCENES:
        return _scene(random)
    if kind < _SCENES + _WORDS:
        return _expression(random)
    return Meaning(*grammar.paraphrases(random))


def _scene(random: Random) -> Meaning:
    shown = facts.trained(random)
    wordings = [Pair(*(captions.full(shown, each, random).text for each in LANGUAGES)) for _ in range(2)]
    return Meaning(*wordings)


def _expression(random: Random) -> Meaning:
    kind = random.choice((_noun, _noun, _noun, _adjective, _verb, _phrase))
    return Meaning(*kind(random))


def _noun(random: Random) -> list[Pair]:
    entry = random.choice(random.choice(list(lexicon.nouns().values())).entries)
    number = random.choice((english.singular, english.singular, english.plural))
    return [Pair(number(random.choice(entry.english)), random.choice(entry.russian).split("/")[0]) for _ in "12"]


def _adjective(random: Random) -> list[Pair]:
    entry = random.choice(random.choice(list(lexicon.adjectives().values())))
    return [Pair(random.choice(entry.english), random.choice(entry.russian)) for _ in "12"]


def _verb(random: Random) -> list[Pair]:
    entry = random.choice(random.choice(lexicon.verbs()).entries)
    form = random.choice((english.base, english.past, english.progressive))
    word, space, rest = random.choice(entry.russian).partition(" + ")[0].partition(" ")
    aspect = random.choice(word.split("/")) + space + rest
    return [Pair(form(random.choice(entry.english)), aspect) for _ in "12"]


def _phrase(random: Random) -> list[Pair]:
    entry = random.choice(random.choice(list(lexicon.phrases().values())))
    return [Pair(random.choice(entry.english), random.choice(entry.russian)) for _ in "12"]


def text_of(pair: Pair, language: Language) -> str:
    """The pair's text in a language."""
    return pair.english if language == "en" else pair.russian


def stems(text: str, language: Language) -> frozenset[str]:
    """The words that carry meaning, cut to what inflection leaves alone."""
    words = [word for word in normalised(text).replace("ё", "е").split() if word not in STOP_WORDS]
    return frozenset(f"{language}:{_stem(word)}" for word in words)


def _stem(word: str) -> str:
    return word[: max(3, min(6, len(word) - 2))]


@cache
def _analyzer() -> MorphAnalyzer:
    return MorphAnalyzer()


@cache
def _forms(word: str) -> tuple[str, ...]:
    """The dictionary form of a Russian word, then its other forms."""
    parse = _analyzer().parse(word)[0]
    alike = [form.word for form in parse.lexeme if form.tag.POS == parse.tag.POS]
    return (str(parse.normal_form), *dict.fromkeys(str(form) for form in alike))


@cache
def _other_number() -> dict[str, str]:
    """The plural of each English noun of the lexicon, and the singular of each plural."""
    nouns = [noun for each in lexicon.nouns().values() for entry in each.entries for noun in entry.english]
    pairs = [(english.singular(noun), english.plural(noun)) for noun in nouns]
    return {one: many for one, many in pairs} | {many: one for one, many in pairs}


def keywords(text: str, language: Language, random: Random) -> str:
    """A few words of a sentence, as they stand there: in a row or chosen, in any order."""
    words = normalised(text).split()
    if random.random() < 0.3 and len(words) > 4:
        length = random.randint(3, min(6, len(words) - 1))
        start = random.randrange(len(words) - length + 1)
        part = words[start : start + length]
        if not STOP_WORDS.issuperset(part):
            return " ".join(part)
    telling = [word for word in words if word not in STOP_WORDS] or words
    chosen = random.sample(range(len(telling)), min(len(telling), random.choice((1, 1, 2, 2, 2, 3, 3, 4, 5))))
    return " ".join(telling[at] for at in (chosen if random.random() < 0.4 else sorted(chosen)))


def inflected(query: str, language: Language, random: Random) -> str:
    """The same words in other forms: dictionary forms, other cases, singular or plural."""
    words = query.split()
    if language == "en":
        return " ".join(_other_number().get(word, word) if random.random() < 0.25 else word for word in words)
    draw = random.random()
    if draw < 0.4:
        return query
    if draw < 0.75:
        return " ".join(_forms(word)[0] for word in words)
    return " ".join(random.choice(_forms(word)) if word not in STOP_WORDS else word for word in words)


def example(of: Meaning, other: Meaning, random: Random) -> Example:
    """Makes a query and a passage of a meaning.

    Args:
        of: What is asked for.
        other: What else a longer passage may tell.
        random: Decides the languages, the kind of query, and the length of the passage.
    """
    asks, tells = random.choice(LANGUAGES), random.choice(LANGUAGES)
    wordings = (of.first, of.second) if random.random() < 0.5 else (of.second, of.first)
    query, passage = text_of(wordings[0], asks), text_of(wordings[1], tells)
    asked = query
    if random.random() < 0.5:
        asked = keywords(query, asks, random)
        query = inflected(asked, asks, random)
    elif asks == tells and query == passage:
        tells = "ru" if asks == "en" else "en"
        passage = text_of(wordings[1], tells)
    told = _told(of)
    if random.random() < 0.2:
        more = text_of(other.first, tells)
        passage = f"{passage} {more}" if random.random() < 0.5 else f"{more} {passage}"
        told |= _told(other)
    if random.random() < 0.1:
        passage = normalised(passage)
    return Example(query, passage, _asked(asked, asks), told)


def _asked(query: str, language: Language) -> frozenset[str]:
    return stems(query, language) or frozenset({query})


def _told(of: Meaning) -> frozenset[str]:
    return frozenset().union(
        *(stems(text_of(pair, language), language) for pair in (of.first, of.second) for language in LANGUAGES)
    )


def kept_for_evaluation(of: Meaning) -> bool:
    """Whether any of its wordings is held out; single words and expressions never are."""
    texts = [text for pair in (of.first, of.second) for text in (pair.english, pair.russian)]
    return any(len(text.split()) > 2 and grammar.held_out(text) for text in texts)
