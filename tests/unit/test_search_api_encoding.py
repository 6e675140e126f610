import asyncio
from collections.abc import Sequence
from typing import Literal

import numpy as np
import pytest

from encoders.client import EncoderClient, EncoderUnavailable
from encoders.values import ModelSet, PictureInput
from search_api.contrast import contrast
from search_api.encoding import encode_query
from search_api.fusion import LegName
from search_api.legs import Vector
from search_api.query_vectors import QueryVectors
from search_api.syntax import parse
from search_api.warned import WarningCode

LEGS = list(LegName)
AWAY = ("кошка снега", "кошка снег")


class Encoder(EncoderClient):
    """Gives the same row for every text except snow, or fails."""

    def __init__(self, row: Sequence[float] | Exception, *, seconds: float = 0.0) -> None:
        super().__init__("http://127.0.0.1:9")
        self.row = row
        self.seconds = seconds
        self.words: tuple[str, ...] = ()
        self.text_words: tuple[str, ...] = ()
        self.asked: list[tuple[str, str]] = []
        self.texts: list[tuple[str, str]] = []

    async def model_set(self) -> ModelSet:
        """The picture model knows few words, or does not say."""
        picture = PictureInput(32, "squash", "bicubic", 0)
        return ModelSet("x", "p", "t", "s", 2, 2, picture, (), self.words, self.text_words)

    async def embed_texts(
        self, texts: Sequence[str], *, space: Literal["picture", "text"], purpose: Literal["query", "passage"]
    ) -> Vector:
        """One row for each text."""
        self.asked.append((space, purpose))
        self.texts += [(space, text) for text in texts]
        await asyncio.sleep(self.seconds)
        if isinstance(self.row, Exception):
            raise self.row
        return np.array([[0.0, 1.0] if text in AWAY else self.row for text in texts], dtype=np.float32)


async def test_each_vector_leg_asks_for_its_own_space() -> None:
    encoder = Encoder([0.6, 0.8])
    encoded = await encode_query(QueryVectors(encoder, capacity=0), parse("frog"), LEGS, deadline_seconds=1)

    assert set(encoded.vectors) == {LegName.SPEECH_VECTOR, LegName.PICTURE_VECTOR}
    assert sorted(encoder.asked) == [("picture", "query"), ("text", "query")]
    assert encoded.warnings == ()


async def test_a_vector_that_is_known_is_not_asked_for() -> None:
    encoder, known = Encoder([0.6, 0.8]), np.array([0.0, 1.0], np.float32)
    kept = QueryVectors(encoder, capacity=0)
    encoded = await encode_query(kept, parse("frog"), LEGS, {LegName.PICTURE_VECTOR: known}, deadline_seconds=1)

    assert encoder.asked == [("text", "query")]
    assert encoded.vectors[LegName.PICTURE_VECTOR] is known
    assert encoded.vectors[LegName.SPEECH_VECTOR] == pytest.approx([0.6, 0.8])


async def test_text_legs_ask_for_nothing() -> None:
    encoder = Encoder([1.0])
    legs = [LegName.SPEECH_TEXT, LegName.METADATA_TEXT]
    encoded = await encode_query(QueryVectors(encoder, capacity=0), parse("frog"), legs, deadline_seconds=1)

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
    legs = [LegName.SPEECH_TEXT, LegName.SPEECH_VECTOR]
    encoded = await encode_query(QueryVectors(encoder, capacity=0), parse("frog"), legs, deadline_seconds=0.05)

    assert encoded.vectors == {}
    (warning,) = encoded.warnings
    assert (warning.code, warning.legs) == (WarningCode.ENCODER_UNAVAILABLE, (LegName.SPEECH_VECTOR,))
    assert "speech_vector" in warning.message


@pytest.mark.parametrize("typed", ['"кошка" без снега', "кошка -снег"])
async def test_pictures_lead_away_from_what_is_left_out_and_no_vector_has_syntax_in_it(typed: str) -> None:
    encoder = Encoder([1.0, 0.0])
    wanted = parse(typed)
    encoded = await encode_query(QueryVectors(encoder, capacity=9), wanted, LEGS, deadline_seconds=1)

    assert sorted(encoder.texts) == sorted(
        [("picture", "кошка"), ("picture", f"кошка {wanted.excluded[0].text}"), ("text", "кошка")]
    )
    assert list(encoded.vectors[LegName.SPEECH_VECTOR]) == [1.0, 0.0]
    assert encoded.vectors[LegName.PICTURE_VECTOR] == pytest.approx(contrast(np.eye(2)[0], [np.eye(2)[1]]), abs=1e-6)


async def test_pictures_are_asked_for_what_their_model_knows_and_speech_for_all_of_it() -> None:
    encoder = Encoder([1.0, 0.0])
    encoder.words = ("yellow", "bus")
    wanted = parse("yellow bus, mayor spoke")
    encoded = await encode_query(QueryVectors(encoder, capacity=9), wanted, LEGS, deadline_seconds=1)

    assert sorted(encoder.texts) == [("picture", "yellow bus"), ("text", "yellow bus, mayor spoke")]
    assert encoded.shares == {LegName.PICTURE_VECTOR: 0.5}
    assert (encoded.warnings, encoded.unknown) == ((), frozenset())


@pytest.mark.parametrize("capacity", [0, 9])
async def test_a_model_that_knows_no_word_of_it_is_not_asked_which_is_no_failure(capacity: int) -> None:
    encoder = Encoder([1.0, 0.0])
    encoder.words = ("yellow", "bus")
    encoded = await encode_query(QueryVectors(encoder, capacity=capacity), parse("sushi"), LEGS, deadline_seconds=1)

    assert encoder.texts == [("text", "sushi")]
    assert set(encoded.vectors) == {LegName.SPEECH_VECTOR}
    assert encoded.unknown == {LegName.PICTURE_VECTOR}
    assert encoded.warnings == ()


async def test_speech_is_not_asked_for_what_its_model_never_heard_but_for_all_of_what_it_knows_in_part() -> None:
    encoder = Encoder([1.0, 0.0])
    encoder.text_words = ("mayor", "spoke")
    kept = QueryVectors(encoder, capacity=9)
    nothing = await encode_query(kept, parse("bagpipes"), LEGS, deadline_seconds=1)
    part = await encode_query(kept, parse("mayor bagpipes"), LEGS, deadline_seconds=1)

    assert nothing.unknown == {LegName.SPEECH_VECTOR} and nothing.warnings == ()
    assert ("text", "mayor bagpipes") in encoder.texts and ("text", "bagpipes") not in encoder.texts
    assert part.shares == {}


async def test_a_text_that_is_to_be_taken_whole_is_asked_for_whatever_the_model_knows() -> None:
    encoder = Encoder([1.0, 0.0])
    encoder.words = ("yellow", "bus")
    kept = QueryVectors(encoder, capacity=9)
    encoded = await encode_query(kept, parse("sushi"), LEGS, whole=True, deadline_seconds=1)

    assert sorted(encoder.texts) == [("picture", "sushi"), ("text", "sushi")]
    assert (encoded.shares, encoded.unknown) == ({}, frozenset())
