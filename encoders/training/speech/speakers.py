"""Who speaks: espeak-ng's accents, coloured by its voice variants; some variants are kept for the evaluation."""

from __future__ import annotations

from random import Random

from encoders.training.voices import Voice

_ACCENTS = {
    "en": ("en-us", "en-us", "en-us", "en-us-nyc", "en-gb-x-rp", "en-gb-scotland"),
    "ru": ("ru",),
}
# Plain voices, and the variants that vary most between each other.
_COMMON = ("", "m1", "m2", "m3", "m4", "m6", "m7", "m8", "f1", "f2", "f3", "f5", "edward")
_OTHERS = (
    "Alex",
    "Alicia",
    "Andrea",
    "Andy",
    "Annie",
    "Diogo",
    "Gene",
    "Henrique",
    "Jacky",
    "Lee",
    "Mario",
    "Michael",
    "Mike",
    "Reed",
    "adam",
    "anika",
    "antonio",
    "aunty",
    "belinda",
    "benjamin",
    "boris",
    "caleb",
    "david",
    "edward2",
    "grandma",
    "grandpa",
    "gustave",
    "iven",
    "john",
    "kaukovalta",
    "klatt",
    "klatt2",
    "klatt4",
    "linda",
    "marcelo",
    "max",
    "michel",
    "mike2",
    "norbert",
    "pablo",
    "paul",
    "pedro",
    "quincy",
    "rob",
    "sandro",
    "shelby",
    "steph",
    "steph2",
    "travis",
    "zac",
)
# Never heard in training.
UNSEEN = ("f4", "m5")
# How the narrators of the demo speak; training meets them often, with other sentences.
_NARRATORS = {
    "en": (Voice("en-us+edward", 130, 50, 1), Voice("en-us+f2", 165, 30, 1)),
    "ru": (Voice("ru+m3", 140, 45), Voice("ru+f2", 145, 50)),
}
_NARRATORS_SHARE = 0.12
_COMMON_SHARE = 0.6


def random_voice(language: str, random: Random) -> Voice:
    """A voice for training."""
    if random.random() < _NARRATORS_SHARE:
        return random.choice(_NARRATORS[language])
    return _varied(language, random.choice(_COMMON if random.random() < _COMMON_SHARE else _OTHERS), random)


def unseen_voice(language: str, random: Random) -> Voice:
    """A voice that training never meets."""
    return _varied(language, random.choice(UNSEEN), random)


def _varied(language: str, variant: str, random: Random) -> Voice:
    accent = random.choice(_ACCENTS[language])
    return Voice(
        f"{accent}+{variant}" if variant else accent,
        words_per_minute=random.randint(110, 210),
        pitch=random.randint(20, 80),
        word_gap=random.choice((0, 0, 0, 1, 2)),
    )
