"""Backdrops of open places: desert, sea, meadow, football pitch, sky."""

from PIL import Image

from encoders.training.world.canvas import Colour
from encoders.training.world.scenery import WIDE, backdrop_pen


def desert(unit: float) -> Image.Image:
    """Dunes and cactuses below a hot sky."""
    pen = backdrop_pen(unit)
    pen.sky((90, 160, 226), (250, 226, 180), until=9.0)
    pen.disc(4.0, 1.8, 0.9, (255, 240, 170))
    pen.hills(7.0, 0.7, 0.4, 0.5, (224, 178, 110))
    pen.hills(8.6, 0.5, 0.6, 2.4, (236, 196, 130))
    for x, height in ((2.2, 2.2), (9.6, 1.6), (14.8, 2.6), (18.6, 1.8)):
        green: Colour = (70, 130, 80)
        pen.stroke([(x, 8.4), (x, 8.4 - height)], 0.4, green)
        pen.stroke([(x, 7.6), (x + 0.7, 7.5), (x + 0.7, 8.1 - height * 0.6)], 0.28, green)
        pen.stroke([(x, 7.9), (x - 0.6, 7.8), (x - 0.6, 8.4 - height * 0.6)], 0.28, green)
    return pen.finished()


def open_sea(unit: float) -> Image.Image:
    """Waves to the horizon, by day."""
    pen = backdrop_pen(unit)
    pen.sky((110, 180, 236), (220, 238, 248), until=5.2)
    for x, y in ((3.0, 1.6), (10.0, 2.4), (16.5, 1.3)):
        for step in range(3):
            pen.disc(x + 0.7 * step, y + 0.15 * (step % 2), 0.55, (250, 252, 255))
    pen.box(0, 5.2, WIDE, 6.2, (28, 96, 156))
    for row in range(6):
        for wave in range(8):
            x, y = wave * 2.6 + row * 0.8 % 2.6, 5.9 + row * 0.85
            pen.stroke([(x, y), (x + 0.4, y - 0.14), (x + 0.8, y), (x + 1.2, y - 0.14)], 0.08, (130, 180, 216))
    return pen.finished()


def meadow(unit: float) -> Image.Image:
    """A wide field of yellow corn below a summer sky."""
    pen = backdrop_pen(unit)
    pen.sky((104, 176, 238), (226, 240, 248), until=7.0)
    pen.hills(6.0, 0.3, 0.4, 1.4, (120, 160, 90))
    pen.box(0, 6.4, WIDE, 5.0, (224, 190, 90))
    for row in range(5):
        for ear in range(40):
            x, y = ear * 0.52 + 0.2 * (row % 2), 6.9 + row * 0.95
            pen.stroke([(x, y), (x + 0.08, y - 0.6)], 0.07, (190, 150, 56))
            pen.oval(x + 0.1, y - 0.7, 0.09, 0.2, (240, 212, 120))
    return pen.finished()


def pitch(unit: float) -> Image.Image:
    """A football pitch with stands and a goal."""
    pen = backdrop_pen(unit)
    pen.sky((140, 190, 230), (210, 228, 240), until=3.0)
    pen.box(0, 2.4, WIDE, 2.8, (110, 112, 124))
    crowd: tuple[Colour, ...] = ((210, 80, 70), (240, 220, 120), (90, 130, 200), (240, 240, 240), (80, 160, 110))
    for row in range(4):
        for seat in range(44):
            pen.disc(0.25 + 0.46 * seat + 0.2 * (row % 2), 2.8 + 0.6 * row, 0.17, crowd[(seat * 7 + row * 3) % 5])
    for band in range(7):
        pen.box(0, 5.2 + band, WIDE, 1.0, (70, 150, 70) if band % 2 else (84, 168, 80))
    pen.box(0, 5.6, WIDE, 0.1, (240, 245, 240))
    pen.oval(10.0, 9.0, 3.4, 1.5, (240, 245, 240))
    pen.oval(10.0, 9.0, 3.28, 1.4, (78, 160, 76))
    pen.stroke([(15.2, 5.7), (15.2, 3.7), (18.8, 3.7), (18.8, 5.7)], 0.16, (250, 250, 250))
    return pen.finished()


def open_sky(unit: float) -> Image.Image:
    """Nothing but sky and clouds."""
    pen = backdrop_pen(unit)
    pen.sky((66, 140, 224), (190, 222, 246))
    for x, y, size in ((2.6, 2.2, 1.0), (8.5, 6.8, 1.3), (14.0, 2.8, 1.1), (17.8, 8.4, 0.9), (4.2, 9.6, 1.2)):
        for step, lift in enumerate((0.2, -0.3, -0.2, 0.2)):
            pen.disc(x + (step - 1.5) * 0.9 * size, y + lift * size, 0.75 * size, (248, 250, 255))
    return pen.finished()
