"""Texts as vectors, by any sentence-transformers model (https://sbert.net)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from sentence_transformers import SentenceTransformer

from encoders.device import TYPES, Precision, memory_errors
from encoders.ports import TextEncoder
from encoders.values import Purpose, Vectors
from encoders.vocabulary import read_vocabulary


class SentenceEncoder(TextEncoder):
    """One sentence-transformers model on one device.

    Args:
        folder: In sentence-transformers' format.
        name: What it is called; by default as its folder.
        device: `cpu` or `cuda`.
        batch: Texts that are encoded at once.
        precision: The numbers it calculates in; vectors are float32 whatever they are.
        query_prefix: Put before texts that search; None means what the model's own files say.
        passage_prefix: Put before texts that are to be found; None likewise.
    """

    def __init__(
        self,
        folder: str,
        *,
        name: str = "",
        device: str,
        batch: int,
        precision: Precision = "fp32",
        query_prefix: str | None = None,
        passage_prefix: str | None = None,
    ) -> None:
        model = SentenceTransformer(folder, device=device, local_files_only=True)
        self._model = model.to(TYPES[precision]).eval()
        self._batch = batch
        prompts = self._model.prompts or {}
        own_passage = prompts.get("passage", prompts.get("document"))
        self._prefixes: dict[Purpose, str] = {
            "query": (prompts.get("query") if query_prefix is None else query_prefix) or "",
            "passage": (own_passage if passage_prefix is None else passage_prefix) or "",
        }
        self.words = read_vocabulary(Path(folder))
        self.name = name or Path(folder).name
        self.dimension = self.embed_texts(["kadr"], "query").shape[1]

    def compile(self) -> None:
        """Lets torch compile the model when it is next used; raises nothing itself."""
        self._model.compile(dynamic=True)

    def warm_up(self) -> None:
        """Encodes as much at once as it ever will, so that no request pays for what is done once."""
        for count in {1, self._batch if self._model.device.type == "cuda" else 2}:
            self.embed_texts(["kadr"] * count, "query")

    def embed_texts(self, texts: Sequence[str], purpose: Purpose) -> Vectors:
        """Encodes texts, float32 N×`dimension`, rows of length 1; texts beyond the model's context are cut."""
        prefix = self._prefixes[purpose]
        with memory_errors():
            vectors = self._model.encode(
                [prefix + text for text in texts],
                prompt="",
                batch_size=self._batch,
                convert_to_tensor=True,
                show_progress_bar=False,
            )
            rows: Vectors = torch.nn.functional.normalize(vectors.float(), dim=-1).cpu().numpy()
        return rows
