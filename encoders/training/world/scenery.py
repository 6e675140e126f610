"""The backdrops of the demo's scenes: what stands still behind the figures."""

import numpy as np
from PIL import Image

from encoders.training.world.canvas import Colour, Pen

WIDE = 20.0
HIGH = 11.25
GREEN: Colour = (96, 150, 84)
SNOW: Colour = (240, 245, 250)


def backdrop_pen(unit: float) -> Pen:
    """A backdrop is wider than the frame, so that the camera can move over it."""
    return Pen(WIDE, HIGH, unit)


def city_street(unit: float, *, lit: bool = True) -> Image.Image:
    """A wet street between houses under a grey sky."""
    pen = backdrop_pen(unit)
    pen.sky((70, 82, 100), (140, 150, 160), until=8.0)
    heights = (4.2, 5.6, 3.4, 6.0, 4.6, 5.2, 3.8, 5.8)
    for number, height in enumerate(heights):
        shade = 70 + 12 * (number % 3)
        left = 2.5 * number
        pen.box(left, 8.0 - height, 2.4, height, (shade, shade + 6, shade + 18))
        for row in range(int(height) - 1):
            for column in range(3):
                glow: Colour = (250, 215, 130) if lit and (row * 3 + column + number) % 4 else (95, 105, 120)
                pen.box(left + 0.35 + 0.65 * column, 8.4 - height + row, 0.38, 0.5, glow)
    pen.box(0, 8.0, WIDE, 0.5, (120, 122, 126))
    pen.box(0, 8.5, WIDE, 3.0, (62, 66, 74))
    for mark in range(9):
        pen.box(0.5 + 2.4 * mark, 9.75, 1.2, 0.16, (225, 225, 215))
    return pen.finished()


def country_road(unit: float) -> Image.Image:
    """A road through dark hills in bad weather."""
    pen = backdrop_pen(unit)
    pen.sky((84, 96, 112), (170, 178, 182), until=7.5)
    pen.hills(6.6, 0.8, 0.5, 0.4, (84, 104, 92))
    pen.hills(7.6, 0.5, 0.8, 2.0, (72, 96, 76))
    for tree in range(7):
        fir(pen, 1.2 + 2.9 * tree, 8.1, 1.9, (52, 84, 64))
    pen.box(0, 8.3, WIDE, 3.0, (74, 76, 82))
    for mark in range(9):
        pen.box(0.5 + 2.4 * mark, 9.6, 1.2, 0.16, (230, 210, 120))
    return pen.finished()


def fir(pen: Pen, x: float, foot: float, height: float, needles: Colour) -> None:
    """Draws a fir."""
    pen.box(x - 0.12, foot - 0.3, 0.24, 0.4, (90, 65, 45))
    for step in range(3):
        top = foot - height + step * height * 0.26
        half = height * (0.18 + 0.09 * step)
        pen.shape([(x, top), (x - half, top + height * 0.42), (x + half, top + height * 0.42)], needles)


def snowy_garden(unit: float) -> Image.Image:
    """A house, firs and snow."""
    pen = backdrop_pen(unit)
    pen.sky((150, 180, 210), (225, 235, 245))
    pen.hills(7.2, 0.6, 0.45, 1.0, (214, 226, 238))
    for x, height in ((1.5, 3.4), (4.0, 2.6), (15.5, 3.6), (18.3, 2.8)):
        fir(pen, x, 8.2, height, (70, 110, 96))
    pen.box(8.2, 5.2, 4.2, 3.2, (176, 108, 82))
    pen.shape([(7.7, 5.3), (10.3, 3.2), (12.9, 5.3)], SNOW)
    for x in (8.8, 10.8):
        pen.box(x, 6.0, 1.0, 1.1, (255, 226, 140), corner=0.06)
    pen.hills(8.6, 0.25, 0.7, 0.0, SNOW)
    return pen.finished()


