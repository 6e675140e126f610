"""Where a training scene takes place: the backdrop, where figures stand on it, what light and weather it knows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PIL import Image

from encoders.training.world import landscapes, places, scenery

Span = tuple[float, float]
"""From and to, in units of the frame from its top (9 high): where a figure's foot, or its centre in the air, may be."""

LIGHTS = ("day", "evening", "night")
WEATHERS = ("clear", "rain", "snow", "fog", "storm")


@dataclass(frozen=True, slots=True)
class Place:
    """A place.

    Attributes:
        draw: The backdrop from pixels per unit.
        ground: Where feet stand; None where nothing can stand. Likewise for `water`, `air` and `deep`.
        lights: The times of day it knows; none where it has no sky.
        weathers: The weather it knows.
        share: How much of the backdrop's height the camera shows, from and to.
        across: Where the camera may look, 0 (left) to 1 (right).
        indoors: Whether only small figures fit.
        only: The figures that alone are found here; any that fit, if there are none.
    """

    draw: Callable[[float], Image.Image]
    ground: Span | None = None
    water: Span | None = None
    air: Span | None = None
    deep: Span | None = None
    lights: tuple[str, ...] = LIGHTS
    weathers: tuple[str, ...] = WEATHERS
    share: Span = (0.82, 1.0)
    across: Span = (0.0, 1.0)
    indoors: bool = False
    only: tuple[str, ...] = ()


DRY = ("clear",)
SKY: Span = (1.2, 4.2)
ROAD: Span = (7.3, 8.6)
DEEP: Span = (1.8, 7.2)

PLACES: dict[str, Place] = {
    "city": Place(scenery.city_street, ROAD, air=SKY),
    "country road": Place(scenery.country_road, ROAD, air=SKY),
    "snowy garden": Place(scenery.snowy_garden, ROAD, air=SKY, weathers=("clear", "snow", "fog")),
    "room": Place(scenery.window_room, (6.1, 6.7), lights=(), weathers=DRY, indoors=True, share=(0.82, 1.0)),
    "sea": Place(places.open_sea, (7.0, 8.6), (6.0, 8.3), SKY),
    "valley": Place(scenery.morning_hills, ROAD, air=(1.4, 6.0)),
    "kitchen": Place(scenery.kitchen, (5.9, 6.4), lights=(), weathers=DRY, indoors=True, share=(0.86, 1.0)),
    "oven": Place(
        scenery.kitchen,
        (6.4, 8.4),
        lights=(),
        weathers=DRY,
        share=(0.58, 0.72),
        across=(0.0, 0.12),
        indoors=True,
        only=("cat", "robot"),
    ),
    "beach": Place(scenery.beach, (7.2, 8.7), (5.2, 6.2), SKY),
    "mountains": Place(scenery.mountains, (7.5, 8.5), air=SKY),
    "aquarium": Place(scenery.aquarium, deep=DEEP, lights=(), weathers=DRY, share=(0.66, 1.0)),
    "lake": Place(scenery.lake, None, (5.8, 8.4), SKY),
    "garden": Place(landscapes.garden, (7.0, 8.6), air=(1.4, 6.5), share=(0.58, 1.0)),
    "spring": Place(lambda unit: landscapes.forest(unit, landscapes.SPRING), (7.2, 8.6), air=SKY),
    "summer": Place(lambda unit: landscapes.forest(unit, landscapes.SUMMER), (7.2, 8.6), air=(1.2, 6.2)),
    "autumn": Place(lambda unit: landscapes.forest(unit, landscapes.AUTUMN), (7.2, 8.6), air=SKY),
    "winter": Place(
        lambda unit: landscapes.forest(unit, landscapes.WINTER),
        (7.2, 8.6),
        air=SKY,
        weathers=("clear", "snow", "fog"),
    ),
    "square": Place(
        landscapes.festive_square, (7.6, 8.7), air=SKY, lights=("night",), weathers=("clear", "rain", "snow")
    ),
    "space": Place(
        landscapes.outer_space, air=(2.0, 7.0), lights=(), weathers=DRY, share=(0.66, 1.0), only=("rocket", "robot")
    ),
    "desert": Place(places.desert, ROAD, air=SKY, weathers=("clear", "rain", "fog", "storm")),
    "meadow": Place(places.meadow, ROAD, air=SKY),
    "pitch": Place(places.pitch, (6.2, 8.6), air=(1.2, 3.2)),
    "sky": Place(
        places.open_sky, air=(1.6, 7.4), lights=("day", "evening"), weathers=("clear", "rain", "fog", "storm")
    ),
}
