"""Which language each utterance of a sound is in: pure rules on what a model finds likely."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

# A model is sure of a language that has this probability, and this share of all that come into question.
_SURE, _SURE_SHARE = 0.2, 0.6
# Somebody said what is spoken: utterances in another language must be clearer than that.
_SURE_AGAINST_HINT, _SURE_SHARE_AGAINST_HINT = 0.5, 0.9
_SHORTEST_SECONDS = 0.8


@dataclass(frozen=True, slots=True)
class Impression:
    """How likely a model finds each language (ISO 639-1) of an utterance, and how long the utterance is."""

    probabilities: Mapping[str, float]
    seconds: float


@dataclass(frozen=True, slots=True)
class Choice:
    """The language of an utterance, and whether that is clear: from the model, or from somebody who said so."""

    language: str
    sure: bool


def choose_languages(impressions: Sequence[Impression], possible: Sequence[str], hint: str | None) -> list[Choice]:
    """Gives each utterance of a sound one of the possible languages.

    An utterance in which the model is sure has its own language, whatever the hint says. All others are in the
    language of the hint; without one, in that of the nearest utterance that is sure, and where there is none of
    these, in the one that is likeliest over all.
    """
    own = [_sure_language(impression, possible, hint) for impression in impressions]
    common = hint or _likeliest(impressions, possible)
    return [
        Choice(one or hint or _nearest(own, at) or common, one is not None or hint is not None)
        for at, one in enumerate(own)
    ]


def main_language(spoken: Sequence[tuple[str, float]]) -> str | None:
    """The language with the most seconds, of pairs of both; None of nothing."""
    seconds: dict[str, float] = defaultdict(float)
    for language, length in spoken:
        seconds[language] += length
    return max(seconds, key=lambda language: seconds[language], default=None)


def _sure_language(impression: Impression, possible: Sequence[str], hint: str | None) -> str | None:
    if impression.seconds < _SHORTEST_SECONDS:
        return None
    likely = {language: impression.probabilities.get(language, 0.0) for language in possible}
    best = max(likely, key=lambda language: likely[language])
    against = hint not in (None, best)
    probability, share = (_SURE_AGAINST_HINT, _SURE_SHARE_AGAINST_HINT) if against else (_SURE, _SURE_SHARE)
    return best if likely[best] >= max(probability, share * sum(likely.values())) else None


def _nearest(sure: Sequence[str | None], at: int) -> str | None:
    known = [(abs(other - at), language) for other, language in enumerate(sure) if language is not None]
    return min(known, key=lambda pair: pair[0])[1] if known else None


def _likeliest(impressions: Sequence[Impression], possible: Sequence[str]) -> str:
    def weight(language: str) -> float:
        return sum(one.probabilities.get(language, 0.0) * one.seconds for one in impressions)

    return max(possible, key=weight)
