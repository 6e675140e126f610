"""Facts and captions as numbers: what the classifiers beside the contrast learn, and which pairs are no contrast."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from encoders.training.pictures.backdrops import LIGHTS, PLACES, WEATHERS
from encoders.training.pictures.captions import Caption
from encoders.training.pictures.facts import WORDS, Facts, Subject
from encoders.training.pictures.subjects import ALL, KINDS, MIXED

Numbers = npt.NDArray[np.int64]
UNTOLD = -1

_CHOICES: dict[str, tuple[object, ...]] = {
    "kind": (None, *KINDS),
    "colour": (None, *ALL, MIXED),
    "count": (0, 1, 2, 3, 4),
    "place": tuple(PLACES),
    "action": (None, "jumping", "upside down", "rising", "descending"),
    "weather": WEATHERS,
    "light": (None, *LIGHTS),
    "distance": (None, "near", "far"),
    "text": (None, *(word for pair in WORDS for word in pair)),
    "companion": (None, *((kind, colour) for kind in KINDS for colour in (None, *ALL, MIXED))),
}
_SILENT = (None, 0, "clear", "day")
"""What is not worth a word."""
COLUMNS = tuple(_CHOICES)
SIZES = {column: len(choices) for column, choices in _CHOICES.items()}
CLASSIFIED = ("count", "place", "action", "weather", "light", "distance", "text")
"""Columns with one right answer; who is seen can be two, and is learned as pairs of kind and colour."""
_NUMBER = {column: {choice: number for number, choice in enumerate(choices)} for column, choices in _CHOICES.items()}
_WEATHER = COLUMNS.index("weather")
_RAIN, _STORM = _NUMBER["weather"]["rain"], _NUMBER["weather"]["storm"]
_KINDS = {kind: number for number, kind in enumerate(KINDS)}
_COLOURS = {colour: number for number, colour in enumerate((None, *ALL, MIXED))}
PAIRS = len(_KINDS) * len(_COLOURS)


def numbers_of(facts: Facts) -> list[int]:
    """One number per column."""
    subject, companion = facts.subject, facts.companion
    values: dict[str, object] = {
        "kind": subject and subject.kind,
        "colour": subject and subject.colour,
        "count": subject.count if subject else 0,
        "place": facts.place,
        "action": subject and subject.action,
        "weather": facts.weather,
        "light": facts.light,
        "distance": facts.distance,
        "text": facts.text,
        "companion": companion and (companion.kind, companion.colour),
    }
    return [_NUMBER[column][values[column]] for column in COLUMNS]


def numbers_told(caption: Caption) -> list[int]:
    """One number per column, `UNTOLD` where the caption does not tell it or tells it by saying nothing."""
    return [
        number if column in caption.told and _CHOICES[column][number] not in _SILENT else UNTOLD
        for column, number in zip(COLUMNS, numbers_of(caption.facts), strict=True)
    ]


def same(pictures: Sequence[Facts], captions: Numbers) -> npt.NDArray[np.bool_]:
    """Which captions are true of which pictures, N×M, from the facts of N pictures and the numbers of M captions.

    Whoever is in the picture may be the one that is told of, and it rains in a thunderstorm.
    """
    return _fits([numbers_of(facts) for facts in pictures], captions) | _fits(
        [numbers_of(facts.turned()) for facts in pictures], captions
    )


def _fits(pictures: Sequence[list[int]], captions: Numbers) -> npt.NDArray[np.bool_]:
    seen, told = np.array(pictures)[:, None], captions[None]
    fits = (seen == told) | (told == UNTOLD)
    fits[:, :, _WEATHER] |= (told[:, :, _WEATHER] == _RAIN) & (seen[:, :, _WEATHER] == _STORM)
    result: npt.NDArray[np.bool_] = fits.all(axis=2)
    return result


def pairs_of(facts: Sequence[Facts]) -> npt.NDArray[np.float32]:
    """Which pairs of kind and colour are seen, N×`PAIRS`, 0 or 1."""
    table = np.zeros((len(facts), PAIRS), np.float32)
    for row, one in enumerate(facts):
        for subject in one.subjects:
            table[row, _pair(subject)] = 1.0
    return table


def _pair(subject: Subject) -> int:
    return _KINDS[subject.kind] * len(_COLOURS) + _COLOURS[subject.colour]
