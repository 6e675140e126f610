"""The figures of the demo's scenes, drawn with the canvas's pen."""

import math

from PIL import Image

from encoders.training.world.canvas import Colour, Pen

WHITE: Colour = (250, 250, 245)
INK: Colour = (35, 38, 48)
GLASS: Colour = (190, 220, 235)


def car(unit: float, paint: Colour) -> Image.Image:
    """A small car that faces right, 4.6 × 2 units."""
    pen = Pen(4.6, 2.0, unit)
    pen.shape([(0.9, 0.95), (1.4, 0.2), (3.0, 0.2), (3.7, 0.95)], paint)
    pen.shape([(1.2, 0.9), (1.55, 0.35), (2.15, 0.35), (2.15, 0.9)], GLASS)
    pen.shape([(2.3, 0.9), (2.3, 0.35), (2.9, 0.35), (3.35, 0.9)], GLASS)
    pen.box(0.15, 0.85, 4.3, 0.75, paint, corner=0.3)
    pen.disc(4.3, 1.1, 0.14, (255, 240, 170))
    pen.box(0.12, 1.0, 0.16, 0.26, (120, 20, 20))
    for x in (1.1, 3.5):
        pen.disc(x, 1.55, 0.42, INK)
        pen.disc(x, 1.55, 0.2, (180, 184, 190))
    return pen.finished()


def cat(unit: float, fur: Colour) -> Image.Image:
    """A sitting cat, 3 × 3.2 units."""
    pen = Pen(3.0, 3.2, unit)
    pen.stroke([(2.2, 2.8), (2.75, 2.5), (2.8, 1.9), (2.55, 1.5)], 0.24, fur)
    pen.oval(1.5, 2.2, 0.85, 1.0, fur)
    pen.disc(1.3, 1.0, 0.72, fur)
    pen.shape([(0.65, 0.8), (0.75, 0.02), (1.2, 0.4)], fur)
    pen.shape([(1.4, 0.4), (1.85, 0.02), (1.95, 0.8)], fur)
    for x in (1.05, 1.58):
        pen.oval(x, 0.95, 0.14, 0.18, (235, 220, 90))
        pen.oval(x, 0.95, 0.05, 0.16, INK)
    pen.shape([(1.22, 1.18), (1.4, 1.18), (1.31, 1.3)], (230, 140, 150))
    for y in (1.2, 1.32):
        pen.stroke([(0.35, y), (0.95, 1.25)], 0.03, WHITE)
        pen.stroke([(1.7, 1.25), (2.3, y)], 0.03, WHITE)
    for x in (1.15, 1.85):
        pen.oval(x, 3.0, 0.32, 0.18, fur)
    return pen.finished()


def balloon(unit: float, silk: Colour, stripe: Colour) -> Image.Image:
    """A hot-air balloon with its basket, 2.6 × 4 units."""
    pen = Pen(2.6, 4.0, unit)
    for x in (1.0, 1.6):
        pen.stroke([(1.3 + (x - 1.3) * 2, 2.3), (x, 3.4)], 0.04, (110, 90, 70))
    pen.oval(1.3, 1.35, 1.25, 1.35, silk)
    pen.shape([(0.4, 2.2), (2.2, 2.2), (1.55, 2.85), (1.05, 2.85)], silk)
    pen.oval(1.3, 1.35, 0.62, 1.35, stripe)
    pen.oval(1.3, 1.35, 0.2, 1.35, silk)
    pen.box(0.95, 3.3, 0.7, 0.55, (150, 105, 60), corner=0.1)
    return pen.finished()


def ball(unit: float) -> Image.Image:
    """A football, 1.2 × 1.2 units."""
    pen = Pen(1.2, 1.2, unit)
    pen.disc(0.6, 0.6, 0.56, WHITE)
    pen.disc(0.6, 0.6, 0.18, INK)
    for x, y in ((0.6, 0.12), (1.05, 0.45), (0.88, 1.0), (0.32, 1.0), (0.15, 0.45)):
        pen.disc(x, y, 0.12, INK)
    return pen.finished()


