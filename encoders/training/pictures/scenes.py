"""Draws a training scene from its facts: every time another one, with the same figures as the demo's films.

Frames have the proportions of films and are squashed to the model's square afterwards, as the media path does.
"""

from __future__ import annotations

import math
from functools import lru_cache
from random import Random

from PIL import Image, ImageDraw

from encoders.training.pictures.backdrops import PLACES, Place
from encoders.training.pictures.facts import Facts, Subject
from encoders.training.pictures.lettering import lettered
from encoders.training.pictures.subjects import ALL, COLOURS, KINDS, MIXED, Kind
from encoders.training.world import actors, scenery, things
from encoders.training.world.canvas import Camera, Colour, Point, Scene, Size, Sprite, Weather, still

WIDE = Size(224, 126)
UPRIGHT = Size(112, 200)
_SHADES = 6
_SIZES_PER_OCTAVE = 4
_NIGHT, _STORM, _EVENING = (0.36, 0.40, 0.62), (0.55, 0.58, 0.64), (1.0, 0.78, 0.62)
_MOON: Colour = (245, 240, 214)


def draw(facts: Facts, random: Random) -> Image.Image:
    """Draws one frame that shows the facts: RGB, `WIDE` or, now and then, `UPRIGHT`."""
    size = UPRIGHT if _fits_upright(facts) and random.random() < 0.25 else WIDE
    is_tower = size is WIDE and _may_be_tower(facts) and random.random() < 0.6
    scene = _tower(size, random) if is_tower else _scene(facts, size, random)
    frame = scene.still(size, random.uniform(0.0, 60.0), random.random())
    if facts.weather == "fog":
        frame = Image.blend(frame, Image.new("RGB", frame.size, (198, 204, 210)), random.uniform(0.35, 0.6))
    if facts.text is not None:
        lettered(frame, facts.text, size.unit, random)
    return frame


def _may_be_tower(facts: Facts) -> bool:
    """Whether the backdrop with a lighthouse of its own shows these facts."""
    is_alone = facts.companion is None and facts.distance is None and facts.weather in ("clear", "fog")
    seen = facts.subject is not None and facts.subject.kind == "lighthouse"
    return seen and is_alone and (facts.place, facts.light) == ("sea", "night")


def _tower(size: Size, random: Random) -> Scene:
    share, across = random.uniform(0.9, 1.0), random.uniform(0.0, 0.15)
    light = _beam((random.uniform(3.8, 5.0), random.uniform(1.5, 2.0)), size, random)
    unit = round(size.unit, 1)
    return Scene(scenery.night_sea(unit), (light,), camera=Camera((share, share), (across, across)))


def _scene(facts: Facts, size: Size, random: Random) -> Scene:
    place = PLACES[facts.place]
    return Scene(
        _backdrop(facts.place, _lighting(facts, random), round(size.unit, 1), random.random() < 0.5),
        tuple(_decoration(facts, size, random) + _figures(facts, place, size, random)),
        _weather(facts, random),
        _camera(place, random),
    )


def _fits_upright(facts: Facts) -> bool:
    if facts.companion is not None or facts.text is not None:
        return False
    return facts.subject is None or (facts.subject.count <= 2 and KINDS[facts.subject.kind].size[0] <= 4)


def _lighting(facts: Facts, random: Random) -> str:
    if facts.weather == "storm" and facts.light != "night":
        return "storm"
    return facts.light or "day"


@lru_cache(maxsize=512)
def _backdrop(name: str, light: str, unit: float, flipped: bool) -> Image.Image:
    image = _lit(name, light, unit).convert("RGB")
    return image.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if flipped else image


