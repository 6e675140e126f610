"""The words that a model was trained on, where they are so few that it can say: a list beside its weights."""

from __future__ import annotations

from pathlib import Path

VOCABULARY = "vocabulary.txt"


def read_vocabulary(folder: Path) -> tuple[str, ...]:
    """The words in a model's folder, lower case and with е for ё; none means that any may be known."""
    path = folder / VOCABULARY
    return tuple(path.read_text(encoding="utf-8").split()) if path.is_file() else ()


def write_vocabulary(folder: Path, words: list[str]) -> None:
    """Writes them, a word a line."""
    (folder / VOCABULARY).write_text("".join(f"{word}\n" for word in words), encoding="utf-8")
