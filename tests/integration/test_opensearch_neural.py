"""OpenSearch asks the encoder server itself: the same vectors, and `neural` queries that need a text only."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import numpy as np
import pytest
from opensearchpy import OpenSearch, OpenSearchException
from services import ENCODER_KEY, Scope

from encoders.client import EncoderClient
from opensearch.neural import Endpoint, NeuralRefused, apply_models, model_ids

TEXTS = [
    "a frog sits on a leaf",
    'лягушка «сидит» на листе, и "смотрит"',
    "line one\nline two \\ / \u2028 \t 100 % {braces}",
]


@pytest.fixture
def client(scope: Scope) -> Iterator[OpenSearch]:
    client = OpenSearch(scope.opensearch_url, timeout=60)
    yield client
    for kind in ("models", "connectors"):
        found = client.http.post(f"/_plugins/_ml/{kind}/_search", body={"size": 100, "query": {"match_all": {}}})
        for hit in found["hits"]["hits"]:
            if hit["_source"]["name"].startswith(scope.index_prefix):
                if kind == "models":
                    client.http.post(f"/_plugins/_ml/models/{hit['_id']}/_undeploy")
                client.http.delete(f"/_plugins/_ml/{kind}/{hit['_id']}")
    client.close()


def install(client: OpenSearch, scope: Scope, url: str | None = None) -> list[str]:
    endpoint = Endpoint(url or scope.encoder_url, ENCODER_KEY)
    return apply_models(client, endpoint, model_set="offline", index_prefix=scope.index_prefix)


def ids(client: OpenSearch, scope: Scope) -> dict[str, str]:
    return model_ids(client, model_set="offline", index_prefix=scope.index_prefix)


@pytest.mark.parametrize("space", ["text", "picture"])
async def test_the_connector_gives_the_vectors_of_the_encoder(client: OpenSearch, scope: Scope, space: str) -> None:
    install(client, scope)
    body = {"text_docs": TEXTS, "return_number": True, "target_response": ["sentence_embedding"]}

    answer = client.http.post(f"/_plugins/_ml/_predict/text_embedding/{ids(client, scope)[space]}", body=body)

    rows = [output["data"] for result in answer["inference_results"] for output in result["output"]]
    served = np.array(rows, np.float32)
    async with EncoderClient(scope.encoder_url, api_key=ENCODER_KEY) as encoder:
        wanted = await encoder.embed_texts(TEXTS, space=space, purpose="query")  # type: ignore[arg-type]
    assert served.shape == wanted.shape
    assert (served * wanted).sum(axis=1).min() >= 0.9999


def test_the_second_run_changes_nothing(client: OpenSearch, scope: Scope) -> None:
    first = install(client, scope)

    assert f"connector {scope.index_prefix}kadr-text-offline created" in first
    assert f"model {scope.index_prefix}kadr-picture-offline deployed" in first
    assert install(client, scope) == []


def test_a_neural_query_needs_a_text_only(client: OpenSearch, ready_scope: Scope) -> None:
    install(client, ready_scope)
    query = {"neural": {"visual": {"query_text": "a frog", "model_id": ids(client, ready_scope)["picture"], "k": 3}}}

    answer = client.search(index=f"{ready_scope.index_prefix}moments", body={"query": query})

    assert answer["hits"]["total"]["value"] == 0 and answer["_shards"]["failed"] == 0


def test_another_address_is_taken_over_and_the_ids_stay(client: OpenSearch, scope: Scope) -> None:
    install(client, scope)
    before = ids(client, scope)
    asked: list[str] = []

    class Elsewhere(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(self.path)
            self.send_response(500)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Elsewhere)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    changes = install(client, scope, f"http://127.0.0.1:{server.server_port}")
    with pytest.raises(OpenSearchException):
        client.http.post(
            f"/_plugins/_ml/_predict/text_embedding/{before['text']}",
            body={"text_docs": ["frog"], "return_number": True, "target_response": ["sentence_embedding"]},
        )
    server.shutdown()
    server.server_close()

    assert f"connector {scope.index_prefix}kadr-text-offline changed" in changes
    assert ids(client, scope) == before
    assert set(asked) == {"/v1/embeddings"}


def test_an_address_that_opensearch_does_not_trust_is_one_clear_error(client: OpenSearch, scope: Scope) -> None:
    with pytest.raises(NeuralRefused, match=r"refuses to call .*trusted_connector_endpoints_regex"):
        install(client, scope, "http://encoder.example.com:8801")
