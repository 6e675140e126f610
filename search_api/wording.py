"""Which fields hold words, and clauses for the words and phrases that must, or must not, be there. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from search_api.syntax import Excluded, Wanted
from search_api.words import content_words, other_forms, says_something

Clause = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Texts:
    """Fields of one index: as `stems` without function words, as `exact` words, and as `labels` that are kept whole."""

    stems: tuple[str, ...]
    exact: tuple[str, ...]
    labels: tuple[str, ...] = ()


SPEECH = Texts(("speech",), ("speech.exact",))
METADATA = Texts(("title^3", "description"), ("title.exact^3", "description.exact"), ("tags",))


def names(fields: Sequence[str]) -> list[str]:
    """The fields without their weights."""
    return [field.split("^")[0] for field in fields]


def phrase_clause(phrase: str, texts: Texts) -> Clause:
    """Matches the very words of a phrase, in any case and with ё as е."""
    return {"multi_match": {"query": phrase, "fields": names(texts.exact), "type": "phrase"}}


def excluded_clauses(wanted: Wanted, texts: Texts) -> list[Clause]:
    """Match texts that have what the query leaves out.

    Words match in any form, all of them in one text. A text that has the whole query word for word is spared where the
    exclusion was said in words of the language: then it may be the line that is looked for.
    """
    return [_excluded(excluded, wanted, texts) for excluded in wanted.excluded]


def _excluded(excluded: Excluded, wanted: Wanted, texts: Texts) -> Clause:
    there = phrase_clause(excluded.text, texts) if excluded.phrase else _words(excluded.text, texts)
    return {"bool": {"must": [there], "must_not": [phrase_clause(wanted.typed, texts)]}} if excluded.natural else there


def _words(text: str, texts: Texts) -> Clause:
    fields = names(texts.stems if says_something(text) else texts.exact)
    forms = [[word, *other_forms(word)] for word in content_words(text)]
    return {
        "bool": {
            "must": [
                {"bool": {"should": [{"multi_match": {"query": form, "fields": fields}} for form in same]}}
                for same in forms
            ]
        }
    }
