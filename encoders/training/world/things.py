"""Things that stand, fly or lie about, drawn with the canvas's pen."""

import math

from PIL import Image

from encoders.training.world.actors import INK, WHITE
from encoders.training.world.animals import darker
from encoders.training.world.canvas import Colour, Pen


def umbrella(unit: float, cloth: Colour) -> Image.Image:
    """An open umbrella, 3 × 2.8 units."""
    pen = Pen(3.0, 2.8, unit)
    pen.stroke([(1.5, 0.3), (1.5, 2.4), (1.7, 2.65), (1.95, 2.45)], 0.12, INK)
    pen.pie(1.5, 1.5, 1.42, 180, 360, cloth)
    pen.pie(1.5, 1.5, 1.42, 240, 300, darker(cloth))
    for x in (0.55, 1.5, 2.45):
        pen.pie(x, 1.55, 0.48, 180, 360, (0, 0, 0, 0))
    return pen.finished()


def tent(unit: float, cloth: Colour) -> Image.Image:
    """A tent, 3.6 × 2.4 units."""
    pen = Pen(3.6, 2.4, unit)
    pen.shape([(1.8, 0.1), (0.1, 2.3), (3.5, 2.3)], cloth)
    pen.shape([(1.8, 0.1), (1.2, 2.3), (0.1, 2.3)], darker(cloth))
    pen.shape([(1.95, 0.8), (1.65, 2.3), (2.6, 2.3)], (50, 44, 48))
    return pen.finished()


def kite(unit: float, cloth: Colour) -> Image.Image:
    """A kite with its tail, 2 × 3.6 units."""
    pen = Pen(2.0, 3.6, unit)
    pen.stroke([(1.0, 2.1), (0.7, 2.5), (1.2, 2.9), (0.8, 3.5)], 0.06, INK)
    for x, y in ((0.7, 2.5), (1.2, 2.9), (0.8, 3.4)):
        pen.shape([(x - 0.2, y - 0.12), (x + 0.2, y + 0.12), (x + 0.2, y - 0.12), (x - 0.2, y + 0.12)], cloth)
    pen.shape([(1.0, 0.05), (1.85, 0.9), (1.0, 2.2), (0.15, 0.9)], cloth)
    pen.shape([(1.0, 0.05), (1.85, 0.9), (1.0, 0.9)], darker(cloth))
    pen.shape([(1.0, 2.2), (0.15, 0.9), (1.0, 0.9)], darker(cloth))
    return pen.finished()


def flower(unit: float, petals: Colour) -> Image.Image:
    """A flower on its stem, 1.8 × 3 units."""
    pen = Pen(1.8, 3.0, unit)
    green: Colour = (50, 120, 60)
    pen.stroke([(0.9, 1.0), (0.9, 2.95)], 0.13, green)
    pen.oval(1.25, 2.2, 0.36, 0.14, green)
    pen.oval(0.55, 2.45, 0.36, 0.14, green)
    for petal in range(7):
        angle = petal * math.tau / 7
        pen.disc(0.9 + 0.5 * math.cos(angle), 0.85 + 0.5 * math.sin(angle), 0.3, petals)
    pen.disc(0.9, 0.85, 0.3, (250, 210, 60) if petals[0] < 240 or petals[2] > 120 else (110, 70, 40))
    return pen.finished()


def house(unit: float, walls: Colour) -> Image.Image:
    """A house with a pitched roof, 4 × 3.8 units."""
    pen = Pen(4.0, 3.8, unit)
    pen.box(2.8, 0.3, 0.45, 1.0, (120, 80, 70))
    pen.shape([(0.05, 1.6), (2.0, 0.1), (3.95, 1.6)], (110, 60, 54))
    pen.box(0.4, 1.55, 3.2, 2.2, walls)
    for x in (0.75, 2.55):
        pen.box(x, 1.9, 0.7, 0.75, WHITE)
        pen.box(x + 0.07, 1.97, 0.56, 0.61, (150, 195, 225))
    pen.box(1.65, 2.6, 0.7, 1.15, darker(walls, 0.45))
    return pen.finished()


def lighthouse(unit: float) -> Image.Image:
    """A striped lighthouse on its rock, 3.4 × 5.4 units."""
    pen = Pen(3.4, 5.4, unit)
    pen.shape([(0.05, 5.4), (0.7, 4.6), (2.6, 4.5), (3.35, 5.4)], (74, 70, 78))
    pen.shape([(0.9, 4.8), (1.25, 1.4), (2.15, 1.4), (2.5, 4.8)], (236, 232, 224))
    for top in (2.0, 3.4):
        pen.shape([(1.22, top), (2.18, top), (2.28, top + 0.75), (1.12, top + 0.75)], (196, 50, 50))
    pen.box(1.2, 0.75, 1.0, 0.65, (255, 240, 160), corner=0.08)
    pen.shape([(1.05, 0.8), (1.7, 0.1), (2.35, 0.8)], (120, 34, 38))
    return pen.finished()


def bolt(unit: float) -> Image.Image:
    """A flash of lightning, 2 × 5 units."""
    pen = Pen(2.0, 5.0, unit)
    pen.stroke([(1.2, 0.0), (0.7, 1.4), (1.4, 2.0), (0.6, 3.4), (1.1, 3.8), (0.5, 5.0)], 0.16, (255, 250, 200))
    pen.stroke([(1.4, 2.0), (1.9, 3.0)], 0.09, (255, 250, 200))
    return pen.finished()
