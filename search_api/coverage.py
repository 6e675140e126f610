"""How much of a query a text has: what the clauses that matched it say. Pure functions.

Every word of a query has two named clauses in a text leg (`search_api/text_legs.py`): the word itself in any of its
forms, and what only resembles it, slightly mistyped or begun. A text that has a part of the words answers the query
less than by that part: two words say more than twice what one says, so the share is raised to `_POWER`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

WHOLE = "="
"""The name of the clause that matches where a label is the whole query."""
RESEMBLES = "~"
"""Begins the name of a clause that matches what only resembles the word behind it."""
_RESEMBLING = 0.8
_POWER = 1.5


def text_confidences(hits: Iterable[Mapping[str, Any]], words: Collection[str]) -> list[float]:
    """How likely each hit of a text leg answers a query of these content words, 0 to 1; 1 where it has no words."""
    matched = [tuple(hit.get("matched_queries") or (WHOLE,)) for hit in hits]
    # Many hits have the same words.
    worth = {names: _worth(names, words) for names in set(matched)}
    return [worth[names] for names in matched]


def _worth(matched: Collection[str], words: Collection[str]) -> float:
    if not words or WHOLE in matched:
        return 1.0
    had = sum(1.0 if word in matched else _RESEMBLING * (RESEMBLES + word in matched) for word in words)
    return float((had / len(words)) ** _POWER)
