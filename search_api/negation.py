"""Natural negation in Russian and English: "кошка без снега", "a street without cars". Pure functions.

Only what can hardly mean anything else is taken as negation; everything else stays plain text:

- `без`, `кроме`, `without`, `except (for)`, `excluding`, `with no`, `где нет`, `where there is/are no`, followed by a
  noun phrase (or a quoted phrase);
- a contrast: `а не`, `но не`, `but not`, `but no`, `and not`, `that/which is/are not`, or `не`, `not`, `no` after a
  comma, followed by a noun phrase that ends the query or stands before a comma;
- inside a query `не` before an adjective, and `not` or `no` before a noun phrase that ends the query.

Nothing is negation in a query that addresses somebody (I, you, can, я, ты, надо…), and no contrast and no bare `not` in
one that makes a statement (is, this, what, это, что…): these are lines that somebody says. A noun phrase is one to
three words of English, or adjectives and one noun of Russian. It is continued by `or` and `или`, and by `and` and `и`
only before a clear plural.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from search_api.words import FUNCTION_WORDS, plain

_TALKING = """
    i i'd i'll i'm i've you you'd you'll you're you've we we're we'll we've me us my our your can can't cannot could
    couldn't will won't would wouldn't shall should shouldn't must might let let's please don't я ты мы вы меня тебя нас
    вас мне тебе нам вам мной тобой мой моя моё мои моего моей твой твоя твоё твои наш наша наше наши ваш ваша ваше ваши
    могу можем может можно нельзя надо нужно
"""
_STATING = """
    is isn't are aren't was wasn't were weren't be been am do does doesn't did didn't has have had it it's this that
    that's these those there there's here what what's who who's why how when if because he she they never ever это этот
    эта эти то что кто как почему зачем когда если потому был была было были будет есть он она оно они никогда ли же
    ведь
"""
_TALK = {plain(word) for word in _TALKING.split()}
_STATEMENT = {plain(word) for word in _STATING.split()}
_WITHOUT = [
    ("без",),
    ("безо",),
    ("кроме",),
    ("without",),
    ("except", "for"),
    ("except",),
    ("excluding",),
    ("with", "no"),
    ("where", "there", "is", "no"),
    ("where", "there", "are", "no"),
    ("where", "there", "was", "no"),
    ("where", "there", "were", "no"),
    ("где", "нет"),
]
_RELATIVE = [(relative, verb, "not") for relative in ("that", "which", "who") for verb in ("is", "are", "was", "were")]
_CONTRAST = [("а", "не"), ("но", "не"), ("but", "not"), ("but", "no"), ("and", "not")]
_BARE = [("не",), ("not",), ("no",)]
_ALL = [*_WITHOUT, *_RELATIVE, *_CONTRAST, *_BARE]
_ARTICLES = {"a", "an", "the", "any"}
_OR, _AND = {"or", "nor", "или", "либо"}, {"and", "и"}
_CONJUNCTIONS = _OR | _AND | {"but", "но", "а"}
_MOST_WORDS = 3
_ADJECTIVE = (
    *("ый", "ий", "ой", "ая", "яя", "ое", "ее", "ые", "ие", "ого", "его", "ому", "ему", "ую", "юю", "ым", "ых", "их"),
    *("ыми", "ими", "ней", "шей", "щей", "чей"),
)
_GENITIVE_ADJECTIVE = ("ого", "его", "ой", "ых", "их", "ней", "шей", "щей", "чей")
_VERB = ("ет", "ит", "ут", "ют", "ат", "ят", "ть", "ться", "тся", "ешь", "ишь")
_PEOPLE = {"people", "children", "men", "women", "persons"}


@dataclass(frozen=True, slots=True)
class Term:
    """A word or a quoted phrase of a query, `[start, stop)` in its text; `after_break`: a comma or so is before it."""

    text: str
    start: int
    stop: int
    quoted: bool
    after_break: bool

    @property
    def plain(self) -> str:
        """The word as it is compared; nothing for a phrase, which is no word of the language's grammar."""
        return "" if self.quoted else plain(self.text)


