"""What the two legs over texts ask OpenSearch: words in any form, slightly mistyped, begun, and as a phrase.

A hit has one of the query's content words at least; of three and more, half of them. The word itself counts
most, another form of it less, and least a word that differs by a letter or two or only begins like it. Function words
bring no hit, unless the query has no others; they count where they stand in the order of the query.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

from search_api.coverage import RESEMBLES, WHOLE
from search_api.mentions import Mentions
from search_api.syntax import Wanted
from search_api.wording import METADATA, SPEECH, Clause, Texts, excluded_clauses, names, phrase_clause
from search_api.words import FUNCTION_WORDS, content_words, other_forms, split_words

MOST_WORDS = 40
"""So many different words of a query are looked up; OpenSearch takes about 1,000 clauses in all."""
_MOST_FUZZY_WORDS = 8
_EXACT, _FORM, _FUZZY, _BEGUN = 0.5, 0.9, 0.1, 0.05
_IN_ORDER, _QUOTED = 2.0, 2.0
# Words of up to four letters are taken as they stand: too many are one letter apart. The first letter counts as right.
_TYPOS: dict[str, Any] = {"fuzziness": "AUTO:5,8", "prefix_length": 1, "max_expansions": 12}


def speech_query(wanted: Wanted, mentions: Mentions, filters: Iterable[Clause]) -> Clause:
    """The query of the leg over what is said."""
    required, refused = moment_conditions(wanted, mentions)
    return _query(wanted, SPEECH, [*filters, *required], refused)


def metadata_query(wanted: Wanted, filters: Iterable[Clause]) -> Clause:
    """The query of the leg over title, description and tags."""
    required = [phrase_clause(phrase, METADATA) for phrase in wanted.phrases]
    refused = [{"term": {"status": "deleted"}}, *excluded_clauses(wanted, METADATA)]
    return _query(wanted, METADATA, [*filters, *required], refused)


def moment_conditions(wanted: Wanted, mentions: Mentions) -> tuple[list[Clause], list[Clause]]:
    """What every moment must match, and what it must not, whichever leg finds it.

    A quoted phrase may stand in the speech or in the metadata of its video; what is left out, in neither.
    """
    required: list[Clause] = [
        {"bool": {"should": [phrase_clause(phrase, SPEECH), {"terms": {"video_id": list(videos)}}]}}
        for phrase, videos in zip(wanted.phrases, mentions.of_phrases, strict=True)
    ]
    refused = excluded_clauses(wanted, SPEECH)
    if mentions.of_excluded:
        refused.append({"terms": {"video_id": list(mentions.of_excluded)}})
    return required, refused


def looked_up(text: str) -> list[str]:
    """The different words of a query that are looked up."""
    return content_words(text)[:MOST_WORDS]


def is_long(text: str) -> bool:
    """Whether a text has more different words than are looked up."""
    return len(content_words(text)) > MOST_WORDS


def _query(wanted: Wanted, texts: Texts, required: list[Clause], refused: list[Clause]) -> Clause:
    return {
        "bool": {
            "must": [_words(wanted, texts)],
            "should": [*_in_order(wanted, texts), *_quoted(wanted, texts)],
            "filter": required,
            "must_not": refused,
        }
    }


def _words(wanted: Wanted, texts: Texts) -> Clause:
    words = looked_up(wanted.text)
    if not words:
        # No letters and no digits: the index knows pictographs as words, and takes nothing of the rest.
        return _match(wanted.text, texts.exact, 1.0)
    each = [
        _word(word, texts, fuzzy=n < _MOST_FUZZY_WORDS, begun=word == wanted.unfinished) for n, word in enumerate(words)
    ]
    enough: Clause = {"bool": {"should": each, "minimum_should_match": _fewest(words, wanted)}}
    if not texts.labels:
        return enough
    return {"bool": {"should": [enough, {"bool": {"should": _labels(wanted.text, texts), "_name": WHOLE}}]}}


def _fewest(words: Sequence[str], wanted: Wanted) -> int:
    if words[0] in FUNCTION_WORDS:
        return math.ceil(len(words) * 0.75)
    # What is quoted is asked for apart, and may stand in another text than the rest.
    quoted = {word for phrase in wanted.phrases for word in content_words(phrase)}
    loose = sum(word not in quoted for word in words)
    return 1 if loose < 3 else math.ceil(loose / 2)


def _word(word: str, texts: Texts, *, fuzzy: bool, begun: bool) -> Clause:
    """Matches a word; its two parts have names, by which a hit says what of the query it has."""
    same = [_match(word, texts.stems, 1.0), _match(word, texts.exact, _EXACT), *_labels(word, texts)]
    same += [_match(form, texts.stems, _FORM) for form in other_forms(word)]
    alike: list[Clause] = []
    if fuzzy and word not in FUNCTION_WORDS:
        alike += [_match(word, fields, _FUZZY, **_TYPOS) for fields in (texts.stems, texts.exact)]
    if begun:
        begins: list[Clause] = [{"prefix": {name: {"value": word}}} for name in names([*texts.exact, *texts.labels])]
        alike.append({"constant_score": {"filter": {"bool": {"should": begins}}, "boost": _BEGUN}})
    each: list[Clause] = [{"bool": {"should": same, "_name": word}}]
    if alike:
        each.append({"bool": {"should": alike, "_name": RESEMBLES + word}})
    return {"bool": {"should": each}}


def _match(words: str, fields: Sequence[str], boost: float, **options: Any) -> Clause:
    return {"multi_match": {"query": words, "fields": list(fields), "boost": boost, "tie_breaker": 0.3, **options}}


def _labels(text: str, texts: Texts) -> list[Clause]:
    return [{"term": {name: {"value": text, "case_insensitive": True}}} for name in texts.labels]


def _in_order(wanted: Wanted, texts: Texts) -> list[Clause]:
    """The words in their order: as they were typed, or in other forms."""
    if not split_words(wanted.text):
        return []
    # What reads as a negation may be a line that somebody says: then it stands there as it was typed.
    said = wanted.typed if any(excluded.natural for excluded in wanted.excluded) else wanted.text
    return [
        _match(said, texts.exact, _IN_ORDER, type="phrase", slop=1),
        _match(wanted.text, texts.stems, _IN_ORDER / 2, type="phrase", slop=2),
    ]


def _quoted(wanted: Wanted, texts: Texts) -> list[Clause]:
    return [{"bool": {"should": [phrase_clause(phrase, texts)], "boost": _QUOTED}} for phrase in wanted.phrases]