def _lit(name: str, light: str, unit: float) -> Image.Image:
    match name, light:
        case "sea", "night":
            return scenery.night_sea(unit, tower=False)
        case "lake", "evening":
            return scenery.lake(unit, evening=True)
        case "square", _:
            return PLACES[name].draw(unit)
    image = PLACES[name].draw(unit).convert("RGB")
    if light == "day":
        return image
    image = _tinted(image, {"night": _NIGHT, "storm": _STORM, "evening": _EVENING}[light])
    if light == "night":
        sky = ImageDraw.Draw(image)
        _dot(sky, 15.6 * unit, 1.8 * unit, 0.8 * unit, _MOON)
        for star in range(50):
            _dot(sky, star * 7.31 % 20 * unit, star * 1.37 % 3.6 * unit, 0.05 * unit, (240, 240, 255))
    if light == "evening":
        glow = Image.new("RGB", image.size, (255, 120, 60))
        fade = Image.linear_gradient("L").resize(image.size).point(lambda level: round(60 - level * 0.2))
        image.paste(glow, mask=fade)
    return image


def _dot(sky: ImageDraw.ImageDraw, x: float, y: float, radius: float, colour: Colour) -> None:
    sky.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)


def _tinted(image: Image.Image, gains: tuple[float, float, float]) -> Image.Image:
    return image.point([min(255, round(level * gain)) for gain in gains for level in range(256)])


def _camera(place: Place, random: Random) -> Camera:
    share, across = random.uniform(*place.share), random.uniform(*place.across)
    return Camera((share, share), (across, across))


def _weather(facts: Facts, random: Random) -> Weather | None:
    if facts.place == "aquarium":
        return Weather("bubbles", random.randint(20, 60))
    match facts.weather:
        case "rain":
            return Weather("rain", random.randint(60, 230))
        case "storm":
            return Weather("rain", random.randint(120, 230))
        case "snow":
            return Weather("snow", random.randint(90, 200))
    fires = facts.subject is not None and facts.subject.kind == "firework"
    if (fires or facts.place == "space") and random.random() < 0.5:
        return Weather("sparks", random.randint(10, 60))
    return None


def _decoration(facts: Facts, size: Size, random: Random) -> list[Sprite]:
    """What is there without being told: clouds, steam, a flash of lightning."""
    across = size.width / size.unit
    if facts.weather == "storm":
        flash = _thing("bolt", size.unit, random.uniform(0.7, 1.1))
        return [Sprite(flash, still(random.uniform(0.1, 0.9) * across, random.uniform(1.6, 2.6)))]
    if facts.place in ("kitchen", "oven") and random.random() < 0.8:
        puff = _thing("steam", size.unit, random.choice((1.0, 1.2, 1.4)))
        return [Sprite(puff, still(random.uniform(0.1, 0.6) * across, random.uniform(0.8, 2.6)))]
    if facts.light == "day" and facts.place not in ("city", "square") and random.random() < 0.2:
        cloud = _thing("cloud", size.unit, random.choice((0.6, 0.8, 1.0)))
        return [Sprite(cloud, still(random.random() * across, random.uniform(0.6, 3.0))) for _ in range(2)]
    return []


@lru_cache(maxsize=256)
def _thing(name: str, unit: float, scale: float) -> Image.Image:
    drawing = {"bolt": things.bolt, "steam": actors.steam, "cloud": actors.cloud}[name]
    return drawing(round(unit * scale, 1))


def _figures(facts: Facts, place: Place, size: Size, random: Random) -> list[Sprite]:
    subjects = [subject for subject in facts.subjects for _ in range(subject.count)]
    if not subjects:
        return []
    across = size.width / size.unit
    slots = list(range(len(subjects)))
    if facts.companion is not None and random.random() < 0.5:
        slots.reverse()
    sizes = {subject: _scale(subject, facts, place, across / len(subjects), random) for subject in facts.subjects}
    colours = {subject: _palette(subject, random) for subject in facts.subjects}
    flips = {subject: random.random() < 0.4 for subject in facts.subjects}
    sprites = []
    for number, subject in enumerate(subjects):
        width = across / len(subjects)
        x = (slots[number] + 0.5) * width + random.uniform(-0.25, 0.25) * width
        if KINDS[subject.kind].most == 1:
            x = random.uniform(0.15, 0.85) * across
        colour = colours[subject][number % len(colours[subject])]
        sprites.append(_figure(subject, colour, sizes[subject], x, place, flips[subject], size.unit, random))
    if facts.light == "night" and subjects[0].kind == "lighthouse":
        sprites.insert(0, _beam(sprites[0].path(0.0), size, random))
    return sprites


