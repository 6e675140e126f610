"""A picture file, as people upload it, as what a model takes."""

from __future__ import annotations

import io
import struct

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps, UnidentifiedImageError

from encoders.framing import model_input
from encoders.values import PictureInput

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "AVIF")
"""Formats that hold one picture's pixels; others start programs, refer to files or are hardly used."""
_WHITE = (255, 255, 255, 255)
# What Pillow raises for files that are cut off, lie or are of something else.
_BROKEN = (OSError, ValueError, SyntaxError, EOFError, LookupError, TypeError, ArithmeticError, struct.error)


class NoPicture(ValueError):
    """The file holds no picture that can be read; the message says why."""


def decode_picture(content: bytes, picture: PictureInput, *, max_pixels: int) -> npt.NDArray[np.uint8]:
    """Decodes a picture file and brings it to a model's input, uint8 S×S×3, RGB.

    It is turned upright as its EXIF says; of several pictures, such as an animation's, the first counts; what is
    transparent is laid over white. Nothing is decoded of a picture of more than `max_pixels`.

    Raises:
        NoPicture: The file is none of `FORMATS`, is broken, or has too many pixels.
    """
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as file:
            if file.width * file.height > max_pixels:
                raise NoPicture(f"It has {file.width}×{file.height} pixels, at most {max_pixels} are decoded.")
            file.load()
            upright = ImageOps.exif_transpose(file) if _has_sound_exif(file) else file
            rgb = _rgb(upright)
        return model_input(rgb, rgb.size, picture)
    except NoPicture:
        raise
    except UnidentifiedImageError as error:
        raise NoPicture(f"It is none of {', '.join(FORMATS)}.") from error
    except Image.DecompressionBombError as error:
        raise NoPicture(f"It has more pixels than the {max_pixels} that are decoded.") from error
    except _BROKEN as error:
        raise NoPicture(f"It cannot be decoded: {str(error).rstrip('.') or type(error).__name__}.") from error


def _has_sound_exif(file: Image.Image) -> bool:
    """Whether the file's EXIF can be read and turns the picture; one that is broken turns nothing."""
    try:
        return file.getexif().get(0x0112, 1) in range(2, 9)
    except _BROKEN:
        return False


def _rgb(image: Image.Image) -> Image.Image:
    if image.has_transparency_data:
        over = Image.new("RGBA", image.size, _WHITE)
        over.alpha_composite(image.convert("RGBA"))
        return over.convert("RGB")
    if image.mode.startswith("I"):
        # 16 bits of grey; Pillow's own conversion would cut everything above 255 off.
        return Image.fromarray((np.asarray(image).astype(np.uint32) >> 8).astype(np.uint8)).convert("RGB")
    return image.convert("RGB")
