"""One frame for each shot, as a film would show it."""

from __future__ import annotations

import io
import multiprocessing
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from random import Random

from PIL import Image

from encoders.training.pictures.scenes import draw
from evaluation.corpus.films import Film, film

JPEG_QUALITY = 70


@dataclass(frozen=True, slots=True)
class DrawnFilm:
    """A film and a JPEG of each of its shots."""

    film: Film
    frames: tuple[bytes, ...]


def draw_films(count: int, *, seed: int) -> Iterator[DrawnFilm]:
    """Makes and draws the first `count` films, in order, on all processors."""
    processors = len(os.sched_getaffinity(0))
    # A fresh process each: this one may have threads.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processors, mp_context=context) as pool:
        yield from pool.map(partial(_drawn, seed=seed), range(count), chunksize=2)


def _drawn(number: int, *, seed: int) -> DrawnFilm:
    made = film(number, seed=seed)
    random = Random(f"{seed}/{number}/frames")
    return DrawnFilm(made, tuple(_jpeg(draw(shot.facts, random)) for shot in made.shots))


def _jpeg(image: Image.Image) -> bytes:
    with io.BytesIO() as file:
        image.save(file, "JPEG", quality=JPEG_QUALITY)
        return file.getvalue()
