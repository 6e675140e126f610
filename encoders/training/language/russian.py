"""Russian word forms: cases, agreement, government by numerals, persons and genders of verbs.

A noun is written as in the word lists: `дом`, `детский сад`, `ребёнок/дети`, `машина* скорой помощи` (the star marks
the word that the others belong to). A verb is an infinitive, with words behind it that stay as they are.
"""

from functools import cache
from typing import Literal

from pymorphy3 import MorphAnalyzer
from pymorphy3.analyzer import Parse

from encoders.training.language.lexicon import numbers

Case = Literal["nomn", "gent", "datv", "accs", "ablt", "loct"]
Tense = Literal["pres", "past", "futr"]


@cache
def _analyzer() -> MorphAnalyzer:
    return MorphAnalyzer()


@cache
def _parse(word: str, kind: str, *grammemes: str) -> Parse:
    for parse in _analyzer().parse(word):
        is_name = any(grammeme in parse.tag for grammeme in ("Name", "Surn", "Geox"))
        if kind == parse.tag.POS and not is_name and all(grammeme in parse.tag for grammeme in grammemes):
            return parse
    raise ValueError(f"{word} is not known as {kind} {' '.join(grammemes)}: correct the word list.")


def _inflected(parse: Parse, *grammemes: str) -> str:
    form = parse.inflect(frozenset(grammemes))
    if form is None:
        raise ValueError(f"{parse.word} has no form {' '.join(grammemes)}: correct the word list.")
    return str(form.word)


@cache
def _head(noun: str) -> tuple[str, str, str]:
    """The adjectives before the noun's main word, this word, and what follows it."""
    front, star, rest = noun.partition("*")
    if not star:
        front, rest = noun, ""
    before, _, word = front.rpartition(" ")
    return before, word, rest


@cache
def _singular(noun: str) -> Parse:
    return _parse(_head(noun)[1].split("/")[0], "NOUN", "nomn", "sing")


@cache
def _plural(noun: str) -> Parse:
    word = _head(noun)[1]
    if "/" in word:
        return _parse(word.split("/")[1], "NOUN", "nomn", "plur")
    return _singular(noun)


@cache
def gender(noun: str) -> str:
    """`masc`, `femn` or `neut`."""
    return str(_singular(noun).tag.gender or "masc")


@cache
def noun(lemma: str, case: Case, plural: bool = False) -> str:
    """Inflects a noun, with the adjectives that belong to it."""
    before, _, rest = _head(lemma)
    parse = _plural(lemma) if plural else _singular(lemma)
    word = _inflected(parse, "plur" if plural else "sing", case)
    agreeing = [adjective(each, lemma, case, plural) for each in before.split()]
    return " ".join([*agreeing, word]) + rest


@cache
def adjective(lemma: str, of: str, case: Case, plural: bool = False) -> str:
    """Inflects an adjective so that it agrees with a noun."""
    parsed = [each for each in _analyzer().parse(lemma) if each.tag.POS in ("ADJF", "PRTF")]
    nominative = next((each for each in parsed if {"nomn", "sing"} in each.tag), None)
    if nominative is None:
        raise ValueError(f"{lemma} is not known as an adjective: correct the word list.")
    number = ("plur",) if plural else ("sing", gender(of))
    animacy: tuple[str, ...] = ()
    if case == "accs" and (plural or gender(of) == "masc"):
        animacy = ("anim" if _singular(of).tag.animacy == "anim" else "inan",)
    return _inflected(nominative, case, *number, *animacy)


@cache
def verb(infinitive: str, tense: Tense, of: str) -> str:
    """Inflects a verb.

    Args:
        infinitive: With words behind it, if any.
        tense: `futr` is for perfective verbs, `pres` for imperfective ones.
        of: The subject: `masc`, `femn`, `neut`, `plur`, or a person and number as in `1per plur`.
    """
    word, space, rest = infinitive.partition(" ")
    aspect = {"pres": ("impf",), "futr": ("perf",), "past": ()}[tense]
    parse = _parse(word, "INFN", *aspect)
    if tense == "past":
        form: tuple[str, ...] = ("plur",) if of == "plur" else ("sing", of)
    else:
        form = tuple(of.split()) if " " in of else ("3per", "plur" if of == "plur" else "sing")
    return _inflected(parse, "VERB", tense, *form) + space + rest


@cache
def number(value: int, of: str = "masc") -> str:
    """Spells a number from 0 to 100 before a noun of this gender, in the nominative."""
    known = numbers()
    if value > 20 and value % 10 and value < 100:
        return f"{number(value - value % 10)} {number(value % 10, of)}"
    if value == 1:
        return {"masc": "один", "femn": "одна", "neut": "одно"}[of]
    if value == 2 and of == "femn":
        return "две"
    return known[value].russian[0]


@cache
def counted(value: int, lemma: str, of: str = "") -> str:
    """A number with its noun and, where given, an adjective: две чёрные кошки, пять чёрных кошек."""
    last = 5 if value % 100 in range(11, 15) else value % 10
    if last == 1:
        words = [adjective(of, lemma, "nomn")] if of else []
        return " ".join([number(value, gender(lemma)), *words, noun(lemma, "nomn")])
    few = last in (2, 3, 4)
    case: Case = "nomn" if few and gender(lemma) == "femn" else "gent"
    words = [adjective(of, lemma, case, True)] if of else []
    return " ".join([number(value, gender(lemma)), *words, _of_few(lemma) if few else _of_many(lemma)])


def _of_few(lemma: str) -> str:
    before, _, rest = _head(lemma)
    case: Case = "nomn" if gender(lemma) == "femn" else "gent"
    agreeing = [adjective(each, lemma, case, True) for each in before.split()]
    return " ".join([*agreeing, _inflected(_singular(lemma), "sing", "gent")]) + rest


def _of_many(lemma: str) -> str:
    return noun(lemma, "gent", True)
