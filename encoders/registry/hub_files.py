"""Which files of a repository a model needs: one set of weights in one format, and what describes it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from encoders.errors import ModelError
from encoders.registry.catalogue import HubModel

# At the top, or in the folder of one of sentence-transformers' modules.
_PLAIN_NAME = re.compile(r"(?:[0-9]+_\w+/)?\w[\w.\-]*")
_DESCRIBING = (".json", ".txt", ".model", ".jinja", ".md")
_SPEECH_FILES = re.compile(
    r"model\.bin|config\.json|tokenizer\.json|preprocessor_config\.json|vocabulary\.\w+|README\.md|LICENSE.*"
)
# In the order in which open_clip itself prefers them.
_PICTURE_WEIGHTS = (
    "open_clip_model.safetensors",
    "open_clip_pytorch_model.safetensors",
    "open_clip_pytorch_model.bin",
    "open_clip_pytorch_model.pth",
    "model.safetensors",
    "pytorch_model.bin",
)
_TEXT_WEIGHTS = (
    re.compile(r"model(-[0-9]+-of-[0-9]+)?\.safetensors"),
    re.compile(r"pytorch_model(-[0-9]+-of-[0-9]+)?\.bin"),
)


@dataclass(frozen=True, slots=True)
class HubFile:
    """A file of a repository: its length and, as far as the hub says it, one of the two hashes (hexadecimal)."""

    name: str
    bytes: int
    sha256: str | None
    git_sha1: str | None


def needed_files(model: HubModel, listing: Iterable[Any]) -> tuple[HubFile, ...]:
    """Chooses the files to fetch, out of huggingface_hub's listing of a repository; the largest first.

    Raises:
        ModelError: The repository does not hold such a model.
    """
    files = {entry.rfilename: entry for entry in listing if _PLAIN_NAME.fullmatch(entry.rfilename)}
    names = _CHOICES[model.kind](list(files))
    if not names:
        raise ModelError(
            f"The hub's {model.repository} is no {_WANTED[model.kind]}: choose another with KADR_{model.kind.upper()}"
            "_MODEL."
        )
    return tuple(sorted((_hub_file(files[name]) for name in names), key=lambda file: (-file.bytes, file.name)))


def _hub_file(entry: Any) -> HubFile:
    return HubFile(entry.rfilename, int(entry.size or 0), entry.lfs.sha256 if entry.lfs else None, _sha1(entry))


def _sha1(entry: Any) -> str | None:
    return None if entry.lfs else entry.blob_id


def _picture_files(names: Sequence[str]) -> list[str]:
    weights = [name for name in _PICTURE_WEIGHTS if name in names][:1]
    return [*_describing(names), *weights] if weights and "open_clip_config.json" in names else []


def _text_files(names: Sequence[str]) -> list[str]:
    weights: list[str] = []
    for folder in {PurePosixPath(name).parent for name in names}:
        inside = [name for name in names if PurePosixPath(name).parent == folder]
        formats = ([name for name in inside if weight.fullmatch(PurePosixPath(name).name)] for weight in _TEXT_WEIGHTS)
        weights += next((found for found in formats if found), [])
    described = "modules.json" in names or "config.json" in names
    return [*_describing(names), *weights] if weights and described else []


def _speech_files(names: Sequence[str]) -> list[str]:
    chosen = [name for name in names if _SPEECH_FILES.fullmatch(name)]
    return chosen if {"model.bin", "config.json", "tokenizer.json"} <= set(chosen) else []


def _describing(names: Sequence[str]) -> list[str]:
    return [name for name in names if name.endswith(_DESCRIBING) or name.startswith("LICENSE")]


_CHOICES = {"picture": _picture_files, "text": _text_files, "speech": _speech_files}
_WANTED = {
    "picture": "open_clip model (open_clip_config.json and weights)",
    "text": "sentence-transformers model (modules.json and weights)",
    "speech": "CTranslate2 Whisper model (model.bin, config.json and tokenizer.json)",
}
