"""Picture files become what the model takes, whatever people upload; and what is none says why."""

import io
import struct
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image

from encoders.framing import model_input
from encoders.picture_file import NoPicture, decode_picture
from encoders.values import PictureInput

SQUARE = PictureInput(size=16, resize_mode="squash", interpolation="bicubic", fill=0)
MANY = 1_000_000


def _file(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def _decode(content: bytes, picture: PictureInput = SQUARE, max_pixels: int = MANY) -> np.ndarray:
    return decode_picture(content, picture, max_pixels=max_pixels)


def _noise(width: int = 48, height: int = 32) -> Image.Image:
    return Image.fromarray(np.random.default_rng(1).integers(0, 256, (height, width, 3), dtype=np.uint8))


def _corners() -> Image.Image:
    """Red, green, blue, black; from left to right, from top to bottom."""
    image = Image.new("RGB", (32, 32))
    for place, colour in (((0, 0), (255, 0, 0)), ((16, 0), (0, 255, 0)), ((0, 16), (0, 0, 255))):
        image.paste(colour, (*place, place[0] + 16, place[1] + 16))
    return image


@pytest.mark.parametrize("mode", ["squash", "shortest", "longest"])
def test_a_picture_is_prepared_as_the_model_s_own_preprocessing_does_it(mode: Any) -> None:
    picture = PictureInput(size=16, resize_mode=mode, interpolation="bilinear", fill=7)
    image = _noise()
    np.testing.assert_array_equal(_decode(_file(image), picture), model_input(image, image.size, picture))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "AVIF"])
def test_the_usual_formats_are_read(kind: str) -> None:
    seen = _decode(_file(Image.new("RGB", (40, 30), (200, 40, 90)), kind))
    assert seen.shape == (16, 16, 3) and seen.dtype == np.uint8
    assert np.abs(seen.astype(int) - (200, 40, 90)).max() < 12


@pytest.mark.parametrize("kind", ["TIFF", "PPM", "ICO", "EPS"])
def test_other_formats_are_not(kind: str) -> None:
    with pytest.raises(NoPicture, match="none of JPEG"):
        _decode(_file(_noise(), kind))


@pytest.mark.parametrize(
    ("orientation", "top_left"),
    [(1, "red"), (2, "green"), (3, "black"), (4, "blue"), (5, "red"), (6, "blue"), (7, "black"), (8, "green")],
)
def test_exif_turns_a_picture_upright(orientation: int, top_left: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    corner = _decode(_file(_corners(), "PNG", exif=exif))[2, 2]
    colours = {"red": (255, 0, 0), "green": (0, 255, 0), "blue": (0, 0, 255), "black": (0, 0, 0)}
    assert np.abs(corner.astype(int) - colours[top_left]).max() < 12


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
def test_broken_exif_turns_nothing() -> None:
    seen = _decode(_file(_corners(), "JPEG", exif=b"Exif\0\0MM\0*\0\0\0\x08\xff\xff" + b"\x01" * 40))
    assert np.abs(seen[2, 2].astype(int) - (255, 0, 0)).max() < 12


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_of_an_animation_the_first_picture_counts(kind: str) -> None:
    white, black = Image.new("RGB", (20, 20), "white"), Image.new("RGB", (20, 20), "black")
    content = _file(white, kind, save_all=True, append_images=[black, black])
    assert _decode(content).min() > 250


def _transparent(mode: str) -> bytes:
    image = Image.new("RGBA", (20, 20), (255, 0, 0, 0))
    if mode == "P":
        palette = Image.new("P", (20, 20), 3)
        palette.putpalette([value for value in range(8) for _ in "rgb"])
        return _file(palette, transparency=3)
    if mode == "RGB":
        return _file(Image.new("RGB", (20, 20), (9, 9, 9)), transparency=(9, 9, 9))
    return _file(image.convert(mode))


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "RGB"])
def test_what_is_transparent_is_laid_over_white(mode: str) -> None:
    assert _decode(_transparent(mode)).min() == 255


def test_half_transparent_red_over_white_is_pink() -> None:
    seen = _decode(_file(Image.new("RGBA", (20, 20), (255, 0, 0, 128))))
    assert tuple(seen[8, 8]) == (255, 127, 127)


def test_greys_palettes_and_cmyk_are_colours_too() -> None:
    assert _decode(_file(Image.new("L", (20, 20), 77)))[8, 8].tolist() == [77, 77, 77]
    assert _decode(_file(Image.new("1", (20, 20), 1)))[8, 8].tolist() == [255, 255, 255]
    deep = Image.fromarray(np.full((20, 20), 77 * 256, np.uint16))
    assert _decode(_file(deep))[8, 8].tolist() == [77, 77, 77]
    cmyk = _decode(_file(Image.new("CMYK", (20, 20), (0, 255, 255, 0)), "JPEG"))[8, 8]
    assert cmyk[0] > 240 and cmyk[1] < 15


def _png_that_claims(width: int, height: int) -> bytes:
    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (lambda: _png_that_claims(2_000, 501), "2000×501 pixels, at most 1000000"),
        (lambda: _png_that_claims(60_000, 60_000), "pixels"),
        (lambda: b"", "none of JPEG"),
        (lambda: b"<svg xmlns='http://www.w3.org/2000/svg'/>", "none of JPEG"),
        (lambda: _file(_noise(), "JPEG")[:-700], "truncated"),
        (lambda: _file(_noise(), "PNG")[:500], "cannot be decoded"),
        (lambda: _file(_noise(), "WEBP")[:200], "none of JPEG|cannot be decoded"),
        (lambda: _png_that_claims(100, 100), "cannot be decoded"),
    ],
    ids=["pixels", "bomb", "empty", "svg", "cut jpeg", "cut png", "cut webp", "lying png"],
)
def test_what_cannot_be_decoded_says_why(content: Callable[[], bytes], reason: str) -> None:
    with pytest.raises(NoPicture, match=reason):
        _decode(content())


def test_nothing_is_decoded_of_a_picture_with_too_many_pixels(monkeypatch: pytest.MonkeyPatch) -> None:
    def decode(self: Image.Image) -> None:
        pytest.fail("it is decoded")

    content = _file(_noise(101, 100))
    monkeypatch.setattr("PIL.PngImagePlugin.PngImageFile.load", decode)
    with pytest.raises(NoPicture, match="101×100"):
        _decode(content, max_pixels=10_000)
