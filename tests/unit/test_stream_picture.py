"""What a model sees of a frame is what it saw in training, and histograms tell shots apart."""

from fractions import Fraction
from io import BytesIO
from typing import Literal

import numpy as np
import pytest
from av.video.frame import VideoFrame
from media import scene
from PIL import Image

from encoders.framing import model_input
from encoders.values import PictureInput
from stream.media.languages import two_letter_language
from stream.media.picture import Lens, Sample, _upright, display_size, distance, quarter_turns


@pytest.mark.parametrize("mode", ["shortest", "squash", "longest"])
@pytest.mark.parametrize("size", [(1280, 720), (321, 479), (640, 641), (100, 37), (64, 64), (1000, 10)])
def test_a_picture_is_resized_as_open_clip_does_it(
    mode: Literal["shortest", "squash", "longest"], size: tuple[int, int]
) -> None:
    transform = pytest.importorskip("open_clip.transform")
    theirs = transform.image_transform(
        64, is_train=False, mean=(0.0,) * 3, std=(1.0,) * 3, resize_mode=mode, interpolation="bicubic", fill_color=9
    )
    image = Image.fromarray(np.random.default_rng(2).integers(0, 256, (*size[::-1], 3), dtype=np.uint8))
    expected = np.rint(theirs(image).numpy().transpose(1, 2, 0) * 255)
    ours = model_input(image, size, PictureInput(64, mode, "bicubic", 9))
    assert np.array_equal(ours, expected)


@pytest.mark.parametrize("mode", ["shortest", "squash", "longest"])
@pytest.mark.parametrize("size", [(1280, 720), (320, 479), (640, 641), (100, 37), (64, 64), (1000, 10)])
@pytest.mark.parametrize("interpolation", ["bicubic", "bilinear"])
def test_a_frame_is_resized_nearly_as_open_clip_does_it(
    mode: Literal["shortest", "squash", "longest"],
    size: tuple[int, int],
    interpolation: Literal["bicubic", "bilinear"],
) -> None:
    picture = PictureInput(64, mode, interpolation, 9)
    pixels = scene(0, 0.0, *size)
    frame = VideoFrame.from_ndarray(pixels, format="rgb24")
    ours = Lens(Fraction(1), picture).model_input(frame)
    exact = model_input(Image.fromarray(pixels), size, picture)
    assert np.abs(ours.astype(int) - exact).mean() <= 1.0


def test_a_turned_frame_is_seen_upright_at_its_own_proportions() -> None:
    frame = VideoFrame.from_ndarray(scene(0, 0.0, 320, 180), format="rgb24")
    picture = PictureInput(64, "longest", "bicubic", 9)
    for turns, rotation in enumerate((0, 90, 180, -90)):
        lens = Lens(Fraction(2), picture)
        seen = lens._model_input(frame, rotation, lens._upright_size(frame, rotation))
        upright, display = _upright(frame, rotation), lens._upright_size(frame, rotation)
        assert display == ((180, 640) if turns % 2 else (640, 180))
        assert np.abs(seen.astype(int) - model_input(upright, display, picture)).mean() <= 1.0


@pytest.mark.parametrize(
    ("size", "expected"), [((1280, 720), (320, 180)), ((100, 50), (100, 50)), ((10, 4000), (2, 640))]
)
def test_a_thumbnail_is_small_and_never_blown_up(size: tuple[int, int], expected: tuple[int, int]) -> None:
    frame = VideoFrame.from_ndarray(np.zeros((size[1], size[0], 3), np.uint8), format="rgb24")
    assert _shown(_kept(frame)).size == expected


def test_a_thumbnail_shows_the_frame_and_its_colours() -> None:
    pixels = scene(0, 0.0, 1280, 720)
    frame = VideoFrame.from_ndarray(pixels, format="rgb24").reformat(format="yuv420p", dst_colorspace="ITU709")
    expected = np.asarray(Image.fromarray(pixels).resize((320, 180), Image.Resampling.BOX), np.int16)
    seen = np.asarray(_shown(_kept(frame)).convert("RGB"), np.int16)
    assert np.abs(seen - expected).mean() < 4


def _kept(frame: VideoFrame) -> Sample:
    sample = Lens(Fraction(1), PictureInput(16, "squash", "bicubic", 0)).keep(0.0, frame)
    assert sample is not None
    return sample


def _shown(sample: Sample) -> Image.Image:
    return Image.open(BytesIO(sample.thumbnail))


def _histogram(pixels: np.ndarray) -> np.ndarray:
    lens = Lens(Fraction(1), PictureInput(16, "squash", "bicubic", 0))
    return lens.histogram(VideoFrame.from_ndarray(pixels, format="rgb24"))


def test_histograms_tell_shots_apart_and_forgive_motion_and_light() -> None:
    first = scene(0, 0.0, 320, 180)
    assert distance(_histogram(first), _histogram(first)) == 0.0
    assert distance(_histogram(first), _histogram(scene(0, 1.0, 320, 180))) < 0.1
    brighter = np.clip(first.astype(int) + 3, 0, 255).astype(np.uint8)
    assert distance(_histogram(first), _histogram(brighter)) < 0.2
    assert distance(_histogram(first), _histogram(scene(1, 0.0, 320, 180))) > 0.5
    black, white = np.zeros((90, 160, 3), np.uint8), np.full((90, 160, 3), 255, np.uint8)
    assert distance(_histogram(black), _histogram(white)) == pytest.approx(1.0)


@pytest.mark.parametrize(("rotation", "turns"), [(0, 0), (90, 1), (-90, 3), (180, 2), (-180, 2), (3, 0), (87, 1)])
def test_turns_are_quarters(rotation: int, turns: int) -> None:
    assert quarter_turns(rotation) == turns


def test_pixels_may_be_wide_but_not_absurd() -> None:
    assert display_size(720, 576, Fraction(16, 15)) == (768, 576)
    assert display_size(720, 576, Fraction(1000, 1)) == (720, 576)
    assert display_size(720, 576, Fraction(0)) == (720, 576)


@pytest.mark.parametrize(
    ("tag", "language"),
    [("rus", "ru"), ("eng", "en"), ("en", "en"), ("pt-BR", "pt"), ("und", None), ("", None), (None, None), ("x", None)],
)
def test_language_tags(tag: str | None, language: str | None) -> None:
    assert two_letter_language(tag) == language