def _beam(place: Point, size: Size, random: Random) -> Sprite:
    """The light of a lighthouse, in any direction."""
    direction = random.uniform(-180.0, 180.0)
    return Sprite(actors.beam(size.unit), still(*place), lambda _: direction)


def _palette(subject: Subject, random: Random) -> list[str | None]:
    if subject.colour != MIXED:
        return [subject.colour]
    colours: list[str | None] = list(KINDS[subject.kind].colours)
    random.shuffle(colours)
    return colours


def _scale(subject: Subject, facts: Facts, place: Place, room: float, random: Random) -> float:
    width, height = KINDS[subject.kind].size
    small = 1.6 if max(width, height) < 1.5 else 1.0
    low, high = {None: (0.75, 1.3), "near": (1.6, 2.3), "far": (0.4, 0.55)}[facts.distance]
    if place.indoors:
        low, high = low * 0.75, high * 0.9
    if KINDS[subject.kind].most == 1:
        low, high = 0.55, 1.05
    scale = random.uniform(low, high) * small
    if facts.distance is None:
        scale = min(scale, max(0.4, 1.25 * room / width), 5.2 / height)
    return min(scale, 8.2 / height)


def _figure(
    subject: Subject, colour: str | None, scale: float, x: float, place: Place, flip: bool, unit: float, random: Random
) -> Sprite:
    kind = KINDS[subject.kind]
    image = _sprite(subject.kind, colour, random.randrange(_SHADES), _rounded(scale), unit, flip)
    height = image.height / unit
    if place.only or getattr(place, kind.ground) is None:
        span = place.air or place.ground or (4.0, 5.0)
        y = random.uniform(*span)
    elif kind.ground in ("air", "deep"):
        y = random.uniform(*getattr(place, kind.ground))
    else:
        y = random.uniform(*getattr(place, kind.ground)) - height / 2
    tilt = random.uniform(-kind.spin, kind.spin)
    match subject.action:
        case "jumping":
            y -= random.uniform(1.4, 2.2)
            tilt += 14.0 if not flip else -14.0
        case "upside down":
            tilt += 180.0
        case "rising" | "descending":
            tilt += (24.0 if subject.action == "rising" else -24.0) * (-1 if flip else 1)
    y = min(max(y, min(4.5, height / 2)), 8.9 - min(4.4, height / 2) * 0.8)
    return Sprite(image, still(x, y), (lambda _: tilt) if abs(tilt) > 1.0 else None)


def _rounded(scale: float) -> float:
    """The nearest of a few sizes, so that drawn figures serve again."""
    step = round(math.log2(scale) * _SIZES_PER_OCTAVE)
    return round(math.pow(2.0, step / _SIZES_PER_OCTAVE), 3)


@lru_cache(maxsize=12_000)
def _sprite(name: str, colour: str | None, shade: int, scale: float, unit: float, flip: bool) -> Image.Image:
    random = Random(f"{name}/{colour}/{shade}")
    paint = _shade(colour, random)
    detail = _shade(random.choice([other for other in ALL if other != colour]), random)
    kind: Kind = KINDS[name]
    image = kind.draw(unit * scale, paint, detail)
    return image.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if flip else image


def _shade(colour: str | None, random: Random) -> Colour:
    red, green, blue = random.choice(COLOURS[colour or "white"])[:3]
    return _near(red, random), _near(green, random), _near(blue, random)


def _near(level: int, random: Random) -> int:
    return min(255, max(0, level + random.randint(-9, 9)))
