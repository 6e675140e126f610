"""Writes a word on a picture, as titles and subtitles do."""

from __future__ import annotations

from functools import lru_cache
from random import Random

from PIL import Image, ImageDraw, ImageFont

from encoders.training.world.canvas import Colour

_FONTS = ("DejaVuSans-Bold.ttf", "DejaVuSerif-Bold.ttf", "DejaVuSansCondensed-Bold.ttf")
_STYLES: tuple[tuple[Colour, Colour | None], ...] = (
    ((255, 255, 255), (20, 20, 30)),
    ((20, 20, 30), (245, 245, 240)),
    ((255, 240, 90), (30, 50, 120)),
    ((255, 255, 255), (190, 30, 40)),
    ((255, 255, 255), None),
    ((255, 230, 60), None),
)


class FontError(RuntimeError):
    """The font with which scenes are lettered is missing."""


def lettered(frame: Image.Image, text: str, unit: float, random: Random) -> None:
    """Writes the text near the top or the bottom of the frame, as large as it can be read when squashed.

    Raises:
        FontError: The font DejaVu is not installed.
    """
    style, font = random.randrange(len(_STYLES)), random.choice(_FONTS)
    label = _label(text, style, font, round(unit * random.choice((1.3, 1.6, 1.9))))
    x = round((frame.width - label.width) * random.uniform(0.1, 0.9))
    top = random.random() < 0.4
    y = round(frame.height * (random.uniform(0.03, 0.1) if top else random.uniform(0.88, 0.96)))
    frame.paste(label, (max(0, x), y if top else y - label.height), label)


@lru_cache(maxsize=1024)
def _label(text: str, style: int, font: str, pixels: int) -> Image.Image:
    ink, ground = _STYLES[style]
    face = _face(font, pixels)
    left, top, right, bottom = face.getbbox(text)
    margin = max(2, pixels // 3)
    image = Image.new(
        "RGBA", (round(right - left) + 2 * margin, round(bottom - top) + 2 * margin), ground or (0, 0, 0, 0)
    )
    edge = 0 if ground else max(1, pixels // 10)
    ImageDraw.Draw(image).text(
        (margin - left, margin - top), text, fill=ink, font=face, stroke_width=edge, stroke_fill=(10, 10, 20)
    )
    return image


def _face(font: str, pixels: int) -> ImageFont.FreeTypeFont:
    try:
        return ImageFont.truetype(font, pixels)
    except OSError as error:
        raise FontError(
            f"The font {font} is missing: install DejaVu (fonts-dejavu on Debian and Ubuntu, "
            "dejavu-sans-fonts and dejavu-serif-fonts on Fedora)."
        ) from error
