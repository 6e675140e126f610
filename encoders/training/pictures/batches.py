"""Endless batches for the training: pictures as a film would show them, and a caption in each language."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

import numpy as np
import numpy.typing as npt
from PIL import Image

from encoders.training.pictures import captions, labels, scenes
from encoders.training.pictures.captions import LANGUAGES, Caption, Language
from encoders.training.pictures.facts import Facts

_NOISES = 64


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """N pictures and what is said of them.

    Attributes:
        pixels: uint8 N×S×S×3.
        facts: What each shows.
        captions: Rounds of N captions, one per picture; all of a round are in its language.
    """

    pixels: npt.NDArray[np.uint8]
    facts: tuple[Facts, ...]
    captions: tuple[tuple[Language, tuple[Caption, ...]], ...]

    def __post_init__(self) -> None:
        if self.pixels.dtype != np.uint8 or self.pixels.ndim != 4 or self.pixels.shape[0] != len(self.facts):
            raise ValueError(f"pixels must be uint8 N×S×S×3, N the number of facts: {self.pixels.shape = }")

    @property
    def numbers(self) -> labels.Numbers:
        """What each picture shows, in numbers."""
        return np.array([labels.numbers_of(facts) for facts in self.facts])


def batch(
    facts: Sequence[Facts],
    pixels: int,
    random: Random,
    ways: Sequence[Callable[[Facts, Language, Random], Caption]] = (captions.partial, captions.brief),
) -> Batch:
    """Draws these scenes, `pixels`×`pixels`, and captions them in every way and language."""
    pictures = np.stack([filmed(scenes.draw(one, random), pixels, random) for one in facts])
    said = tuple(
        (language, tuple(way(one, language, random) for one in facts)) for way in ways for language in LANGUAGES
    )
    return Batch(pictures, tuple(facts), said)


def filmed(frame: Image.Image, pixels: int, random: Random) -> npt.NDArray[np.uint8]:
    """Makes of a drawn frame what the model gets of a compressed film: uint8 `pixels`×`pixels`×3."""
    if random.random() < 0.15:
        share = random.uniform(0.45, 0.8)
        frame = frame.resize((round(frame.width * share), round(frame.height * share)), Image.Resampling.BILINEAR)
    if random.random() < 0.5:
        with io.BytesIO() as file:
            frame.save(file, "JPEG", quality=random.randint(18, 75))
            frame = Image.open(file).convert("RGB")
    small = frame.resize((pixels, pixels), Image.Resampling.BICUBIC)
    if random.random() < 0.6:
        gain, shift = random.uniform(0.78, 1.2), random.uniform(-16, 16)
        small = small.point([min(255, max(0, round(level * gain + shift))) for level in range(256)] * 3)
    picture = np.asarray(small)
    if random.random() < 0.35:
        noise = _noise(pixels)[random.randrange(_NOISES)]
        picture = np.clip(picture + noise * random.uniform(2.0, 9.0), 0, 255).astype(np.uint8)
    return picture


_NOISE: dict[int, npt.NDArray[np.float32]] = {}


def _noise(pixels: int) -> npt.NDArray[np.float32]:
    if pixels not in _NOISE:
        _NOISE[pixels] = np.random.default_rng(5).standard_normal((_NOISES, pixels, pixels, 3)).astype(np.float32)
    return _NOISE[pixels]
