"""How much of a query a text has: what the clauses that matched it say. Pure functions.

Every word of a query has two named clauses in a text leg (`search_api/text_legs.py`): the word itself in any of its
forms, and what only resembles it, slightly mistyped or begun. A text that has a part of the words answers the query
less than by that part: two words say more than twice what one says, so the share is raised to `_POWER`. A word that
no hit has counts `_NOWHERE` times: it is likely what the query is about, and nobody speaks of it.
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
_NOWHERE = 2.0


def text_confidences(hits: Iterable[Mapping[str, Any]], words: Collection[str]) -> list[float]:
    """How likely each hit of a text leg answers a query of these content words, 0 to 1; 1 where it has no words."""
    matched = [tuple(hit.get("matched_queries") or (WHOLE,)) for hit in hits]
    anywhere = set().union(*matched)
    weights = {word: 1.0 if anywhere & {word, RESEMBLES + word} else _NOWHERE for word in words}
    # Many hits have the same words.
    worth = {names: _worth(names, weights) for names in set(matched)}
    return [worth[names] for names in matched]


def _worth(matched: Collection[str], weights: Mapping[str, float]) -> float:
    if not weights or WHOLE in matched:
        return 1.0
    had = sum(
        weight * (1.0 if word in matched else _RESEMBLING * (RESEMBLES + word in matched))
        for word, weight in weights.items()
    )
    return float((had / sum(weights.values())) ** _POWER)
