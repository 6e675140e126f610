from collections.abc import Sequence

import numpy as np
import pytest

from encoders.client import EncoderClient, EncoderUnavailable
from encoders.values import ModelSet, PictureInput, Purpose, Space, Vectors
from search_api import query_vectors
from search_api.query_vectors import QueryVectors


class Encoder(EncoderClient):
    """Counts what it is asked; its models have a version."""

    def __init__(self) -> None:
        super().__init__("http://127.0.0.1:9")
        self.asked: list[tuple[str, str]] = []
        self.version = 1
        self.down = False

    async def model_set(self) -> ModelSet:
        """The models, of the present version."""
        if self.down:
            raise EncoderUnavailable("it is down")
        picture = PictureInput(32, "squash", "bicubic", 0)
        return ModelSet("offline", f"clip-{self.version}", f"text-{self.version}", "speech", 3, 3, picture, ())

    async def embed_texts(self, texts: Sequence[str], *, space: Space, purpose: Purpose) -> Vectors:
        """A row that tells text, space and version apart."""
        if self.down:
            raise EncoderUnavailable("it is down")
        self.asked += [(space, text) for text in texts]
        return np.array([[len(text), len(space), self.version] for text in texts], np.float32)


@pytest.fixture
def encoder() -> Encoder:
    return Encoder()


@pytest.fixture
def always_ask_for_models(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(query_vectors, "_MODELS_FRESH_SECONDS", 0.0)


async def test_a_vector_is_asked_for_once(encoder: Encoder) -> None:
    kept = QueryVectors(encoder, capacity=10)

    first = await kept.vectors(["cat", "snow", "cat"], "picture")
    again = await kept.vectors(["snow", "cat", "ice"], "picture")

    assert encoder.asked == [("picture", "cat"), ("picture", "snow"), ("picture", "ice")]
    assert [list(vector) for vector in first] == [[3, 7, 1], [4, 7, 1], [3, 7, 1]]
    assert [list(vector) for vector in again] == [[4, 7, 1], [3, 7, 1], [3, 7, 1]]


async def test_the_spaces_are_kept_apart(encoder: Encoder) -> None:
    kept = QueryVectors(encoder, capacity=10)

    (picture,), (text,) = await kept.vectors(["cat"], "picture"), await kept.vectors(["cat"], "text")

    assert list(picture) != list(text)


async def test_the_vector_that_was_not_used_for_longest_goes_first(encoder: Encoder) -> None:
    kept = QueryVectors(encoder, capacity=2)
    for text in ("a", "bb", "a", "ccc"):
        await kept.vectors([text], "text")
    encoder.asked.clear()

    await kept.vectors(["a"], "text")
    assert encoder.asked == []
    await kept.vectors(["bb"], "text")
    assert encoder.asked == [("text", "bb")]
    assert len(kept) == 2


@pytest.mark.usefixtures("always_ask_for_models")
async def test_vectors_of_another_model_are_not_used(encoder: Encoder) -> None:
    kept = QueryVectors(encoder, capacity=10)
    await kept.vectors(["cat"], "text")
    encoder.version = 2

    (vector,) = await kept.vectors(["cat"], "text")

    assert list(vector) == [3, 4, 2]


@pytest.mark.usefixtures("always_ask_for_models")
async def test_what_is_kept_needs_no_encoder_server(encoder: Encoder) -> None:
    kept = QueryVectors(encoder, capacity=10)
    await kept.vectors(["cat"], "text")
    encoder.down = True

    (vector,) = await kept.vectors(["cat"], "text")

    assert list(vector) == [3, 4, 1]
    with pytest.raises(EncoderUnavailable):
        await kept.vectors(["dog"], "text")


async def test_without_room_nothing_is_kept_and_no_models_are_asked_for(encoder: Encoder) -> None:
    kept = QueryVectors(encoder, capacity=0)

    for _ in range(2):
        await kept.vectors(["cat"], "text")

    assert len(encoder.asked) == 2
    assert len(kept) == 0


async def test_what_is_kept_cannot_be_changed_by_who_reads_it(encoder: Encoder) -> None:
    kept = QueryVectors(encoder, capacity=10)
    await kept.vectors(["cat"], "text")
    (vector,) = await kept.vectors(["cat"], "text")

    with pytest.raises(ValueError, match="read-only"):
        vector[0] = 9.0
