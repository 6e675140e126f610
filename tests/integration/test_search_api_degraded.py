from collections.abc import Sequence

import httpx
import numpy as np
import numpy.typing as npt
import pytest
from opensearchpy import OpenSearch
from searching import Add, Encoder, ask, ids

pytest_plugins = ("search_fixtures",)


async def test_without_the_encoder_server_words_are_still_found(
    api: httpx.AsyncClient, add: Add, encoder: Encoder
) -> None:
    add("v1", "frog", title="Frog")
    encoder.down = True

    answer = await ask(api, "frogs")

    assert ids(answer) == ["v1"]
    assert set(answer["hits"][0]["legs"]) == {"speech_text", "metadata_text"}
    (warning,) = answer["warnings"]
    assert "encoder server" in warning and "speech_vector" in warning


async def test_meaning_alone_without_the_encoder_server_is_a_problem(
    api: httpx.AsyncClient, engine: OpenSearch, encoder: Encoder
) -> None:
    encoder.down = True

    response = await api.post("/search", json={"query": "frogs", "legs": {"speech_vector": 1}})

    assert response.status_code == 503
    assert "encoder server" in response.json()["detail"]


async def test_a_vector_of_another_model_costs_its_leg_only(
    api: httpx.AsyncClient, add: Add, monkeypatch: pytest.MonkeyPatch, encoder: Encoder
) -> None:
    add("v1", "frog")

    async def wider(texts: Sequence[str], **_: str) -> npt.NDArray[np.float32]:
        return np.ones((len(texts), 7), dtype=np.float32)

    monkeypatch.setattr(encoder, "embed_texts", wider)
    answer = await ask(api, "frogs")

    assert ids(answer) == ["v1"]
    assert "speech_vector" in answer["warnings"][0]


async def test_before_kadr_is_set_up_the_problem_says_what_to_do(api: httpx.AsyncClient) -> None:
    response = await api.post("/search", json={"query": "frogs"})

    assert response.status_code == 503
    assert "kadr init" in response.json()["detail"]
    ready = await api.get("/readyz")
    assert ready.status_code == 503
    assert "kadr init" in ready.json()["detail"]


async def test_ready_without_the_encoder_server_but_says_so(api: httpx.AsyncClient, engine: OpenSearch) -> None:
    response = await api.get("/readyz")

    assert response.status_code == 200
    assert response.json()["status"] == "ready"
    (missing,) = response.json()["missing"]
    assert "Only words are searched" in missing
