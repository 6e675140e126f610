import asyncio
from collections.abc import Sequence
from typing import Literal

import numpy as np
import pytest

from encoders.client import EncoderClient, EncoderUnavailable
from search_api.encoding import encode_query
from search_api.fusion import LegName
from search_api.legs import Vector

LEGS = list(LegName)


class Encoder(EncoderClient):
    """Gives the same row for every text, or fails."""

    def __init__(self, row: Sequence[float] | Exception, *, seconds: float = 0.0) -> None:
        super().__init__("http://127.0.0.1:9")
        self.row = row
        self.seconds = seconds
        self.asked: list[tuple[str, str]] = []

    async def embed_texts(
        self, texts: Sequence[str], *, space: Literal["picture", "text"], purpose: Literal["query", "passage"]
    ) -> Vector:
        """One row for each text."""
        self.asked.append((space, purpose))
        await asyncio.sleep(self.seconds)
        if isinstance(self.row, Exception):
            raise self.row
        return np.array([self.row] * len(texts), dtype=np.float32)


async def test_each_vector_leg_asks_for_its_own_space() -> None:
    encoder = Encoder([0.6, 0.8])
    encoded = await encode_query(encoder, "frog", LEGS, deadline_seconds=1)

    assert set(encoded.vectors) == {LegName.SPEECH_VECTOR, LegName.PICTURE_VECTOR}
    assert sorted(encoder.asked) == [("picture", "query"), ("text", "query")]
    assert encoded.warnings == ()


async def test_text_legs_ask_for_nothing() -> None:
    encoder = Encoder([1.0])
    encoded = await encode_query(encoder, "frog", [LegName.SPEECH_TEXT, LegName.METADATA_TEXT], deadline_seconds=1)

    assert encoder.asked == []
    assert (encoded.vectors, encoded.warnings) == ({}, ())


@pytest.mark.parametrize(
    "encoder",
    [
        Encoder(EncoderUnavailable("connection refused")),
        Encoder([0.0, 0.0]),
        Encoder([float("nan"), 1.0]),
        Encoder([0.6, 0.8], seconds=5),
    ],
    ids=["down", "zeros", "not finite", "too slow"],
)
async def test_a_leg_without_a_usable_vector_is_named_in_a_warning(encoder: Encoder) -> None:
    encoded = await encode_query(encoder, "frog", [LegName.SPEECH_TEXT, LegName.SPEECH_VECTOR], deadline_seconds=0.05)

    assert encoded.vectors == {}
    (warning,) = encoded.warnings
    assert "speech_vector" in warning
