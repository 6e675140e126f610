"""English word forms: plurals, articles, verb forms, numbers.

A noun is written as in the word lists, `box` or `child/children`; a verb as `stop`, `write/wrote/written` or
`put/put/put on`, where the words behind the first stay as they are.
"""

from functools import cache

from encoders.training.language.lexicon import numbers

_DOUBLING = frozenset({"run", "sit", "swim", "cut", "put", "shut", "hit", "get", "begin", "forget", "travel"})
_LIKE_CONSONANT = ("uni", "use", "eu", "one")
_LIKE_VOWEL = ("hour", "honest")


@cache
def singular(noun: str) -> str:
    """The form for one."""
    return noun.split("/")[0]


@cache
def plural(noun: str) -> str:
    """The form for several."""
    return noun.split("/")[1] if "/" in noun else _with_s(noun)


def _with_s(word: str) -> str:
    if word.endswith(("s", "x", "z", "ch", "sh")) or word in ("go", "do"):
        return word + "es"
    if word.endswith("y") and word[-2] not in "aeiou":
        return word[:-1] + "ies"
    return word + "s"


@cache
def with_a(words: str) -> str:
    """Puts `a` or `an` before words, as they sound."""
    lower = words.lower()
    vowel = lower[0] in "aeiou" and not lower.startswith(_LIKE_CONSONANT)
    return ("an " if vowel or lower.startswith(_LIKE_VOWEL) else "a ") + words


def _parts(verb: str) -> tuple[list[str], str]:
    word, _, rest = verb.partition(" ")
    return word.split("/"), " " + rest if rest else ""


@cache
def base(verb: str) -> str:
    """As in `to write`."""
    forms, rest = _parts(verb)
    return forms[0] + rest


@cache
def third(verb: str) -> str:
    """As in `she writes`."""
    forms, rest = _parts(verb)
    return _with_s(forms[0]) + rest


@cache
def past(verb: str) -> str:
    """As in `she wrote`."""
    forms, rest = _parts(verb)
    return (forms[1] if len(forms) > 1 else _with_ed(forms[0])) + rest


@cache
def participle(verb: str) -> str:
    """As in `she has written`."""
    forms, rest = _parts(verb)
    return (forms[-1] if len(forms) > 1 else _with_ed(forms[0])) + rest


@cache
def progressive(verb: str) -> str:
    """As in `she is writing`."""
    forms, rest = _parts(verb)
    word = forms[0]
    if word in _DOUBLING or (len(forms) == 2 and forms[1] == word + word[-1] + "ed"):
        return word + word[-1] + "ing" + rest
    if word.endswith("ie"):
        return word[:-2] + "ying" + rest
    if word.endswith("e") and not word.endswith("ee"):
        return word[:-1] + "ing" + rest
    return word + "ing" + rest


def _with_ed(word: str) -> str:
    if word.endswith("e"):
        return word + "d"
    if word.endswith("y") and word[-2] not in "aeiou":
        return word[:-1] + "ied"
    return word + "ed"


@cache
def number(value: int) -> str:
    """Spells a number from 0 to 100."""
    known = numbers()
    if value in known:
        return known[value].english[0]
    return f"{known[value - value % 10].english[0]}-{known[value % 10].english[0]}"
