"""A worker does not start on an index that was made for other models."""

from types import SimpleNamespace
from typing import Any

import pytest
from opensearchpy.exceptions import ConnectionError as OpenSearchConnectionError
from opensearchpy.exceptions import NotFoundError

from encoders.client import EncoderUnavailable
from stream.dimensions import DimensionMismatch, check_dimensions

MODELS = SimpleNamespace(picture_model="clip", text_model="texts", picture_dimension=256, text_dimension=384)


def _answering(answer: Any) -> Any:
    async def call(**_: Any) -> Any:
        if isinstance(answer, Exception):
            raise answer
        return answer

    return call


async def _check(*, models: Any = MODELS, mappings: Any) -> None:
    encoder: Any = SimpleNamespace(model_set=_answering(models))
    opensearch: Any = SimpleNamespace(indices=SimpleNamespace(get_mapping=_answering(mappings)))
    await check_dimensions(encoder, opensearch, index="moments-mine")


def _mappings(visual: int, speech_vector: int) -> Any:
    fields = {"visual": {"dimension": visual}, "speech_vector": {"dimension": speech_vector}}
    return {"moments-mine": {"mappings": {"properties": fields}}}


async def test_the_dimensions_of_the_models_are_taken() -> None:
    await _check(mappings=_mappings(256, 384))


@pytest.mark.parametrize(
    ("visual", "speech_vector", "said"),
    [(768, 384, r"visual vectors of 768 .* make 256"), (256, 1024, r"speech_vector vectors of 1024 .* make 384")],
)
async def test_others_are_one_sentence(visual: int, speech_vector: int, said: str) -> None:
    with pytest.raises(DimensionMismatch, match=rf"moments-mine was made for {said}: .*KADR_MODEL_SET") as caught:
        await _check(mappings=_mappings(visual, speech_vector))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "answers",
    [
        {"models": EncoderUnavailable("down"), "mappings": _mappings(1, 1)},
        {"mappings": OpenSearchConnectionError("N/A", "down", Exception())},
        {"mappings": NotFoundError(404, "index_not_found_exception", {})},
    ],
)
async def test_what_does_not_answer_is_waited_for_elsewhere(answers: dict[str, Any]) -> None:
    await _check(**answers)