def child(unit: float, shirt: Colour, hair: Colour) -> Image.Image:
    """A child with raised arms, 1.6 × 3 units."""
    pen = Pen(1.6, 3.0, unit)
    skin: Colour = (240, 200, 165)
    pen.stroke([(0.6, 1.9), (0.45, 2.9)], 0.22, (60, 80, 140))
    pen.stroke([(1.0, 1.9), (1.2, 2.85)], 0.22, (60, 80, 140))
    pen.stroke([(0.55, 1.25), (0.15, 0.8)], 0.16, skin)
    pen.stroke([(1.05, 1.25), (1.48, 0.75)], 0.16, skin)
    pen.box(0.45, 1.05, 0.7, 1.0, shirt, corner=0.2)
    pen.disc(0.8, 0.62, 0.4, skin)
    pen.pie(0.8, 0.58, 0.44, 180, 360, hair)
    for x in (0.66, 0.94):
        pen.disc(x, 0.66, 0.045, INK)
    return pen.finished()


def train(unit: float, wagons: int) -> Image.Image:
    """An engine that faces right and its wagons, 3.2 units each and 2 high."""
    pen = Pen(3.2 * (wagons + 1), 2.0, unit)
    for number in range(wagons):
        left = 3.2 * number
        pen.box(left + 0.1, 0.45, 3.0, 1.1, (170, 60, 50) if number % 2 else (60, 110, 90), corner=0.12)
        for window in range(4):
            pen.box(left + 0.35 + 0.68 * window, 0.65, 0.45, 0.4, (255, 235, 170), corner=0.06)
    left = 3.2 * wagons
    pen.box(left + 0.1, 0.25, 1.1, 1.3, INK, corner=0.08)
    pen.box(left + 0.3, 0.4, 0.6, 0.45, GLASS)
    pen.box(left + 1.1, 0.7, 1.9, 0.85, INK, corner=0.3)
    pen.box(left + 2.3, 0.2, 0.35, 0.6, INK)
    pen.disc(left + 2.98, 1.1, 0.14, (255, 240, 170))
    for wheel in range(4 * (wagons + 1)):
        pen.disc(0.5 + 0.8 * wheel - 0.08 * (wheel % 2), 1.65, 0.26, (70, 72, 80))
        pen.disc(0.5 + 0.8 * wheel - 0.08 * (wheel % 2), 1.65, 0.1, (170, 170, 175))
    return pen.finished()


def fish(unit: float, scales: Colour, stripe: Colour, *, left: bool = False) -> Image.Image:
    """A tropical fish that faces right, or left, 2.4 × 1.4 units."""
    pen = Pen(2.4, 1.4, unit)
    pen.shape([(0.75, 0.7), (0.05, 0.15), (0.2, 0.7), (0.05, 1.25)], stripe)
    pen.shape([(1.0, 0.3), (1.4, 0.02), (1.7, 0.35)], stripe)
    pen.oval(1.4, 0.7, 0.9, 0.5, scales)
    pen.shape([(1.15, 0.22), (1.4, 0.2), (1.3, 1.2), (1.05, 1.15)], stripe)
    pen.disc(1.95, 0.58, 0.13, WHITE)
    pen.disc(1.98, 0.58, 0.06, INK)
    image = pen.finished()
    return image.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if left else image


def sailboat(unit: float, sail: Colour) -> Image.Image:
    """A sailing boat, 3 × 3.6 units."""
    pen = Pen(3.0, 3.6, unit)
    pen.stroke([(1.45, 0.1), (1.45, 3.0)], 0.08, (120, 90, 60))
    pen.shape([(1.55, 0.15), (1.55, 2.65), (2.75, 2.65)], sail)
    pen.shape([(1.35, 0.5), (1.35, 2.65), (0.45, 2.65)], WHITE)
    pen.shape([(0.15, 2.85), (2.9, 2.85), (2.4, 3.5), (0.6, 3.5)], (150, 80, 50))
    return pen.finished()


