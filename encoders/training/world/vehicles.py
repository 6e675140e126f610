"""Things that drive, fly and sail: figures that face right, drawn with the canvas's pen."""

from PIL import Image

from encoders.training.world.actors import GLASS, INK, WHITE
from encoders.training.world.canvas import Colour, Pen

LAMP: Colour = (255, 240, 170)
STEEL: Colour = (180, 184, 190)


def wheel(pen: Pen, x: float, y: float, radius: float) -> None:
    """Draws a wheel."""
    pen.disc(x, y, radius, INK)
    pen.disc(x, y, radius * 0.5, STEEL)


def bus(unit: float, paint: Colour) -> Image.Image:
    """A long bus with many windows, 5.4 × 2.6 units."""
    pen = Pen(5.4, 2.6, unit)
    pen.box(0.1, 0.1, 5.2, 2.05, paint, corner=0.3)
    for window in range(5):
        pen.box(0.4 + 0.85 * window, 0.4, 0.65, 0.7, GLASS, corner=0.08)
    pen.box(4.65, 0.4, 0.5, 1.5, GLASS, corner=0.08)
    pen.disc(5.15, 1.75, 0.13, LAMP)
    for x in (1.2, 4.1):
        wheel(pen, x, 2.15, 0.42)
    return pen.finished()


def truck(unit: float, paint: Colour) -> Image.Image:
    """A lorry with a pale box, 5 × 2.6 units."""
    pen = Pen(5.0, 2.6, unit)
    pen.box(0.1, 0.1, 3.2, 1.9, (214, 208, 196), corner=0.06)
    pen.box(0.1, 1.0, 3.2, 0.22, paint)
    pen.box(3.4, 0.6, 1.5, 1.5, paint, corner=0.25)
    pen.box(4.05, 0.8, 0.65, 0.55, GLASS, corner=0.08)
    pen.box(0.3, 1.95, 4.4, 0.2, INK)
    for x in (0.9, 1.9, 4.1):
        wheel(pen, x, 2.15, 0.4)
    return pen.finished()


def bicycle(unit: float, paint: Colour) -> Image.Image:
    """A bicycle, 3 × 2.1 units."""
    pen = Pen(3.0, 2.1, unit)
    for x in (0.65, 2.35):
        pen.disc(x, 1.4, 0.62, INK)
        pen.disc(x, 1.4, 0.48, (0, 0, 0, 0))
        pen.disc(x, 1.4, 0.08, STEEL)
    frame = [(0.65, 1.4), (1.4, 1.4), (2.1, 0.6), (1.05, 0.6), (0.65, 1.4)]
    pen.stroke(frame, 0.16, paint)
    pen.stroke([(1.4, 1.4), (0.95, 0.35)], 0.16, paint)
    pen.stroke([(2.35, 1.4), (2.0, 0.25), (2.4, 0.2)], 0.14, paint)
    pen.box(0.65, 0.22, 0.6, 0.16, INK, corner=0.08)
    return pen.finished()


def plane(unit: float, paint: Colour) -> Image.Image:
    """An aeroplane, 5 × 2.2 units."""
    pen = Pen(5.0, 2.2, unit)
    pen.shape([(0.15, 0.1), (0.75, 0.1), (1.4, 1.0), (0.5, 1.1)], paint)
    pen.oval(2.6, 1.15, 2.3, 0.45, WHITE)
    pen.box(0.6, 1.12, 4.1, 0.2, paint)
    pen.shape([(2.2, 1.25), (3.2, 1.25), (1.9, 2.15), (1.4, 2.15)], paint)
    for window in range(6):
        pen.disc(1.7 + 0.4 * window, 0.98, 0.09, (90, 120, 150))
    pen.shape([(4.35, 0.85), (4.75, 1.05), (4.3, 1.08)], GLASS)
    return pen.finished()


def helicopter(unit: float, paint: Colour) -> Image.Image:
    """A helicopter, 4.4 × 2.2 units."""
    pen = Pen(4.4, 2.2, unit)
    pen.stroke([(0.9, 0.12), (4.3, 0.12)], 0.1, INK)
    pen.stroke([(2.8, 0.1), (2.8, 0.6)], 0.12, INK)
    pen.stroke([(2.2, 1.0), (0.35, 0.85)], 0.22, paint)
    pen.shape([(0.1, 0.4), (0.4, 0.4), (0.6, 1.0), (0.2, 1.0)], paint)
    pen.oval(2.9, 1.15, 1.1, 0.65, paint)
    pen.pie(3.2, 1.15, 0.62, 270, 360, GLASS)
    pen.stroke([(2.0, 2.05), (3.9, 2.05)], 0.1, INK)
    for x in (2.5, 3.3):
        pen.stroke([(x, 1.7), (x, 2.05)], 0.08, INK)
    return pen.finished()


def rocket(unit: float, paint: Colour) -> Image.Image:
    """A rocket that flies up on its flame, 1.8 × 4 units."""
    pen = Pen(1.8, 4.0, unit)
    pen.shape([(0.6, 2.9), (0.9, 3.95), (1.2, 2.9)], (255, 170, 50))
    pen.shape([(0.75, 2.9), (0.9, 3.5), (1.05, 2.9)], (255, 240, 150))
    for tip, root in ((0.05, 0.5), (1.75, 1.3)):
        pen.shape([(root, 1.8), (tip, 2.9), (root, 2.7)], paint)
    pen.box(0.45, 1.0, 0.9, 1.95, WHITE, corner=0.15)
    pen.shape([(0.45, 1.1), (0.9, 0.05), (1.35, 1.1)], paint)
    pen.disc(0.9, 1.6, 0.27, paint)
    pen.disc(0.9, 1.6, 0.18, GLASS)
    return pen.finished()


def ship(unit: float, paint: Colour) -> Image.Image:
    """A steamer with two funnels, 5 × 2.8 units."""
    pen = Pen(5.0, 2.8, unit)
    for x in (1.7, 2.7):
        pen.box(x, 0.1, 0.5, 1.2, paint)
        pen.box(x, 0.1, 0.5, 0.25, INK)
    pen.box(1.0, 1.0, 2.9, 0.8, WHITE, corner=0.08)
    for window in range(5):
        pen.disc(1.35 + 0.52 * window, 1.4, 0.13, (70, 100, 140))
    pen.shape([(0.1, 1.7), (4.9, 1.7), (4.2, 2.7), (0.7, 2.7)], paint)
    return pen.finished()
