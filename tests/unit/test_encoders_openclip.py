"""Pictures and texts through open_clip, with a small model of random weights."""

from pathlib import Path

import numpy as np
import open_clip
import pytest
import torch
from PIL import Image

from encoders.errors import ModelError
from encoders.openclip import OpenClipEncoder
from encoders.untrained import NAME, write_untrained_model
from encoders.values import Frames, check_vectors


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


def test_a_model_may_be_named_with_local_dir(folder: Path) -> None:
    assert OpenClipEncoder(f"local-dir:{folder}", device="cpu", batch=1).name == NAME


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        ("/nowhere/at/all", "missing"),
        ("no-such-architecture", "neither a folder nor"),
        ("ViT-B-32-SigLIP2-256", "webli"),
        ("ViT-B-32-SigLIP2-256:wrong", "webli"),
    ],
)
def test_a_model_that_is_not_there_is_one_sentence(model: str, reason: str) -> None:
    with pytest.raises(ModelError, match=reason):
        OpenClipEncoder(model, device="cpu", batch=1)
