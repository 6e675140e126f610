"""Where models are found, and one sentence for everything that is none."""

from pathlib import Path

import pytest

from encoders.errors import ModelError
from encoders.registry.catalogue import (
    FETCHED,
    KADR_CLIP,
    OWN_WEIGHTS,
    SHIPPED,
    WHISPER_REPOSITORIES,
    Kind,
    known_model,
)
from encoders.registry.places import find_place
from encoders.registry.profiles import PROFILES


def _write(folder: Path, *names: str) -> Path:
    folder.mkdir(parents=True)
    for name in names:
        (folder / name).write_text("{}")
    return folder


FILES: dict[Kind, tuple[str, ...]] = {
    "picture": ("open_clip_config.json",),
    "text": ("modules.json",),
    "speech": ("model.bin", "config.json", "tokenizer.json"),
}


@pytest.mark.parametrize("kind", FILES)
def test_a_folder_may_be_named_with_local_dir_and_gives_the_name(kind: Kind, tmp_path: Path) -> None:
    folder = _write(tmp_path / "mine", *FILES[kind])
    for model in (str(folder), f"local-dir:{folder}"):
        place = find_place(kind, model, tmp_path)
        assert (place.name, place.folder, place.hub, place.present) == ("mine", folder, None, True)


def test_a_relative_folder_and_one_of_the_home_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = _write(tmp_path / "mine", *FILES["text"])
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert find_place("text", "mine", tmp_path).folder == folder
    assert find_place("text", "local-dir:~/mine", tmp_path).folder == folder


@pytest.mark.parametrize("kind", FILES)
def test_a_folder_that_is_missing_or_holds_something_else_is_one_sentence(kind: Kind, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=rf"/nowhere is missing: correct KADR_{kind.upper()}_MODEL"):
        find_place(kind, "/nowhere", tmp_path)
    with pytest.raises(ModelError, match=rf"{FILES[kind][0]}.* missing\. Correct KADR_{kind.upper()}_MODEL"):
        find_place(kind, str(_write(tmp_path / "empty")), tmp_path)


@pytest.mark.parametrize("name", ["model.safetensors", "ViT-B-32.pt"])
def test_a_file_of_weights_is_refused_because_it_does_not_say_how_pictures_are_prepared(
    name: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(b"weights")
    for model in (
        str(tmp_path / name),
        f"local-dir:{tmp_path / name}",
        f"/nowhere/{name}",
        f"ViT-B-32:/nowhere/{name}",
    ):
        with pytest.raises(ModelError, match=r"weights alone.*open_clip_config\.json"):
            find_place("picture", model, tmp_path)
    with pytest.raises(ModelError, match="single file: name the folder"):
        find_place("text", str(tmp_path / name), tmp_path)


@pytest.mark.parametrize(
    ("kind", "model", "repository"),
    [
        ("picture", "ViT-B-32-SigLIP2-256:webli", "timm/ViT-B-32-SigLIP2-256"),
        ("picture", "hf-hub:timm/ViT-B-32-SigLIP2-256", "timm/ViT-B-32-SigLIP2-256"),
        ("picture", "ViT-B-32:laion2b_s34b_b79k", "laion/CLIP-ViT-B-32-laion2B-s34B-b79K"),
        ("picture", "ViTamin-S:datacomp1b", "jienengchen/ViTamin-S"),
        ("picture", "owner/clip", "owner/clip"),
        ("text", "all-MiniLM-L6-v2", "sentence-transformers/all-MiniLM-L6-v2"),
        ("text", "BAAI/bge-m3", "BAAI/bge-m3"),
        ("speech", "large-v3-turbo", "mobiuslabsgmbh/faster-whisper-large-v3-turbo"),
        ("speech", "medium.en", "Systran/faster-whisper-medium.en"),
        ("speech", "owner/whisper", "owner/whisper"),
    ],
)
def test_names_lead_to_the_hub(kind: Kind, model: str, repository: str, tmp_path: Path) -> None:
    place = find_place(kind, model, tmp_path)
    assert place.hub is not None and not place.present
    assert (place.name, place.hub.repository) == (model, repository)
    folder = _write(tmp_path / repository.replace("/", "--"), *FILES[kind])
    found = find_place(kind, model, tmp_path)
    assert (found.present, found.folder) == (True, folder), "the same folder, however the model is named"


def test_a_revision_that_is_known_is_kept_however_the_model_is_named(tmp_path: Path) -> None:
    place = find_place("speech", "Systran/faster-whisper-small", tmp_path)
    assert place.hub is not None and place.hub.revision == "536b0662742c02347bc0e980a01041f333bce120"


@pytest.mark.parametrize(
    ("kind", "model", "reason"),
    [
        ("picture", "no-such-architecture", "neither a folder nor one that open_clip knows"),
        ("picture", "ViT-B-32-SigLIP2-256", "TAG is one of webli"),
        ("picture", "ViT-B-32-SigLIP2-256:wrong", "TAG is one of webli"),
        ("text", "a/b/c", "neither a folder nor a name in the hub"),
        ("speech", "enormous", "neither a folder nor a name in the hub"),
    ],
)
def test_a_name_that_can_mean_nothing_is_one_sentence(kind: Kind, model: str, reason: str, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=reason):
        find_place(kind, model, tmp_path)


@pytest.mark.parametrize("model", OWN_WEIGHTS)
def test_kadr_s_own_models_are_part_of_the_package(model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kind: Kind = OWN_WEIGHTS[model]
    (tmp_path / "__init__.py").write_text("")
    monkeypatch.setattr("encoders.registry.places._PACKAGE", tmp_path)
    with pytest.raises(ModelError, match=rf"{model} is not part of this installation.*KADR_{kind.upper()}_MODEL"):
        find_place(kind, model, tmp_path)
    folder = _write(tmp_path / "weights" / model, *FILES[kind])
    place = find_place(kind, model, tmp_path)
    assert (place.name, place.folder, place.hub) == (model, folder, None)


def test_every_model_of_a_set_is_known() -> None:
    for profile in PROFILES.values():
        parts: tuple[tuple[Kind, str], ...] = (
            ("picture", profile.picture_model),
            ("text", profile.text_model),
            ("speech", profile.speech_model),
        )
        assert all(known_model(*part) is not None for part in parts)
    assert KADR_CLIP in {model.name for model in SHIPPED}
    assert all(model.licence and model.about_bytes for model in FETCHED)


def test_whisper_s_short_names_are_those_of_the_library() -> None:
    from faster_whisper import utils

    ours = {**WHISPER_REPOSITORIES, **{model.name: model.repository for model in FETCHED if model.kind == "speech"}}
    assert ours == utils._MODELS
