"""The picture model that ships: it loads without a network, finds what it was not shown, and the demo's takes."""

import re
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

import encoders
from encoders.framing import model_input
from encoders.openclip import OpenClipEncoder
from encoders.training.pictures.evaluate import evaluate
from encoders.training.world.canvas import Scene, Size
from encoders.values import Vectors
from infra import demo_takes as takes
from infra.demo_film import ORDINARY

FOLDER = Path(encoders.__file__).parent / "weights" / "kadr-clip"
UPRIGHT = Size(360, 640)
TAKES: dict[str, tuple[Callable[[float], Scene], Size]] = {
    name: (getattr(takes, name), UPRIGHT if name.startswith("regatta") else ORDINARY)
    for name in (
        *("car_in_city", "car_on_road", "cat_in_window", "cat_in_snow", "lighthouse", "ship_at_night", "balloons"),
        *("balloon_near", "bakery", "oven", "beach_game", "ball_in_sea", "train_ride", "train_far", "fish_tank"),
        *("fish_near", "regatta", "regatta_evening", "butterfly_garden", "flowers_near", "fireworks", "rocket_stars"),
        *("spring", "summer", "autumn", "winter"),
    )
}


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def encoder() -> OpenClipEncoder:
    """The model, loaded where nothing can be reached."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the model asked the network")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", refuse)
        patch.setattr(socket, "getaddrinfo", refuse)
        return OpenClipEncoder(str(FOLDER), device="cpu", batch=64)


@pytest.fixture(scope="module")
def shown(encoder: OpenClipEncoder) -> dict[str, Vectors]:
    """Vectors of four frames of each take of the demo."""
    vectors = {}
    for name, (take, size) in TAKES.items():
        scene = take(size.unit)
        frames = [scene.still(size, 5.0 * progress + 0.4, progress) for progress in (0.1, 0.35, 0.6, 0.85)]
        pixels = [model_input(frame, frame.size, encoder.picture_input) for frame in frames]
        vectors[name] = encoder.embed_frames(np.stack(pixels))
    return vectors


def test_it_finds_combinations_that_it_was_never_shown() -> None:
    figures = evaluate(FOLDER, rounds=2)
    assert figures["clip_r1_en"] >= 0.70
    assert figures["clip_r1_ru"] >= figures["clip_r1_en"] - 0.05


def test_it_is_small_and_says_what_it_is() -> None:
    assert sum(file.stat().st_size for file in FOLDER.iterdir()) <= 10_000_000
    card = (FOLDER / "MODEL.md").read_text(encoding="utf-8")
    assert "Apache-2.0" in card and "--minutes" in card
    assert re.search(r"clip_r1_en.*0\.\d{3}", card) and (FOLDER / "training.log").is_file()


def test_case_and_punctuation_make_no_difference(encoder: OpenClipEncoder) -> None:
    one, other = encoder.embed_texts(["Рыжий котёнок, в снегу!", "рыжий котенок в снегу"], "query")
    assert one @ other > 0.9999


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("a red car in the rain", "car"),
        ("красная машина под дождём", "car"),
        ("two sailing boats on the lake", "regatta"),
        ("парусные лодки на озере", "regatta"),
        ("tropical fish", "fish"),
        ("рыбки в аквариуме", "fish"),
        ("fireworks at night", "fireworks"),
        ("салют над площадью", "fireworks"),
        ("a cat by the window", "cat"),
        ("чёрная кошка у окна", "cat_in_window"),
        ("рыжий кот в снегу", "cat_in_snow"),
        ("a cat in the snow", "cat"),
        ("train in the mountains", "train"),
        ("поезд в горах", "train"),
        ("lighthouse at night", "lighthouse"),
        ("маяк", "lighthouse"),
        ("children playing on the beach", "beach_game"),
        ("дети играют на пляже", "beach_game"),
        ("hot-air balloons", "balloon"),
        ("воздушные шары", "balloon"),
        ("bread on the kitchen table", "bakery"),
        ("свежий хлеб на кухне", "bakery"),
        ("butterflies among flowers", ("butterfly_garden", "flowers_near")),
        ("бабочка в саду", ("butterfly_garden", "flowers_near")),
        ("winter forest", "winter"),
        ("осенний лес", "autumn"),
        ("planets and stars", "rocket_stars"),
        ("космос", "rocket_stars"),
    ],
)
def test_it_finds_the_takes_of_the_demo(
    encoder: OpenClipEncoder, shown: dict[str, Vectors], query: str, wanted: str | tuple[str, ...]
) -> None:
    text = encoder.embed_texts([query], "query")[0]
    first = max(shown, key=lambda name: float((shown[name] @ text).max()))
    assert first.startswith(wanted), first
