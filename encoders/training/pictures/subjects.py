"""What can stand, swim or fly in a training scene: how each is drawn, in which colours, and where it belongs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from PIL import Image

from encoders.training.world import actors, animals, things, vehicles
from encoders.training.world.canvas import Colour

Ground = Literal["ground", "water", "air", "deep"]
Drawing = Callable[[float, Colour, Colour], Image.Image]
"""Draws a figure from pixels per unit, its colour, and a second colour for details."""

COLOURS: dict[str, tuple[Colour, ...]] = {
    "red": ((206, 40, 44), (220, 60, 60), (230, 80, 60), (180, 24, 36)),
    "orange": ((250, 140, 40), (222, 140, 64), (240, 120, 60), (236, 116, 20)),
    "yellow": ((250, 210, 60), (250, 200, 70), (250, 220, 40), (240, 216, 90)),
    "green": ((60, 150, 70), (40, 120, 60), (110, 190, 80), (30, 160, 100)),
    "blue": ((60, 110, 220), (60, 110, 200), (120, 140, 230), (30, 70, 170), (70, 160, 240)),
    "purple": ((150, 70, 170), (120, 50, 150), (170, 110, 210)),
    "pink": ((240, 90, 150), (245, 150, 190), (250, 120, 170)),
    "white": ((250, 248, 240), (232, 234, 240), (250, 240, 230)),
    "black": ((34, 34, 40), (70, 66, 72), (20, 20, 24), (52, 50, 58)),
    "grey": ((130, 134, 140), (150, 150, 156), (116, 118, 126)),
    "brown": ((130, 84, 48), (110, 70, 44), (150, 100, 60)),
}
ALL = tuple(COLOURS)
COATS = ("black", "white", "grey", "orange", "brown")
MIXED = "mixed"
"""The colour of several figures that differ from each other."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of figure.

    Attributes:
        draw: Its picture.
        size: Width and height in units, as drawn.
        ground: On what it stands, swims or flies.
        colours: Its possible colours; none where the drawing has its own.
        most: How many of them one scene holds.
        only: The places where alone it is found; anywhere that fits, if there are none.
        indoors: Whether it is also found in a kitchen or a room.
        actions: What it can be seen doing, beside its ordinary pose.
        spin: By how many degrees it may be turned either way.
    """

    draw: Drawing
    size: tuple[float, float]
    ground: Ground
    colours: tuple[str, ...] = ALL
    most: int = 4
    only: tuple[str, ...] = ()
    indoors: bool = False
    actions: tuple[str, ...] = ()
    spin: float = 4.0


def _plain(draw: Callable[[float], Image.Image]) -> Drawing:
    return lambda unit, paint, detail: draw(unit)


def _painted(draw: Callable[[float, Colour], Image.Image]) -> Drawing:
    return lambda unit, paint, detail: draw(unit, paint)


RAILS = ("mountains", "meadow", "city", "winter", "desert", "country road")
SHORES = ("beach", "sea", "mountains", "lake", "meadow", "country road", "desert")
KITCHENS = ("kitchen", "room")

KINDS: dict[str, Kind] = {
    "car": Kind(_painted(actors.car), (4.6, 2.0), "ground", actions=("upside down",)),
    "bus": Kind(_painted(vehicles.bus), (5.4, 2.6), "ground", most=3, actions=("upside down",)),
    "truck": Kind(_painted(vehicles.truck), (5.0, 2.6), "ground", most=3, actions=("upside down",)),
    "bicycle": Kind(_painted(vehicles.bicycle), (3.0, 2.1), "ground"),
    "train": Kind(lambda unit, paint, detail: actors.train(unit, 4), (16.0, 2.0), "ground", (), 1, RAILS, spin=0.0),
    "cat": Kind(_painted(actors.cat), (3.0, 3.2), "ground", COATS, indoors=True, actions=("jumping",)),
    "dog": Kind(_painted(animals.dog), (3.4, 2.5), "ground", COATS, indoors=True, actions=("jumping",)),
    "horse": Kind(_painted(animals.horse), (4.0, 3.6), "ground", COATS, 3, actions=("jumping",)),
    "child": Kind(actors.child, (1.6, 3.0), "ground", actions=("jumping",)),
    "robot": Kind(_painted(animals.robot), (2.0, 3.0), "ground", indoors=True, actions=("jumping",)),
    "snowman": Kind(_plain(animals.snowman), (2.0, 3.2), "ground", ()),
    "ball": Kind(_plain(actors.ball), (1.2, 1.2), "ground", (), indoors=True, actions=("jumping",), spin=180.0),
    "umbrella": Kind(_painted(things.umbrella), (3.0, 2.8), "ground", indoors=True, spin=15.0),
    "tent": Kind(_painted(things.tent), (3.6, 2.4), "ground", most=3),
    "flower": Kind(_painted(things.flower), (1.8, 3.0), "ground", indoors=True),
    "house": Kind(_painted(things.house), (4.0, 3.8), "ground", most=3, spin=0.0),
    "lighthouse": Kind(_plain(things.lighthouse), (3.4, 5.4), "ground", (), 1, SHORES, spin=0.0),
    "bread": Kind(_plain(actors.loaf), (2.6, 1.3), "ground", (), 3, KITCHENS, indoors=True),
    "sailboat": Kind(_painted(actors.sailboat), (3.0, 3.6), "water", spin=6.0),
    "ship": Kind(_painted(vehicles.ship), (5.0, 2.8), "water", most=3),
    "duck": Kind(_painted(animals.duck), (2.2, 1.7), "water", ("white", "yellow", "brown", "grey", "black")),
    "fish": Kind(actors.fish, (2.4, 1.4), "deep", spin=12.0),
    "balloon": Kind(actors.balloon, (2.6, 4.0), "air"),
    "bird": Kind(_painted(actors.bird), (1.2, 0.5), "air", ("black", "white", "grey"), spin=12.0),
    "butterfly": Kind(_painted(actors.butterfly), (1.6, 1.3), "air", spin=25.0),
    "plane": Kind(_painted(vehicles.plane), (5.0, 2.2), "air", most=3, actions=("rising", "descending")),
    "helicopter": Kind(_painted(vehicles.helicopter), (4.4, 2.2), "air", most=3),
    "rocket": Kind(_painted(vehicles.rocket), (1.8, 4.0), "air", most=3, spin=25.0),
    "kite": Kind(_painted(things.kite), (2.0, 3.6), "air", spin=20.0),
    "firework": Kind(_painted(actors.firework), (4.0, 4.0), "air", ALL[:7], spin=20.0),
}