@dataclass(frozen=True, slots=True)
class Negated:
    """Terms `[start, stop)` that say what is not wanted, and the ranges of terms that name it.

    `sure` is false for what may be plain text as well, if nothing else is left of the query.
    """

    start: int
    stop: int
    named: tuple[tuple[int, int], ...]
    sure: bool


def find_negations(terms: Sequence[Term]) -> list[Negated]:
    """The negations of a query, in order; they do not overlap."""
    words = {term.plain for term in terms}
    if words & _TALK:
        return []
    states = bool(words & _STATEMENT)
    found: list[Negated] = []
    at = 0
    while at < len(terms):
        negated = _negation_at(terms, at, states)
        if negated is None:
            at += 1
        else:
            found.append(negated)
            at = negated.stop
    return found


def _negation_at(terms: Sequence[Term], at: int, states: bool) -> Negated | None:
    opening = next((words for words in _ALL if _stands_at(terms, at, words)), None)
    if opening is None:
        return None
    sure = opening in _WITHOUT
    named = _noun_phrases(terms, at + len(opening))
    if not named:
        return None
    stop = named[-1][1]
    if not sure and not _is_contrast(terms, at, opening, named[0], stop, states):
        return None
    joined = at > 0 and terms[at - 1].plain in _CONJUNCTIONS and not terms[at].after_break
    return Negated(at - 1 if joined else at, stop, named, sure)


def _stands_at(terms: Sequence[Term], at: int, words: Sequence[str]) -> bool:
    there = terms[at : at + len(words)]
    return tuple(term.plain for term in there) == tuple(words) and not any(term.after_break for term in there[1:])


def _is_contrast(
    terms: Sequence[Term], at: int, opening: Sequence[str], first: tuple[int, int], stop: int, states: bool
) -> bool:
    if opening in _RELATIVE:
        return at > 0
    if states:
        return False
    ends = stop == len(terms) or terms[stop].after_break
    word = terms[first[0]].plain
    if at == 0:
        return opening == ("не",) and word.endswith(_ADJECTIVE) and not ends
    if opening in _CONTRAST or terms[at].after_break:
        return ends and (opening[0] == "а" or not word.endswith(_VERB))
    if opening == ("не",):
        return word.endswith(_ADJECTIVE) and first[1] == first[0] + 1
    return ends


def _noun_phrases(terms: Sequence[Term], at: int) -> tuple[tuple[int, int], ...]:
    first = _noun_phrase(terms, at)
    if first is None:
        return ()
    found = [first]
    while (at := found[-1][1]) + 1 < len(terms) and not terms[at].after_break:
        following = _noun_phrase(terms, at + 1)
        joined = terms[at].plain in _OR or (terms[at].plain in _AND and _is_plural(terms[at + 1].plain))
        if following is None or not joined:
            break
        found.append(following)
    return tuple(found)


def _noun_phrase(terms: Sequence[Term], at: int) -> tuple[int, int] | None:
    if at < len(terms) and terms[at].plain in _ARTICLES and not terms[at].after_break:
        at += 1
    if at < len(terms) and terms[at].quoted:
        return at, at + 1
    stop = at
    while stop < len(terms) and _goes_on(terms, at, stop):
        stop += 1
    return (at, stop) if stop > at else None


def _goes_on(terms: Sequence[Term], at: int, here: int) -> bool:
    term, word = terms[here], terms[here].plain
    if term.quoted or term.after_break or word in FUNCTION_WORDS:
        return False
    if here == at:
        return True
    if word.isascii():
        return here - at < _MOST_WORDS and terms[here - 1].plain.isascii() and not word.endswith("ing")
    # A Russian noun ends the phrase; only adjectives are followed by more.
    return here - at < _MOST_WORDS and _is_followed(terms, here - 1)


def _is_followed(terms: Sequence[Term], at: int) -> bool:
    # After "не" comes the adjective that is meant, after the others a noun phrase in the genitive.
    return terms[at].plain.endswith(_GENITIVE_ADJECTIVE) and terms[at - 1].plain != "не"


def _is_plural(word: str) -> bool:
    if word.isascii():
        return word in _PEOPLE or (word.endswith("s") and not word.endswith("ss"))
    return word.endswith(("ов", "ев", "ей"))
