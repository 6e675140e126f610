"""Pictures brought to a model's own input, uint8: resized, then cropped or filled, as in its training."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PIL import Image

from encoders.values import PictureInput

_FILTERS = {"bicubic": Image.Resampling.BICUBIC, "bilinear": Image.Resampling.BILINEAR}
_LONGEST_RIBBON = 128


def model_input(image: Image.Image, display: tuple[int, int], picture: PictureInput) -> npt.NDArray[np.uint8]:
    """Resizes (antialiased) and crops or fills to a model's input, to the last bit as open_clip does: uint8 S×S×3.

    Args:
        image: RGB, its pixels as they were stored.
        display: Width and height at which it is to be shown.
        picture: What the model takes.
    """
    resized = image.resize(resized_size(display, picture), _FILTERS[picture.interpolation])
    return fit(resized, picture)


def resized_size(display: tuple[int, int], picture: PictureInput) -> tuple[int, int]:
    """Width and height before cropping and filling, rounded as torchvision and open_clip round."""
    (width, height), size = display, picture.size
    if picture.resize_mode == "squash":
        return size, size
    if picture.resize_mode == "longest":
        longest = max(width, height)
        return max(1, round(width * size / longest)), max(1, round(height * size / longest))
    # A ribbon is squeezed rather than blown up without bound: most of its length is cropped away in any case.
    if width <= height:
        return size, min(int(size * height / width), _LONGEST_RIBBON * size)
    return min(int(size * width / height), _LONGEST_RIBBON * size), size


def fit(image: Image.Image, picture: PictureInput) -> npt.NDArray[np.uint8]:
    """Crops and fills a picture that is resized already, around its centre: uint8 S×S×3."""
    width, height = image.size
    size, grey = picture.size, (picture.fill,) * 3
    if (width, height) == (size, size):
        return np.asarray(image, dtype=np.uint8)
    canvas = image
    if width < size or height < size:
        canvas = Image.new("RGB", (max(width, size), max(height, size)), grey)
        canvas.paste(image, (max(0, size - width) // 2, max(0, size - height) // 2))
    left = round((canvas.width - size) / 2.0)
    top = round((canvas.height - size) / 2.0)
    return np.asarray(canvas.crop((left, top, left + size, top + size)), dtype=np.uint8)
