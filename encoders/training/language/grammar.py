"""Natural sentences in English and Russian that mean the same, drawn from the lexicon by templates."""

import re
from functools import cache
from hashlib import blake2b
from pathlib import Path
from random import Random

from encoders.training.language import daily, news, scenes, special, talk
from encoders.training.language.demo_lines import ENGLISH, RUSSIAN
from encoders.training.language.writer import Pair, Writer

__all__ = ["Pair", "held_out", "normalised", "pair", "paraphrases", "sentence", "vocabulary"]

_HELD_OUT_IN = 40
_TEMPLATES = (
    *[scenes.happening] * 22,
    *[scenes.in_weather] * 3,
    *[scenes.in_a_manner] * 4,
    *[scenes.two_actions] * 3,
    *[scenes.there_is] * 4,
    *[scenes.described] * 5,
    *[scenes.compared] * 3,
    *[scenes.in_the_sky] * 2,
    *[scenes.rising] * 2,
    scenes.carried,
    *[scenes.crossing] * 2,
    *[scenes.lights] * 2,
    *[scenes.seasons] * 2,
    *[scenes.returning] * 4,
    *[news.builds] * 4,
    *[news.politics] * 4,
    *[news.discovered] * 3,
    *[news.prices] * 3,
    news.measures,
    *[news.opening] * 3,
    *[news.scheduled] * 3,
    *[news.was_built] * 2,
    *[news.exhibited] * 2,
    *[news.won] * 2,
    news.scored,
    *[news.played] * 3,
    *[news.forecast] * 2,
    *[news.degrees] * 2,
    *[talk.where_is] * 3,
    *[talk.who_did] * 2,
    *[talk.what_do] * 2,
    *[talk.how_many] * 2,
    *[talk.when_leaves] * 3,
    *[talk.have] * 4,
    *[talk.wishes] * 4,
    *[talk.requests] * 2,
    *[talk.speech] * 3,
    *[talk.opinions] * 2,
    *[talk.joined] * 3,
    *[talk.when_weather] * 2,
    *[daily.contents] * 3,
    *[daily.ages] * 2,
    *[daily.durations] * 2,
    *[daily.distances] * 2,
    *[daily.perceived] * 3,
    *[daily.travels] * 4,
    *[daily.gives] * 4,
    *[daily.studies] * 2,
    *[daily.ordered] * 2,
    *[daily.ours] * 3,
    *[daily.skills] * 2,
    *[daily.names] * 2,
    *[special.walked_out] * 2,
    *[special.thundering] * 2,
    *[special.regatta] * 2,
    *[special.rolled] * 2,
    *[special.traffic] * 2,
    *[special.nature] * 3,
    *[special.visiting] * 2,
    *[special.find_way] * 2,
    *[special.films] * 2,
)
_LONGEST = 14


def pair(random: Random) -> Pair:
    """Draws a sentence of 3-14 words in both languages."""
    while True:
        template = random.choice(_TEMPLATES)
        drawn = template(Writer(random, random))
        if _fits(drawn):
            return drawn


def paraphrases(random: Random) -> tuple[Pair, Pair]:
    """Draws one meaning in two wordings, which differ in both languages."""
    while True:
        template, meaning = random.choice(_TEMPLATES), random.getrandbits(64)
        first, *others = (template(Writer(Random(meaning), random)) for _ in range(4))
        for other in others:
            if first.english != other.english and first.russian != other.russian and _fits(first) and _fits(other):
                return first, other


def sentence(language: str, random: Random) -> str:
    """Draws a sentence in `en` or `ru`."""
    drawn = pair(random)
    return drawn.russian if language == "ru" else drawn.english


def _fits(drawn: Pair) -> bool:
    return all(3 <= len(text.split()) <= _LONGEST for text in (drawn.english, drawn.russian))


def normalised(text: str) -> str:
    """Lower case without punctuation; a hyphen parts words, ё stays."""
    return " ".join(re.findall(r"[^\W_]+", text.lower().replace("'", "")))


def held_out(text: str) -> bool:
    """Whether a sentence is kept for evaluation: about one in 40, and all that the demo says."""
    plain = normalised(text)
    if plain in _demo():
        return True
    return int.from_bytes(blake2b(plain.encode(), digest_size=4).digest()) % _HELD_OUT_IN == 0


@cache
def _demo() -> frozenset[str]:
    return frozenset(normalised(line) for line in (*ENGLISH, *RUSSIAN))


@cache
def vocabulary(language: str) -> frozenset[str]:
    """Lists the word forms of `en` or `ru` that sentences are made of, as `normalised` writes them."""
    file = Path(__file__).parent / "words" / f"vocabulary_{language}.txt"
    return frozenset(file.read_text("utf-8").split())