def window_room(unit: float) -> Image.Image:
    """A room with a window to the snow."""
    pen = backdrop_pen(unit)
    pen.sky((206, 170, 138), (186, 148, 118))
    pen.box(4.5, 0.9, 11.0, 7.0, WALNUT, corner=0.1)
    pen.box(4.9, 1.3, 10.2, 6.2, (168, 196, 222))
    pen.oval(8.0, 7.4, 4.2, 1.3, SNOW)
    pen.oval(13.0, 7.6, 3.4, 1.4, (226, 236, 246))
    pen.box(4.2, 7.5, 11.6, 4.0, (186, 148, 118))
    fir(pen, 7.2, 7.0, 3.2, (86, 128, 112))
    pen.box(9.8, 1.3, 0.35, 6.2, WALNUT)
    pen.box(4.0, 7.5, 12.0, 0.7, WALNUT, corner=0.1)
    for x in (3.2, 15.2):
        pen.box(x, 0.3, 1.6, 8.4, (190, 70, 70), corner=0.3)
    return pen.finished()


WALNUT: Colour = (118, 82, 58)


def night_sea(unit: float, *, tower: bool = True) -> Image.Image:
    """The sea at night, with stars, the moon and a lighthouse."""
    pen = backdrop_pen(unit)
    pen.sky((10, 14, 40), (48, 58, 104), until=7.4)
    stars(pen, 90, until=6.5)
    pen.disc(15.6, 2.0, 0.9, (245, 240, 214))
    pen.disc(15.25, 1.8, 0.8, (30, 36, 72))
    pen.box(0, 7.4, WIDE, 4.0, (16, 34, 66))
    for row in range(5):
        for wave in range(8):
            pen.stroke(
                [(wave * 2.6 + row * 0.7, 7.9 + row * 0.65), (wave * 2.6 + row * 0.7 + 1.0, 7.9 + row * 0.65)],
                0.06,
                (58, 84, 128),
            )
    if tower:
        pen.shape([(2.0, 9.6), (3.4, 7.2), (5.2, 6.6), (7.4, 7.4), (8.8, 9.6)], (38, 36, 48))
        pen.shape([(4.3, 6.9), (4.7, 2.6), (6.0, 2.6), (6.4, 6.9)], (232, 228, 220))
        for band in (3.5, 5.2):
            pen.box(4.55, band, 1.6, 0.8, (190, 50, 50))
        pen.box(4.6, 1.7, 1.5, 0.9, (255, 240, 170), corner=0.1)
        pen.shape([(4.4, 1.8), (5.35, 0.9), (6.3, 1.8)], (120, 34, 38))
    return pen.finished()


def stars(pen: Pen, count: int, *, until: float) -> None:
    """Scatters stars, always in the same way."""
    random = np.random.default_rng(3)
    for x, y, radius in random.random((count, 3)).tolist():
        pen.disc(x * WIDE, y * until, 0.025 + 0.035 * radius, (240, 240, 255))


def morning_hills(unit: float) -> Image.Image:
    """Green hills and a river below a wide morning sky."""
    pen = backdrop_pen(unit)
    pen.sky((112, 176, 232), (252, 226, 190), until=10.0)
    pen.disc(16.0, 7.2, 1.3, (255, 236, 160))
    pen.hills(8.4, 0.7, 0.5, 0.6, (140, 176, 120))
    pen.hills(9.2, 0.5, 0.7, 2.2, GREEN)
    pen.shape([(8.0, 11.3), (9.4, 9.6), (9.0, 8.9), (9.3, 8.9), (10.4, 9.7), (11.4, 11.3)], (120, 176, 214))
    return pen.finished()


def kitchen(unit: float) -> Image.Image:
    """A kitchen: tiles, a stove, a shelf and a table."""
    pen = backdrop_pen(unit)
    pen.sky((246, 232, 206), (240, 220, 190))
    for row in range(5):
        for column in range(14):
            tile: Colour = (226, 236, 232) if (row + column) % 2 else (206, 224, 222)
            pen.box(1.5 * column - 0.4, 2.4 + row * 0.95, 1.42, 0.88, tile, corner=0.06)
    pen.box(1.0, 5.2, 4.4, 4.4, (92, 98, 110), corner=0.15)
    pen.box(1.6, 6.6, 3.2, 2.2, (250, 170, 80), corner=0.15)
    pen.box(2.2, 3.9, 2.0, 1.3, (70, 90, 120), corner=0.2)
    pen.box(6.6, 1.6, 8.6, 0.3, (150, 104, 66))
    for number, x in enumerate((7.0, 8.6, 10.2, 11.8, 13.4)):
        jar = ((200, 90, 80), (110, 150, 100), (220, 180, 90), (120, 120, 170), (200, 130, 150))[number]
        pen.box(x, 0.5, 1.0, 1.1, jar, corner=0.2)
    pen.box(5.8, 7.6, 13.0, 0.6, (166, 116, 74), corner=0.1)
    for x in (6.4, 17.6):
        pen.box(x, 8.2, 0.5, 3.0, (146, 100, 62))
    pen.box(0, 10.4, WIDE, 1.0, (186, 150, 116))
    return pen.finished()


