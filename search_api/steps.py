"""What comes after what: "A then B within N seconds", as a value and as it is typed. Pure functions.

Typed, an arrow stands between the two: `cat -> dog`, `кошка → собака`, `cat ->10s dog`, `кошка ->10с собака`. In words
it is only understood with its seconds, because "then" alone is what people say: "a cat, then within 10 seconds a dog",
"кошка, затем в течение 10 секунд собака", or with the seconds at the end.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

WITHIN_SECONDS = 30.0
"""So late the second may begin after the end of the first, where nothing is said about it."""
MOST_SECONDS = 3600.0

_NUMBER = r"(\d{1,4}(?:[.,]\d{1,3})?)"
_SECONDS = r"\s*(?:seconds?|secs?|s|секунд[аыу]?|сек|с)\b\.?"
_ARROW = re.compile(rf"\s*(?:->|→)(?:{_NUMBER}{_SECONDS}(?=\s))?\s*", re.IGNORECASE)
_THEN = r",?\s+(?:(?:and|и|а)\s+)?(?:then|затем|потом)\s+"
_WITHIN = rf"(?:within|в\s+течение|не\s+позже\s+чем\s+через)\s+{_NUMBER}{_SECONDS}"
_IN_WORDS = (
    re.compile(rf"(?P<first>.+?){_THEN}{_WITHIN},?\s+(?P<second>.+)", re.IGNORECASE | re.DOTALL),
    re.compile(rf"(?P<first>.+?){_THEN}(?P<second>.+?),?\s+{_WITHIN}\.?", re.IGNORECASE | re.DOTALL),
)
_QUOTES = str.maketrans(dict.fromkeys("„“”«»‟＂", '"'))


class StepsError(ValueError):
    """A query with arrows that cannot be meant; says what is wrong."""


@dataclass(frozen=True, slots=True)
class Steps:
    """A query as typed: what comes first, and what within so many seconds of its end; None where it has one step."""

    first: str
    second: str | None = None
    within_seconds: float = WITHIN_SECONDS


def read_steps(typed: str) -> Steps:
    """Divide a query into its steps. What stands in quotation marks is not divided, nor is half a pair: `cat ->`.

    Raises:
        StepsError: there are several arrows, or the time is too long.
    """
    plain = typed.translate(_QUOTES)
    arrows = [match for match in _ARROW.finditer(plain) if plain.count('"', 0, match.start()) % 2 == 0]
    sides = [typed[: arrow.start()].strip() and typed[arrow.end() :].strip() for arrow in arrows]
    if len(arrows) > 1 and all(sides):
        raise StepsError("a query has one arrow (->) at most: what comes first, and what comes then")
    if len(arrows) == 1 and sides[0]:
        (arrow,) = arrows
        return _steps(typed[: arrow.start()], typed[arrow.end() :], arrow[1])
    for form in _IN_WORDS:
        match = form.fullmatch(plain)
        if match and plain.count('"', 0, match.end("first")) % 2 == 0:
            number = next(group for name, group in enumerate(match.groups(), 1) if _is_number(match, name))
            return _steps(typed[slice(*match.span("first"))], typed[slice(*match.span("second"))], number)
    return Steps(typed)


def _is_number(match: re.Match[str], group: int) -> bool:
    return match[group] is not None and match.span(group) not in (match.span("first"), match.span("second"))


def _steps(first: str, second: str, number: str | None) -> Steps:
    seconds = float(number.replace(",", ".")) if number else WITHIN_SECONDS
    if not 0 < seconds <= MOST_SECONDS:
        raise StepsError(f"what comes then is looked for within {MOST_SECONDS:g} seconds at most, not {seconds:g}")
    return Steps(first.strip(), second.strip(), seconds)