def cloud(unit: float) -> Image.Image:
    """A cloud, 4 × 1.6 units."""
    pen = Pen(4.0, 1.6, unit)
    white: Colour = (255, 255, 255, 225)
    for x, y, radius in ((0.8, 1.0, 0.55), (1.6, 0.75, 0.7), (2.5, 0.8, 0.65), (3.2, 1.05, 0.5)):
        pen.disc(x, y, radius, white)
    pen.box(0.5, 1.0, 3.0, 0.55, white, corner=0.27)
    return pen.finished()


def bird(unit: float, feathers: Colour = INK) -> Image.Image:
    """A bird far away, 1.2 × 0.5 units."""
    pen = Pen(1.2, 0.5, unit)
    pen.stroke([(0.05, 0.1), (0.35, 0.12), (0.6, 0.42), (0.85, 0.12), (1.15, 0.1)], 0.09, feathers)
    return pen.finished()


def butterfly(unit: float, wings: Colour) -> Image.Image:
    """A butterfly, 1.6 × 1.3 units."""
    pen = Pen(1.6, 1.3, unit)
    for side in (-1, 1):
        pen.oval(0.8 + side * 0.42, 0.45, 0.36, 0.4, wings)
        pen.oval(0.8 + side * 0.34, 0.95, 0.26, 0.28, wings)
        pen.disc(0.8 + side * 0.45, 0.42, 0.13, WHITE)
    pen.oval(0.8, 0.65, 0.08, 0.5, INK)
    return pen.finished()


def steam(unit: float) -> Image.Image:
    """A puff of steam, 1.6 × 2 units."""
    pen = Pen(1.6, 2.0, unit)
    for x, y, radius in ((0.8, 1.6, 0.3), (0.6, 1.1, 0.38), (1.0, 0.6, 0.42)):
        pen.disc(x, y, radius, (255, 255, 255, 90))
    return pen.finished()


def loaf(unit: float) -> Image.Image:
    """A loaf of bread, 2.6 × 1.3 units."""
    pen = Pen(2.6, 1.3, unit)
    pen.box(0.1, 0.25, 2.4, 1.0, (200, 140, 70), corner=0.5)
    pen.box(0.25, 0.2, 2.1, 0.6, (225, 170, 95), corner=0.3)
    for x in (0.7, 1.3, 1.9):
        pen.stroke([(x - 0.15, 0.3), (x + 0.12, 0.75)], 0.09, (170, 110, 50))
    return pen.finished()


def beam(unit: float) -> Image.Image:
    """A beam of light from its centre to both sides, 24 × 3 units."""
    pen = Pen(24.0, 3.0, unit)
    for spread, strength in ((1.3, 40), (0.8, 50), (0.4, 60)):
        light: Colour = (255, 245, 190, strength)
        pen.shape([(12.0, 1.5), (24.0, 1.5 - spread), (24.0, 1.5 + spread)], light)
        pen.shape([(12.0, 1.5), (0.0, 1.5 - spread), (0.0, 1.5 + spread)], light)
    return pen.finished()


def firework(unit: float, fire: Colour) -> Image.Image:
    """A burst of fireworks, 4 × 4 units."""
    pen = Pen(4.0, 4.0, unit)
    for ray in range(18):
        angle = ray * math.tau / 18
        x, y = math.cos(angle), math.sin(angle)
        pen.stroke([(2 + 0.5 * x, 2 + 0.5 * y), (2 + 1.7 * x, 2 + 1.7 * y)], 0.08, fire)
        pen.disc(2 + 1.85 * x, 2 + 1.85 * y, 0.11, WHITE)
    return pen.finished()
