"""Animals and other company: figures that face right, drawn with the canvas's pen."""

from PIL import Image

from encoders.training.world.actors import INK, WHITE
from encoders.training.world.canvas import Colour, Pen


def darker(colour: Colour, part: float = 0.75) -> Colour:
    """The same colour with less light."""
    red, green, blue = (round(value * part) for value in colour[:3])
    return red, green, blue


def dog(unit: float, fur: Colour) -> Image.Image:
    """A standing dog with hanging ears, 3.4 × 2.5 units."""
    pen = Pen(3.4, 2.5, unit)
    pen.stroke([(0.7, 1.2), (0.25, 0.6)], 0.2, fur)
    for x in (0.85, 1.15, 2.1, 2.4):
        pen.stroke([(x, 1.5), (x, 2.4)], 0.22, darker(fur, 0.85))
    pen.box(0.6, 1.0, 2.0, 0.75, fur, corner=0.35)
    pen.disc(2.55, 0.75, 0.48, fur)
    pen.box(2.6, 0.7, 0.7, 0.38, fur, corner=0.18)
    pen.disc(3.22, 0.8, 0.1, INK)
    pen.oval(2.3, 0.75, 0.17, 0.42, darker(fur, 0.6))
    pen.disc(2.65, 0.62, 0.07, INK)
    return pen.finished()


def horse(unit: float, coat: Colour) -> Image.Image:
    """A standing horse, 4 × 3.6 units."""
    pen = Pen(4.0, 3.6, unit)
    mane = darker(coat, 0.5)
    pen.stroke([(0.75, 1.6), (0.35, 2.0), (0.3, 2.8)], 0.22, mane)
    for x in (0.9, 1.25, 2.35, 2.7):
        pen.stroke([(x, 2.1), (x, 3.5)], 0.22, darker(coat, 0.85))
    pen.oval(1.8, 1.85, 1.2, 0.55, coat)
    pen.shape([(2.3, 1.7), (2.85, 0.5), (3.35, 0.6), (2.95, 1.9)], coat)
    pen.shape([(2.85, 0.35), (3.2, 0.3), (3.9, 1.0), (3.7, 1.25), (2.95, 0.9)], coat)
    pen.stroke([(2.25, 1.5), (2.75, 0.45)], 0.22, mane)
    pen.shape([(2.85, 0.45), (2.95, 0.05), (3.1, 0.4)], coat)
    pen.disc(3.25, 0.65, 0.06, INK)
    return pen.finished()


def duck(unit: float, feathers: Colour) -> Image.Image:
    """A swimming duck, 2.2 × 1.7 units."""
    pen = Pen(2.2, 1.7, unit)
    pen.shape([(0.05, 0.75), (0.6, 0.9), (0.5, 1.3)], feathers)
    pen.oval(1.05, 1.2, 0.85, 0.45, feathers)
    pen.disc(1.6, 0.55, 0.4, feathers)
    pen.shape([(1.9, 0.5), (2.18, 0.62), (1.9, 0.72)], (240, 150, 40))
    pen.oval(0.95, 1.15, 0.42, 0.22, darker(feathers))
    pen.disc(1.7, 0.48, 0.07, INK)
    return pen.finished()


def snowman(unit: float) -> Image.Image:
    """A snowman with a carrot for a nose, 2 × 3.2 units."""
    pen = Pen(2.0, 3.2, unit)
    for y, radius in ((2.4, 0.78), (1.35, 0.55), (0.68, 0.4)):
        pen.disc(1.0, y, radius + 0.03, (190, 205, 220))
        pen.disc(1.0, y, radius, WHITE)
    pen.box(0.65, 0.02, 0.7, 0.32, INK)
    for x in (0.86, 1.14):
        pen.disc(x, 0.6, 0.06, INK)
    pen.shape([(1.0, 0.68), (1.0, 0.82), (1.5, 0.78)], (240, 130, 40))
    for x in (0.1, 1.9):
        pen.stroke([(1.0 + (x - 1.0) * 0.5, 1.3), (x, 0.9)], 0.08, (110, 80, 50))
    return pen.finished()


def robot(unit: float, paint: Colour) -> Image.Image:
    """A square robot, 2 × 3 units."""
    pen = Pen(2.0, 3.0, unit)
    pen.stroke([(1.0, 0.4), (1.0, 0.12)], 0.08, INK)
    pen.disc(1.0, 0.12, 0.1, (250, 80, 70))
    pen.box(0.5, 0.35, 1.0, 0.75, paint, corner=0.12)
    for x in (0.8, 1.2):
        pen.disc(x, 0.68, 0.14, (250, 250, 160))
    pen.box(0.4, 1.18, 1.2, 1.1, paint, corner=0.1)
    pen.box(0.65, 1.4, 0.7, 0.45, darker(paint, 0.6), corner=0.05)
    for x in (0.18, 1.82):
        pen.stroke([(x, 1.3), (x, 2.0)], 0.22, darker(paint))
    for x in (0.75, 1.25):
        pen.stroke([(x, 2.3), (x, 2.9)], 0.26, darker(paint))
    return pen.finished()
