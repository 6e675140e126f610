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
    assert (warning["code"], warning["legs"]) == ("encoder_unavailable", ["speech_vector", "picture_vector"])
    assert "encoder server" in warning["message"]
    table = await api.post("/search", params={"format": "csv"}, json={"query": "frogs"})
    assert table.headers["kadr-warnings"] == "encoder_unavailable"


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
    codes = {leg: warning["code"] for warning in answer["warnings"] for leg in warning["legs"]}
    assert codes["speech_vector"] == "leg_failed"


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


async def test_with_the_query_s_vectors_nobody_needs_the_encoder_server(
    api: httpx.AsyncClient, add: Add, encoder: Encoder
) -> None:
    add("v1", "frog", title="Frog")
    add("v2", "cat")
    encoder.down = True
    vectors = {"speech_vector": [0.0, 0.0, 7.0], "picture_vector": [0.5, 0.5, 0.5, 0.5]}

    answer = await ask(api, "unheard", vectors=vectors, legs={"speech_vector": 1.0}, min_confidence=0)

    assert ids(answer)[0] == "v2" and answer["warnings"] == []


async def test_a_vector_of_another_model_is_refused(api: httpx.AsyncClient, add: Add) -> None:
    add("v1", "frog")

    response = await api.post("/search", json={"query": "frog", "vectors": {"speech_vector": [1.0, 0.0]}})

    assert response.status_code == 422
    assert response.json()["detail"].startswith("vectors.speech_vector: ") and "dimension" in response.json()["detail"]
