"""Tiny videos that are recognised by their colours: no colour is in two of them."""

from __future__ import annotations

import hashlib
import io
import random
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import av
import numpy as np
from av.video.frame import VideoFrame

Colour = tuple[int, int, int]

SHOT_SECONDS = 2.5
SPAN_SECONDS = 5.0
EDGE = 96
RATE = 6
_LEVELS = (20, 63, 106, 149, 192, 235)
_NEAR = 12.0
_FAR = 80


@dataclass(frozen=True, slots=True)
class Content:
    """A version of a video: its bytes, and what is shown in each shot of 2.5 s."""

    number: int
    data: bytes
    colours: tuple[Colour, ...]

    @property
    def etag(self) -> str:
        return hashlib.md5(self.data).hexdigest()

    @property
    def seconds(self) -> float:
        return SHOT_SECONDS * len(self.colours)

    @property
    def spans(self) -> int:
        return -(-len(self.colours) // 2)

    def colour_at(self, seconds: float) -> Colour:
        return self.colours[min(int(seconds / SHOT_SECONDS), len(self.colours) - 1)]


class Contents:
    """All versions that a run has, by number and by ETag."""

    def __init__(self, number: int, rng: random.Random, *, most_shots: int = 5) -> None:
        chosen = enumerate(choose(number, rng, most_shots))
        self.all = [Content(index, render(colours), colours) for index, colours in chosen]
        self.by_etag = {content.etag: content for content in self.all}
        self._owner = {colour: content for content in self.all for colour in content.colours}

    def owner(self, colour: Sequence[float]) -> Content | None:
        """Says which content shows a colour; None if it is a mixture or a stranger."""
        nearest = min(self._owner, key=lambda own: distance(own, colour))
        return self._owner[nearest] if distance(nearest, colour) < _NEAR else None

    def other_than(self, content: Content | None, rng: random.Random) -> Content:
        return rng.choice([one for one in self.all if one is not content])


def choose(number: int, rng: random.Random, most_shots: int) -> list[tuple[Colour, ...]]:
    """Chooses the colours of so many contents, which have from one to so many shots."""
    palette = [(r, g, b) for r in _LEVELS for g in _LEVELS for b in _LEVELS]
    rng.shuffle(palette)
    return [_shots(palette, 1 + index % most_shots) for index in range(number)]


def _shots(palette: list[Colour], number: int) -> tuple[Colour, ...]:
    """Takes colours out of the palette; each is so far from the one before it that kadr sees a cut there."""
    taken = [palette.pop()]
    for _ in range(1, number):
        place = next(place for place, colour in enumerate(palette) if are_told_apart(taken[-1], colour))
        taken.append(palette.pop(place))
    return tuple(taken)


def are_told_apart(one: Colour, other: Colour) -> bool:
    return sum(abs(a - b) >= _FAR for a, b in zip(one, other, strict=True)) >= 2


def distance(one: Sequence[float], other: Sequence[float]) -> float:
    return max(abs(a - b) for a, b in zip(one, other, strict=True))


def matches(expected: Colour, found: Sequence[float]) -> bool:
    return distance(expected, found) < _NEAR


def render(colours: Sequence[Colour]) -> bytes:
    """Encodes shots of one colour each as MP4."""
    target = io.BytesIO()
    with av.open(target, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=RATE, options={"preset": "ultrafast", "crf": "8"})
        stream.width = stream.height = EDGE
        stream.pix_fmt = "yuv444p"
        stream.codec_context.time_base = Fraction(1, RATE)
        for index in range(round(len(colours) * SHOT_SECONDS * RATE)):
            colour = colours[int(index / RATE / SHOT_SECONDS)]
            pixels = np.empty((EDGE, EDGE, 3), np.uint8)
            pixels[:] = colour
            frame = VideoFrame.from_ndarray(pixels, format="rgb24").reformat(format="yuv444p")
            frame.pts = index
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return target.getvalue()


def vector_of(colour: Sequence[float]) -> list[float]:
    """Puts a colour (0 to 255) into the picture space: a direction of four numbers."""
    return [*(part / 255 for part in colour), 1.0]


def colour_of(vector: Sequence[float]) -> tuple[float, ...]:
    """Takes a colour out of the picture space, whatever the vector's length."""
    return tuple(255 * part / vector[3] for part in vector[:3])
