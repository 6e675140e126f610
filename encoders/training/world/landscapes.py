"""More backdrops of the demo: a garden, a forest in each season, a square at night, the stars."""

from dataclasses import dataclass

import numpy as np
from PIL import Image

from encoders.training.world.canvas import Colour
from encoders.training.world.scenery import GREEN, HIGH, SNOW, WIDE, backdrop_pen, stars


def garden(unit: float) -> Image.Image:
    """Flowers before a fence."""
    pen = backdrop_pen(unit)
    pen.sky((150, 206, 244), (226, 242, 250), until=7.5)
    pen.hills(6.4, 0.5, 0.6, 0.9, (130, 176, 120))
    for board in range(21):
        pen.box(board, 4.9, 0.55, 2.6, (240, 238, 228), corner=0.15)
    pen.box(0, 5.6, WIDE, 0.3, (240, 238, 228))
    pen.box(0, 7.2, WIDE, 4.2, GREEN)
    petals: tuple[Colour, ...] = ((240, 200, 60), (226, 90, 110), (250, 250, 250), (170, 110, 210))
    for flower in range(26):
        x, y = 0.5 + 0.77 * flower, 8.2 + 0.75 * (flower * 7 % 4)
        pen.stroke([(x, y + 1.4), (x, y)], 0.09, (50, 110, 60))
        for dx, dy in ((0.22, 0.0), (-0.22, 0.0), (0.0, 0.22), (0.0, -0.22)):
            pen.disc(x + dx, y + dy, 0.2, petals[flower % 4])
        pen.disc(x, y, 0.16, (120, 80, 40))
    return pen.finished()


@dataclass(frozen=True, slots=True)
class Season:
    """The colours of a forest in one season."""

    top: Colour
    bottom: Colour
    ground: Colour
    leaves: tuple[Colour, Colour]
    bare: bool = False


SPRING = Season((160, 210, 240), (236, 246, 240), (150, 196, 120), ((170, 214, 130), (240, 190, 206)))
SUMMER = Season((84, 170, 236), (214, 236, 246), (96, 154, 80), ((60, 130, 70), (84, 150, 76)))
AUTUMN = Season((170, 180, 196), (236, 220, 196), (170, 140, 86), ((224, 140, 50), (200, 80, 50)))
WINTER = Season((176, 196, 220), (236, 242, 248), SNOW, ((0, 0, 0), (0, 0, 0)), bare=True)


def forest(unit: float, season: Season) -> Image.Image:
    """A clearing with broad-leaved trees."""
    pen = backdrop_pen(unit)
    pen.sky(season.top, season.bottom, until=8.5)
    pen.hills(7.6, 0.5, 0.5, 0.7, tuple(int(part * 0.85) for part in season.ground[:3]))  # type: ignore[arg-type]
    pen.hills(8.4, 0.3, 0.8, 2.0, season.ground)
    for number, x in enumerate((1.4, 4.6, 7.2, 12.6, 15.6, 18.4)):
        height = 3.6 + 0.7 * (number % 3)
        pen.box(x - 0.18, 8.9 - height, 0.36, height, (104, 78, 58))
        for side in (-1, 1):
            pen.stroke([(x, 9.4 - height), (x + side * 0.9, 8.3 - height)], 0.14, (104, 78, 58))
        if not season.bare:
            crown = season.leaves[number % 2]
            for dx, dy, radius in ((0.0, -0.4, 1.3), (-0.9, 0.3, 0.9), (0.9, 0.3, 0.9)):
                pen.disc(x + dx, 8.6 - height + dy, radius, crown)
    return pen.finished()


def festive_square(unit: float) -> Image.Image:
    """A square at night with towers and garlands."""
    pen = backdrop_pen(unit)
    pen.sky((14, 12, 44), (70, 44, 96))
    stars(pen, 60, until=5.0)
    for number, (x, width, height) in enumerate(
        ((0.6, 3.2, 3.4), (4.6, 2.4, 5.0), (8.0, 4.2, 3.8), (13.2, 2.2, 5.4), (16.2, 3.4, 3.6))
    ):
        pen.box(x, 9.4 - height, width, height, (46 + 8 * (number % 2), 38, 74))
        pen.shape(
            [(x - 0.2, 9.4 - height), (x + width / 2, 8.0 - height), (x + width + 0.2, 9.4 - height)], (90, 50, 90)
        )
        for row in range(int(height) - 1):
            for column in range(int(width / 0.9)):
                pen.box(x + 0.3 + 0.85 * column, 10.0 - height + row, 0.4, 0.55, (255, 214, 120), corner=0.1)
    pen.box(0, 9.4, WIDE, 2.0, (40, 34, 60))
    garland: tuple[Colour, ...] = ((250, 90, 90), (250, 220, 90), (110, 220, 140), (110, 170, 250))
    for number, x in enumerate(np.linspace(0.2, WIDE - 0.2, 42).tolist()):
        pen.disc(x, 6.4 + 0.5 * abs((number % 14) - 7) / -3.5, 0.11, garland[number % 4])
    return pen.finished()


def outer_space(unit: float) -> Image.Image:
    """Stars and two planets."""
    pen = backdrop_pen(unit)
    pen.sky((8, 8, 26), (30, 18, 56))
    stars(pen, 160, until=HIGH)
    pen.disc(14.6, 4.2, 2.3, (204, 140, 96))
    for y, half in ((3.2, 1.95), (4.2, 2.28), (5.1, 2.05)):
        pen.box(14.6 - half, y, 2 * half, 0.28, (178, 112, 76), corner=0.14)
    pen.oval(14.6, 4.3, 3.7, 0.34, (226, 200, 160, 190))
    pen.disc(3.6, 8.6, 0.9, (120, 170, 210))
    return pen.finished()