def beach(unit: float) -> Image.Image:
    """Sand, sea, sun and a palm."""
    pen = backdrop_pen(unit)
    pen.sky((96, 186, 240), (206, 236, 248), until=5.6)
    pen.disc(16.4, 1.9, 1.0, (255, 236, 140))
    pen.box(0, 5.6, WIDE, 2.2, (46, 140, 190))
    for wave in range(9):
        pen.oval(1.0 + 2.4 * wave, 7.75, 1.4, 0.24, (236, 248, 250))
    pen.box(0, 7.85, WIDE, 3.5, (238, 212, 150))
    pen.stroke([(2.6, 9.6), (2.9, 6.6), (3.6, 3.6)], 0.36, (140, 100, 60))
    for x, y in ((1.4, 3.0), (2.2, 2.0), (4.6, 1.9), (5.6, 2.8), (5.4, 4.2), (1.9, 4.3)):
        pen.stroke([(3.6, 3.5), ((3.6 + x) / 2, min(y, 3.2) - 0.2), (x, y)], 0.34, (60, 140, 80))
    return pen.finished()


def mountains(unit: float) -> Image.Image:
    """Snowy peaks above a railway."""
    pen = backdrop_pen(unit)
    pen.sky((120, 170, 220), (224, 234, 240))
    for x, height in ((2.0, 5.0), (6.6, 6.2), (11.8, 5.4), (16.6, 6.6)):
        pen.shape([(x - 3.6, 8.6), (x, 8.6 - height), (x + 3.6, 8.6)], (110, 122, 144))
        pen.shape(
            [
                (x - 1.1, 8.6 - height * 0.7),
                (x, 8.6 - height),
                (x + 1.1, 8.6 - height * 0.7),
                (x + 0.3, 8.6 - height * 0.62),
            ],
            SNOW,
        )
    pen.box(0, 8.2, WIDE, 3.2, (88, 128, 92))
    pen.hills(8.6, 0.4, 0.7, 0.5, (88, 128, 92))
    for tree in range(10):
        fir(pen, 0.8 + 2.05 * tree, 8.9, 1.4 + 0.3 * (tree % 3), (54, 96, 74))
    pen.box(0, 9.9, WIDE, 0.14, (90, 84, 80))
    for sleeper in range(34):
        pen.box(0.6 * sleeper, 10.04, 0.34, 0.2, (110, 86, 66))
    return pen.finished()


def aquarium(unit: float) -> Image.Image:
    """Blue water, stones and plants."""
    pen = backdrop_pen(unit)
    pen.sky((60, 170, 210), (10, 60, 120))
    pen.hills(10.2, 0.25, 0.9, 0.3, (200, 180, 130))
    for x, radius in ((3.0, 1.1), (4.6, 0.7), (13.4, 1.3), (17.0, 0.8)):
        pen.oval(x, 10.3, radius, radius * 0.8, (110, 110, 124))
    for x, height in ((1.2, 5.0), (6.4, 3.6), (7.0, 4.6), (11.0, 3.2), (15.4, 5.4), (18.8, 4.2)):
        leaf = [(x + 0.35 * (-1) ** step, 10.4 - height * step / 5) for step in range(6)]
        pen.stroke(leaf, 0.26, (50, 150, 90))
    return pen.finished()


def lake(unit: float, *, evening: bool = False) -> Image.Image:
    """A lake between woods."""
    pen = backdrop_pen(unit)
    pen.sky((246, 150, 110) if evening else (130, 190, 236), (250, 220, 170) if evening else (222, 238, 246), until=5.4)
    pen.hills(5.0, 0.5, 0.6, 1.2, (120, 100, 110) if evening else (96, 140, 110))
    pen.box(0, 5.4, WIDE, 6.0, (150, 110, 120) if evening else (74, 146, 190))
    for row in range(6):
        for wave in range(7):
            x = wave * 3.0 + (row % 2) * 1.4
            pen.stroke([(x, 6.2 + row * 0.85), (x + 0.9, 6.2 + row * 0.85)], 0.06, (230, 240, 245))
    return pen.finished()
