"""What scenes are drawn with: a pen, sprites, weather, a camera.

Everything is measured in units of a sixteenth of the frame's width (a ninth of its height), from the top left corner,
so that a scene looks the same at any size.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

Colour = tuple[int, int, int] | tuple[int, int, int, int]
Point = tuple[float, float]
Path = Callable[[float], Point]

UNITS_ACROSS, UNITS_DOWN = 16.0, 9.0
SMOOTHING = 3


@dataclass(frozen=True, slots=True)
class Size:
    """Pixels of a frame; both even, as video encoders want them."""

    width: int
    height: int

    def __post_init__(self) -> None:
        if self.width < 16 or self.height < 16 or self.width % 2 or self.height % 2:
            raise ValueError(f"width and height must be even and at least 16: {self.width = }, {self.height = }")

    @property
    def unit(self) -> float:
        """Pixels per unit: 16 units across, or 9 down where the frame is upright."""
        return max(self.width / UNITS_ACROSS, self.height / UNITS_DOWN)


class Pen:
    """Draws smooth shapes, measured in units, on an image that is scaled down at the end."""

    def __init__(self, width: float, height: float, unit: float, *, ground: Colour = (0, 0, 0, 0)) -> None:
        self._scale = unit * SMOOTHING
        self._pixels = (max(1, round(width * unit)), max(1, round(height * unit)))
        large = (self._pixels[0] * SMOOTHING, self._pixels[1] * SMOOTHING)
        self._image = Image.new("RGBA", large, ground)
        self._draw = ImageDraw.Draw(self._image)

    def _scaled(self, *values: float) -> list[float]:
        return [value * self._scale for value in values]

    def sky(self, top: Colour, bottom: Colour, *, until: float | None = None) -> None:
        """Fills with a vertical gradient, from the top to `until` or the lower edge."""
        width, height = self._image.size
        rows = min(height, round(until * self._scale)) if until is not None else height
        blend = np.linspace(0, 1, rows)[:, None]
        colours = np.asarray(top[:3]) * (1 - blend) + np.asarray(bottom[:3]) * blend
        column = Image.fromarray(colours.astype(np.uint8)[:, None, :]).convert("RGBA")
        self._image.paste(column.resize((width, rows)), (0, 0))

    def oval(self, x: float, y: float, across: float, down: float, colour: Colour) -> None:
        """Draws an oval around (x, y) with these half axes."""
        self._draw.ellipse(self._scaled(x - across, y - down, x + across, y + down), fill=colour)

    def disc(self, x: float, y: float, radius: float, colour: Colour) -> None:
        """Draws a disc around (x, y)."""
        self.oval(x, y, radius, radius, colour)

    def box(self, x: float, y: float, width: float, height: float, colour: Colour, *, corner: float = 0.0) -> None:
        """Draws a rectangle from its top left corner, with round corners if wanted."""
        self._draw.rounded_rectangle(
            self._scaled(x, y, x + width, y + height), radius=corner * self._scale, fill=colour
        )

    def shape(self, points: Sequence[Point], colour: Colour) -> None:
        """Fills a polygon."""
        self._draw.polygon([(x * self._scale, y * self._scale) for x, y in points], fill=colour)

    def stroke(self, points: Sequence[Point], thickness: float, colour: Colour) -> None:
        """Draws a line with round joints."""
        scaled = [(x * self._scale, y * self._scale) for x, y in points]
        self._draw.line(scaled, fill=colour, width=max(1, round(thickness * self._scale)), joint="curve")

    def pie(self, x: float, y: float, radius: float, start: float, stop: float, colour: Colour) -> None:
        """Fills a slice between two angles in degrees, clockwise from the right."""
        box = self._scaled(x - radius, y - radius, x + radius, y + radius)
        self._draw.pieslice(box, start, stop, fill=colour)

    def hills(self, level: float, height: float, waves: float, phase: float, colour: Colour) -> None:
        """Fills everything below a wavy line around `level`."""
        width, low = self._image.size[0] / self._scale, self._image.size[1] / self._scale
        along = np.linspace(0, width, 80)
        line = level - height * (np.sin(along * waves + phase) + 0.4 * np.sin(along * waves * 2.3 + phase * 1.7))
        points = [(float(x), float(y)) for x, y in zip(along, line, strict=True)]
        self.shape([(0.0, low), *points, (width, low)], colour)

    def finished(self) -> Image.Image:
        """Returns the smooth image (RGBA)."""
        return self._image.resize(self._pixels, Image.Resampling.BOX)


@dataclass(frozen=True, slots=True)
class Sprite:
    """A drawn figure that moves: `path(seconds)` is its centre in units, `tilt(seconds)` its angle in degrees."""

    image: Image.Image
    path: Path
    tilt: Callable[[float], float] | None = None


@dataclass(frozen=True, slots=True)
class Weather:
    """Many small things that fall or rise over the whole frame."""

    kind: Literal["rain", "snow", "bubbles", "sparks"]
    count: int = 120

    def __post_init__(self) -> None:
        if self.count < 1:
            raise ValueError(f"weather needs at least one drop: {self.count = }")


@dataclass(frozen=True, slots=True)
class Camera:
    """What of the backdrop is seen: a share of its height, and where, at the start and at the end (0 left, 1 right)."""

    share: tuple[float, float] = (0.92, 0.92)
    across: tuple[float, float] = (0.0, 1.0)


@dataclass(frozen=True, slots=True)
class Scene:
    """What is seen between two cuts: a backdrop, a camera, figures and weather."""

    backdrop: Image.Image
    sprites: tuple[Sprite, ...] = ()
    weather: Weather | None = None
    camera: Camera = Camera()

    def frames(self, size: Size, seconds: float, frames_per_second: int) -> Iterator[NDArray[np.uint8]]:
        """Yields round(seconds × frames_per_second) frames, uint8, height × width × 3, RGB."""
        ground = self.backdrop.convert("RGB")
        drops = Drops.scattered(self.weather, size) if self.weather else None
        total = max(1, round(seconds * frames_per_second))
        for number in range(total):
            yield np.asarray(self._frame(ground, drops, size, number / frames_per_second, number / total))

    def still(self, size: Size, moment: float, progress: float) -> Image.Image:
        """Draws the frame of one moment in seconds, with the camera this far (0 to 1) on its way."""
        drops = Drops.scattered(self.weather, size) if self.weather else None
        return self._frame(self.backdrop.convert("RGB"), drops, size, moment, progress)

    def _frame(
        self, ground: Image.Image, drops: "Drops | None", size: Size, moment: float, progress: float
    ) -> Image.Image:
        frame = self._ground(ground, size, progress)
        for sprite in self.sprites:
            place(frame, sprite, moment, size.unit)
        if drops is not None:
            drops.fall(frame, moment)
        return frame

    def _ground(self, ground: Image.Image, size: Size, progress: float) -> Image.Image:
        smooth = progress * progress * (3 - 2 * progress)
        share = self.camera.share[0] + (self.camera.share[1] - self.camera.share[0]) * smooth
        across = self.camera.across[0] + (self.camera.across[1] - self.camera.across[0]) * smooth
        height = ground.height * share
        width = min(ground.width, height * size.width / size.height)
        left, top = (ground.width - width) * across, (ground.height - height) * 0.5
        box = (left, top, left + width, top + height)
        return ground.resize((size.width, size.height), Image.Resampling.BILINEAR, box=box)


def place(frame: Image.Image, sprite: Sprite, moment: float, unit: float) -> None:
    """Pastes a figure where it is at this moment."""
    image = sprite.image
    if sprite.tilt is not None:
        image = image.rotate(sprite.tilt(moment), Image.Resampling.BILINEAR, expand=True)
    x, y = sprite.path(moment)
    corner = (round(x * unit - image.width / 2), round(y * unit - image.height / 2))
    frame.paste(image, corner, image)


@dataclass(frozen=True, slots=True)
class Drops:
    """Rain, snow, bubbles or sparks, spread evenly and always in the same way."""

    weather: Weather
    size: Size
    start: NDArray[np.float64]
    speed: NDArray[np.float64]

    @classmethod
    def scattered(cls, weather: Weather, size: Size) -> "Drops":
        random = np.random.default_rng(7)
        start = random.random((weather.count, 2))
        return cls(weather, size, start, random.uniform(0.7, 1.3, weather.count))

    def fall(self, frame: Image.Image, moment: float) -> None:
        """Draws every drop where it is at this moment."""
        draw = ImageDraw.Draw(frame, "RGBA")
        fall, drift = {"rain": (2.2, -0.3), "snow": (0.16, 0.05), "bubbles": (-0.2, 0.0), "sparks": (-0.35, 0.1)}[
            self.weather.kind
        ]
        across = (self.start[:, 0] + drift * self.speed * moment) % 1.0 * self.size.width
        down = (self.start[:, 1] + fall * self.speed * moment) % 1.0 * self.size.height
        unit = self.size.unit
        for x, y, speed in zip(across.tolist(), down.tolist(), self.speed.tolist(), strict=True):
            self._drop(draw, x + math.sin(moment * 2 + y) * 0.1 * unit, y, speed, unit)

    def _drop(self, draw: ImageDraw.ImageDraw, x: float, y: float, speed: float, unit: float) -> None:
        radius = unit * 0.07 * speed
        box = (x - radius, y - radius, x + radius, y + radius)
        match self.weather.kind:
            case "rain":
                draw.line(
                    (x, y, x - 0.06 * unit, y + 0.5 * unit), fill=(190, 205, 225, 150), width=max(1, round(unit / 30))
                )
            case "snow":
                draw.ellipse(box, fill=(255, 255, 255, 230))
            case "bubbles":
                draw.ellipse(box, outline=(220, 245, 255, 200), width=max(1, round(unit / 30)))
            case "sparks":
                draw.ellipse(box, fill=(255, 200, 90, 200))


def still(x: float, y: float) -> Path:
    """A path that stays where it is."""
    return lambda _: (x, y)


def drive(start: Point, speed: Point, *, bob: float = 0.0, beat: float = 1.0) -> Path:
    """A straight path with a speed in units a second, bobbing up and down `beat` times a second."""
    return lambda t: (
        start[0] + speed[0] * t,
        start[1] + speed[1] * t + bob * math.sin(2 * math.pi * beat * t + start[0]),
    )


def bounce(start: Point, speed: float, height: float, beat: float = 0.8) -> Path:
    """A path that bounces along the ground."""
    return lambda t: (start[0] + speed * t, start[1] - height * abs(math.sin(math.pi * beat * t)))


def sway(degrees: float, beat: float = 0.3) -> Callable[[float], float]:
    """An angle that swings to both sides."""
    return lambda t: degrees * math.sin(2 * math.pi * beat * t)


def turning(degrees_per_second: float) -> Callable[[float], float]:
    """An angle that grows steadily."""
    return lambda t: degrees_per_second * t
