"""Pictures and texts through open_clip, with a small model of random weights."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import open_clip
import pytest
import torch
from PIL import Image
from small_models import write_clip

from encoders.errors import ModelError
from encoders.openclip import OpenClipEncoder
from encoders.registry.known_inputs import TEXTS, known_frames
from encoders.untrained import NAME, write_untrained_model
from encoders.values import Frames, PictureInput, check_vectors


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_untrained_model(tmp_path_factory.mktemp("models"))


@pytest.fixture(scope="module")
def encoder(folder: Path) -> OpenClipEncoder:
    return OpenClipEncoder(str(folder), device="cpu", batch=2)


def _noise(count: int, size: int = 128) -> Frames:
    return np.random.default_rng(7).integers(0, 256, (count, size, size, 3), dtype=np.uint8)


def test_the_untrained_model_says_so_and_is_always_the_same(folder: Path, tmp_path: Path) -> None:
    state = torch.random.get_rng_state()
    again = write_untrained_model(tmp_path / "new" / "models")
    assert "untrained" in NAME and folder.name == again.name == NAME
    for file in sorted(path.name for path in folder.iterdir()):
        assert (folder / file).read_bytes() == (again / file).read_bytes(), file
    assert torch.equal(torch.random.get_rng_state(), state), "other random numbers are not disturbed"


def test_the_untrained_model_is_written_once_and_leaves_nothing_beside_it(folder: Path) -> None:
    written = (folder / "open_clip_model.safetensors").stat()
    assert write_untrained_model(folder.parent) == folder
    assert (folder / "open_clip_model.safetensors").stat().st_mtime_ns == written.st_mtime_ns
    assert [path.name for path in folder.parent.iterdir()] == [NAME]


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ModelError, match="KADR_MODELS_DIR"):
        write_untrained_model(tmp_path / "file")


def test_vectors_are_those_of_the_model_s_own_preprocessing(folder: Path, encoder: OpenClipEncoder) -> None:
    model, preprocess = open_clip.create_model_from_pretrained(f"local-dir:{folder}")
    frames = _noise(3)
    with torch.inference_mode():
        pictures = torch.stack([preprocess(Image.fromarray(frame)) for frame in frames])
        expected = model.eval().encode_image(pictures, normalize=True).numpy()
    np.testing.assert_allclose(encoder.embed_frames(frames), expected, atol=1e-5)


def test_batches_change_nothing_and_rows_have_length_one(encoder: OpenClipEncoder) -> None:
    frames = _noise(5)
    together = check_vectors(encoder.embed_frames(frames), rows=5, dimension=encoder.dimension)
    alone = np.concatenate([encoder.embed_frames(frame[None]) for frame in frames])
    np.testing.assert_allclose(together, alone, atol=1e-6)


def test_frames_that_cannot_be_written_to_are_encoded_without_a_warning(
    encoder: OpenClipEncoder, recwarn: pytest.WarningsRecorder
) -> None:
    frames = _noise(1)
    frames.flags.writeable = False
    encoder.embed_frames(frames)
    assert not recwarn.list


def test_texts_live_in_the_space_of_pictures_in_both_languages(encoder: OpenClipEncoder) -> None:
    texts = ["a red frog", "красная лягушка", "a red frog " * 500]
    check_vectors(encoder.embed_texts(texts, "query"), rows=3, dimension=encoder.dimension)


def test_frames_of_another_size_are_refused(encoder: OpenClipEncoder) -> None:
    with pytest.raises(ValueError, match="128×128"):
        encoder.embed_frames(_noise(1, size=64))


UNUSUAL = [
    {"mean": [0.1, 0.5, 0.9], "std": [0.2, 0.4, 0.8], "interpolation": "bilinear", "resize_mode": "squash"},
    {"mean": [0.7, 0.2, 0.4], "std": [0.3, 0.3, 0.9], "interpolation": "bicubic", "resize_mode": "longest"},
    {"mean": [0.0, 0.0, 0.0], "std": [1.0, 1.0, 1.0], "interpolation": "bicubic", "resize_mode": "shortest"},
]


@pytest.mark.parametrize("preprocessing", [{**each, "fill_color": 77} for each in UNUSUAL])
def test_a_folder_s_own_preprocessing_is_honoured(preprocessing: dict[str, Any], tmp_path: Path) -> None:
    folder = write_clip(tmp_path / "clip", side=48, preprocessing=preprocessing)
    encoder = OpenClipEncoder(str(folder), device="cpu", batch=2)
    assert encoder.picture_input == PictureInput(
        size=48, resize_mode=preprocessing["resize_mode"], interpolation=preprocessing["interpolation"], fill=77
    )
    model, preprocess = open_clip.create_model_from_pretrained(f"local-dir:{folder}")
    frames = _noise(2, size=48)
    with torch.inference_mode():
        pictures = torch.stack([preprocess(Image.fromarray(frame)) for frame in frames])
        expected = model.eval().encode_image(pictures, normalize=True).numpy()
    np.testing.assert_allclose(encoder.embed_frames(frames), expected, atol=1e-5)


def test_the_size_of_the_folder_s_preprocessing_is_the_model_s(tmp_path: Path) -> None:
    folder = write_clip(tmp_path / "clip", side=64)
    assert OpenClipEncoder(str(folder), device="cpu", batch=2).picture_input.size == 64


@pytest.mark.parametrize("said", [{}, {"mean": [0.5, 0.5, 0.5]}, {"std": [0.5, 0.5, 0.5], "resize_mode": "squash"}])
def test_a_folder_that_does_not_say_how_to_prepare_pictures_is_refused(said: dict[str, Any], tmp_path: Path) -> None:
    folder = write_clip(tmp_path / "clip")
    path = folder / "open_clip_config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "preprocess_cfg": said}))
    with pytest.raises(ModelError, match="does not say how pictures are prepared"):
        OpenClipEncoder(str(folder), device="cpu", batch=1)


def test_the_folder_s_own_tokenizer_is_used(tmp_path: Path) -> None:
    folder = write_clip(tmp_path / "clip")
    encoder = OpenClipEncoder(str(folder), device="cpu", batch=2)
    upper, lower, other = encoder.embed_texts(["A Dog.", "a dog", "a cat"], "query")
    assert upper @ lower > 0.9999, "its tokenizer_kwargs ask for canonical text"
    assert other @ lower < 0.9999


@pytest.mark.parametrize("make", [write_clip, None])
def test_vectors_in_bf16_are_float32_rows_of_length_one_and_close(make: Any, folder: Path, tmp_path: Path) -> None:
    source = str(make(tmp_path / "clip") if make else folder)
    exact = OpenClipEncoder(source, device="cpu", batch=2)
    rough = OpenClipEncoder(source, device="cpu", batch=2, precision="bf16")
    frames = known_frames(exact.picture_input.size)
    for encode in (lambda encoder: encoder.embed_frames(frames), lambda encoder: encoder.embed_texts(TEXTS, "query")):
        vectors = check_vectors(encode(rough), rows=len(encode(exact)), dimension=exact.dimension)
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-6)
        assert (vectors * encode(exact)).sum(axis=1).min() >= 0.999
        assert not np.array_equal(vectors, encode(exact))
