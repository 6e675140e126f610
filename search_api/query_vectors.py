"""Vectors of queries: asked of the encoder server once, then kept for a while."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Sequence
from typing import Literal

import structlog

from encoders.client import EncoderClient, EncoderError
from search_api.fusion import LegName
from search_api.legs import Vector, usable_vector

Space = Literal["picture", "text"]
_Key = tuple[str, Space, str]

SPACES: dict[LegName, Space] = {LegName.SPEECH_VECTOR: "text", LegName.PICTURE_VECTOR: "picture"}
_MODELS_FRESH_SECONDS = 10.0
_MODELS_PATIENCE_SECONDS = 0.5
_log = structlog.get_logger(__name__)


class QueryVectors:
    """Encodes texts as queries; the `capacity` vectors that were used last need no encoder server.

    They are kept by model, space and text. Which models the server has is asked again every few seconds, so that
    vectors of another model are not used for longer; while it does not answer, nothing has changed.
    """

    def __init__(self, encoder: EncoderClient, *, capacity: int) -> None:
        self._encoder = encoder
        self._capacity = capacity
        self._kept: OrderedDict[_Key, Vector] = OrderedDict()
        self._models: dict[Space, str] = {}
        self._words: dict[Space, frozenset[str]] = {}
        self._stale_at = 0.0
        self._lock = asyncio.Lock()

    def __len__(self) -> int:
        """How many vectors are kept."""
        return len(self._kept)

    async def vectors(self, texts: Sequence[str], space: Space) -> list[Vector]:
        """One vector for each text, float32 of the space's dimension; do not write into them.

        Raises:
            EncoderError: the server gives none, and one that is needed is not kept.
            ValueError: it gives one that cannot be searched with.
        """
        model = await self._model(space)
        known = {text: vector for text in texts if (vector := self._recall((model, space, text))) is not None}
        missing = [text for text in dict.fromkeys(texts) if text not in known]
        if missing:
            rows = await self._encoder.embed_texts(missing, space=space, purpose="query")
            for text, row in zip(missing, rows, strict=True):
                known[text] = usable_vector(row)
                self._keep((model, space, text), known[text])
        return [known[text] for text in texts]

    async def words(self, space: Space) -> frozenset[str]:
        """The words that a space's model knows; none where any may be known, or nobody has said it."""
        await self._refresh()
        return self._words.get(space, frozenset())

    async def models(self) -> dict[LegName, str]:
        """The models of the vector legs, by name; without those that nobody has named yet."""
        await self._refresh()
        return {leg: self._models[space] for leg, space in SPACES.items() if space in self._models}

    def _recall(self, key: _Key) -> Vector | None:
        if key not in self._kept:
            return None
        self._kept.move_to_end(key)
        return self._kept[key]

    def _keep(self, key: _Key, vector: Vector) -> None:
        if not key[0]:
            return
        vector = vector.copy()
        vector.flags.writeable = False
        self._kept[key] = vector
        while len(self._kept) > self._capacity:
            self._kept.popitem(last=False)

    async def _model(self, space: Space) -> str:
        """The model of a space, by name; empty while nobody has said it."""
        if not self._capacity:
            return ""
        await self._refresh()
        return self._models.get(space, "")

    async def _refresh(self) -> None:
        """Asks which models there are, if that was long ago."""
        async with self._lock:
            if time.monotonic() >= self._stale_at:
                try:
                    async with asyncio.timeout(_MODELS_PATIENCE_SECONDS):
                        models = await self._encoder.model_set()
                    self._models = {
                        "picture": f"{models.name} {models.picture_model}",
                        "text": f"{models.name} {models.text_model}",
                    }
                    self._words = {
                        "picture": frozenset(models.picture_words),
                        "text": frozenset(models.text_words),
                    }
                except (EncoderError, TimeoutError) as error:
                    _log.warning("models not known", error=str(error) or type(error).__name__)
                self._stale_at = time.monotonic() + _MODELS_FRESH_SECONDS
