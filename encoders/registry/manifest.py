"""What a model's folder must hold: `kadr.json` beside the files, with where they come from, their sizes and SHA-256."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from encoders.registry.catalogue import Kind

MANIFEST = "kadr.json"
# What kadr adds to a folder after its manifest, or people add to say what it is.
_NOT_PARTS = frozenset({MANIFEST, "check.npz", "MODEL.md", "training.log"})


@dataclass(frozen=True, slots=True)
class Part:
    """Length and SHA-256 (hexadecimal) of one file of a model."""

    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """Where a model comes from, under which licence, and its files by their names below its folder."""

    kind: Kind
    model: str
    repository: str
    revision: str
    licence: str
    files: dict[str, Part]


def write_manifest(folder: Path, *, kind: Kind, model: str, repository: str, revision: str, licence: str) -> Manifest:
    """Writes down what a folder holds now."""
    parts = {str(file.relative_to(folder)): measure(file) for file in _files(folder)}
    manifest = Manifest(kind, model, repository, revision, licence, parts)
    text = json.dumps(asdict(manifest), indent=1, ensure_ascii=False)
    (folder / MANIFEST).write_text(f"{text}\n", encoding="utf-8")
    return manifest


def read_manifest(folder: Path) -> Manifest | None:
    """Reads what a folder should hold; None if that was not written down, or cannot be read."""
    try:
        body = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        files = {str(name): Part(int(part["bytes"]), str(part["sha256"])) for name, part in body.pop("files").items()}
        return Manifest(**body, files=files)
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return None


def compare_files(folder: Path, manifest: Manifest) -> list[str]:
    """Says what is wrong with a folder's files, one phrase each; lengths first, because that is quick."""
    wrong = []
    for name, part in manifest.files.items():
        file = folder / name
        if not file.is_file():
            wrong.append(f"{name} is missing")
        elif file.stat().st_size != part.bytes:
            wrong.append(f"{name} has {file.stat().st_size:,} bytes instead of {part.bytes:,}")
        elif measure(file).sha256 != part.sha256:
            wrong.append(f"{name} is not what it was (its SHA-256 differs)")
    return wrong


def measure(file: Path) -> Part:
    """Reads a file's length and SHA-256."""
    with file.open("rb") as opened:
        return Part(file.stat().st_size, hashlib.file_digest(opened, "sha256").hexdigest())


def _files(folder: Path) -> Iterator[Path]:
    for file in sorted(folder.rglob("*")):
        below = file.relative_to(folder)
        if file.is_file() and not below.parts[0].startswith(".") and str(below) not in _NOT_PARTS:
            yield file
