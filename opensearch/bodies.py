"""The JSON bodies and scripts of this package, with their placeholders filled."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Names:
    """What fills the placeholders of the bodies: `{index_prefix}`, `{model_set}` and the two vector dimensions."""

    index_prefix: str
    model_set: str
    picture_dimension: int
    text_dimension: int

    def __post_init__(self) -> None:
        if not self.model_set:
            raise ValueError("a model set needs a name, not an empty one")
        for dimension in (self.picture_dimension, self.text_dimension):
            if not 1 <= dimension <= 16_000:
                raise ValueError(f"a vector dimension lies in 1..16000, not {dimension = }")

    def index(self, alias: str) -> str:
        """The name of this model set's index behind `alias` ("moments" or "videos")."""
        return f"{self.index_prefix}{alias}-{self.model_set}"

    def placeholders(self) -> Mapping[str, str | int]:
        """Placeholder, with its braces, to the value that takes its place."""
        return {
            "{index_prefix}": self.index_prefix,
            "{model_set}": self.model_set,
            "{picture_dimension}": self.picture_dimension,
            "{text_dimension}": self.text_dimension,
        }


def load_bodies(folder: str, names: Names) -> dict[str, Body]:
    """Every JSON body of a folder ("components", "templates") by its stem, placeholders filled, sorted."""
    placeholders = names.placeholders()
    return {stem: fill(body, placeholders) for stem, body in read_bodies(folder).items()}


def read_bodies(folder: str) -> dict[str, Body]:
    """Every JSON body of a folder by its stem, sorted, with its placeholders as they are."""
    return {stem: json.loads(text) for stem, text in _texts(folder, ".json").items()}


def load_scripts() -> dict[str, str]:
    """The source of every Painless script by its stem, sorted."""
    return _texts("scripts", ".painless")


def load_search_templates() -> dict[str, str]:
    """The source of every stored search template by its stem, sorted; the fragments that they share are put in."""
    fragments = {f"{{{stem}}}": text.rstrip() for stem, text in _texts("fragments", ".mustache").items()}
    templates = _texts("search_templates", ".mustache")
    for fragment, text in fragments.items():
        templates = {stem: source.replace(fragment, text) for stem, source in templates.items()}
    return templates


def fill(value: Any, placeholders: Mapping[str, str | float]) -> Any:
    """Copy a JSON value; a string that is one placeholder becomes its value (numbers stay numbers)."""
    if isinstance(value, dict):
        return {key: fill(member, placeholders) for key, member in value.items()}
    if isinstance(value, list):
        return [fill(member, placeholders) for member in value]
    if not isinstance(value, str):
        return value
    if value in placeholders:
        return placeholders[value]
    for placeholder, replacement in placeholders.items():
        value = value.replace(placeholder, str(replacement))
    return value


def signed(body: Body) -> Body:
    """The body with a digest of itself in `_meta`: OpenSearch rewrites templates, so they do not compare."""
    digest = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
    return {**body, "_meta": {**body.get("_meta", {}), "digest": digest}}


def _texts(folder: str, suffix: str) -> dict[str, str]:
    # By file and not by package name: opensearch-py brings a package that is called opensearch as well.
    found = sorted(Path(__file__).with_name(folder).glob(f"*{suffix}"))
    return {path.stem: path.read_text(encoding="utf-8") for path in found}
