"""What a query asks for: quoted phrases, `-word`, natural negation and a last word that may go on. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from search_api.negation import Negated, Term, find_negations
from search_api.words import FUNCTION_WORDS, plain, says_something, split_words

MOST_PHRASES = 8
MOST_EXCLUDED = 8
FEWEST_LETTERS = 3

_QUOTES = str.maketrans(dict.fromkeys("„“”«»‟＂", '"'))
_TERM = re.compile(
    r"""
    (?P<minus> (?<!\S) [-−] )? "(?P<phrase> [^"]* )"
    | (?<!\S) [-−] (?P<excluded> [^\W\d_] [^\s"]* )
    | (?P<word> \w+ (?: ['’] \w+ )* )
    """,
    re.VERBOSE,
)
_BREAK = re.compile(r"[,;:.!?()—–…]|\s-\s")


class QueryTextError(ValueError):
    """A query whose text cannot be meant; says what is wrong and what to do."""


@dataclass(frozen=True, slots=True)
class Excluded:
    """What must not be: a word or words, in any form, or the very phrase. `natural`: said without a minus sign."""

    text: str
    phrase: bool
    natural: bool


@dataclass(frozen=True, slots=True)
class Wanted:
    """A query as it is understood.

    Attributes:
        typed: the whole query as it was typed.
        text: what is wanted, in plain words without any syntax; phrases are part of it.
        phrases: what must be there word for word.
        excluded: what must not be there.
        unfinished: the last word, plain, if more of it may follow; None if it is finished.
    """

    typed: str
    text: str
    phrases: tuple[str, ...] = ()
    excluded: tuple[Excluded, ...] = ()
    unfinished: str | None = None


def parse(typed: str) -> Wanted:
    """Read a query as it was typed.

    A quotation mark without its other half is no quotation mark.

    Raises:
        QueryTextError: it only says what is not wanted, or has too many phrases or exclusions.
    """
    text = _paired(typed.translate(_QUOTES))
    terms, excluded, cuts = _read(text)
    negations = find_negations(terms)
    if not _is_left(terms, negations):
        negations = [negated for negated in negations if negated.sure]
    left = _positives(terms, negations)
    natural = [
        Excluded(_between(text, terms[start:stop]), terms[start].quoted, True)
        for negated in negations
        for start, stop in negated.named
    ]
    cuts += [(terms[negated.start].start, terms[negated.stop - 1].stop) for negated in negations]
    excluded += natural
    if excluded and not any(term.quoted or says_something(term.text) for term in left):
        raise QueryTextError(
            "the query only says what to leave out. Say also what to find; "
            "words that are meant as they stand go into quotation marks"
        )
    phrases = tuple(dict.fromkeys(term.text for term in left if term.quoted))
    _refuse_many("phrases in quotation marks", len(phrases), MOST_PHRASES)
    _refuse_many("words or phrases to leave out", len(excluded), MOST_EXCLUDED)
    wanted = _without(text, cuts) or typed.strip()
    return Wanted(typed, wanted, phrases, tuple(dict.fromkeys(excluded)), _unfinished(text, left))


def _paired(text: str) -> str:
    if text.count('"') % 2:
        last = text.rindex('"')
        text = f"{text[:last]} {text[last + 1 :]}"
    return text


def _read(text: str) -> tuple[list[Term], list[Excluded], list[tuple[int, int]]]:
    """The terms, what is excluded by a minus sign, and the ranges of characters where the latter stands."""
    terms: list[Term] = []
    excluded: list[Excluded] = []
    cuts: list[tuple[int, int]] = []
    end = 0
    for match in _TERM.finditer(text):
        kind = match.lastgroup or ""
        named = match[kind].strip()
        if kind == "word" or (not match["minus"] and kind == "phrase" and split_words(named)):
            broken = bool(_BREAK.search(text, end, match.start()))
            terms.append(Term(named, match.start(), match.end(), kind == "phrase", broken))
        elif split_words(named):
            # A word with a hyphen in it is several to the index, which then stand next to each other.
            words = split_words(named)
            excluded.append(Excluded(" ".join(words), kind == "phrase" or len(words) > 1, False))
            cuts.append(match.span())
        end = match.end()
    return terms, excluded, cuts


def _positives(terms: Sequence[Term], negations: Iterable[Negated]) -> list[Term]:
    gone = {at for negated in negations for at in range(negated.start, negated.stop)}
    return [term for at, term in enumerate(terms) if at not in gone]


def _is_left(terms: Sequence[Term], negations: Sequence[Negated]) -> bool:
    return any(term.quoted or says_something(term.text) for term in _positives(terms, negations))


def _between(text: str, terms: Sequence[Term]) -> str:
    return terms[0].text if terms[0].quoted else text[terms[0].start : terms[-1].stop]


def _without(text: str, cuts: Iterable[tuple[int, int]]) -> str:
    """The text without the ranges and without quotation marks, tidied up where something was taken out."""
    kept, end = [], 0
    for start, stop in sorted(cuts):
        kept.append(text[end:start])
        end = max(end, stop)
    left = " ".join((" ".join([*kept, text[end:]]) if kept else text).replace('"', " ").split())
    if not kept:
        return left
    return re.sub(r"\s+([,;:.!?])", r"\1", left).strip(" ,;:-–—")


def _unfinished(text: str, left: Sequence[Term]) -> str | None:
    if not left or left[-1].quoted or left[-1].stop != len(text.rstrip("*")):
        return None
    word = plain(left[-1].text)
    return word if len(word) >= FEWEST_LETTERS and word not in FUNCTION_WORDS else None


def _refuse_many(what: str, count: int, most: int) -> None:
    if count > most:
        raise QueryTextError(f"a query has at most {most} {what}, not {count}")
