"""Whatever the OpenAPI document allows, and much that it does not, is answered as it says, and never by a defect."""

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
import uvicorn
from frogs import Corpus
from hypothesis import HealthCheck, Phase, settings
from opensearchpy import OpenSearch
from schemathesis.checks import content_type_conformance, response_schema_conformance, status_code_conformance
from services import Scope

from infra.ports import free_ports
from opensearch.apply import apply
from search_api.app import create_app
from search_api.settings import SearchSettings

EXAMPLES = 15
VIDEO = "5c3d0a0f5b5f4e0f8f3c7d0f3b0a9c11"
CHECKS = [content_type_conformance, response_schema_conformance, status_code_conformance]
# Defaults, whatever the environment says: the document does not depend on them.
DOCUMENT = create_app(SearchSettings.model_construct()).openapi()
# Progress is told as long as somebody listens: it has tests of its own.
schema = schemathesis.openapi.from_dict(DOCUMENT).exclude(path_regex="/events$")


@pytest.fixture(scope="module")
def address(_scopes: Iterator[Scope]) -> Iterator[str]:
    """A search API over real indices, behind a real socket."""
    scope = next(_scopes)
    url = f"http://127.0.0.1:{free_ports(1)[0]}"
    chosen = scope.read(SearchSettings, encoder_url="http://127.0.0.1:9", api_url=url, deadline_seconds=20)
    client = OpenSearch(chosen.opensearch_url, timeout=60)
    apply(client, model_set="offline", index_prefix=chosen.index_prefix, picture_dimension=4, text_dimension=3)
    Corpus(client, chosen).write(VIDEO, "another", refresh="true")
    client.close()
    config = uvicorn.Config(create_app(chosen), host=chosen.listen_host, port=chosen.listen_port, log_level="warning")
    server = uvicorn.Server(config)
    serving = threading.Thread(target=server.run)
    serving.start()
    while not server.started:
        assert serving.is_alive(), "the API does not start"
        time.sleep(0.05)
    yield url
    server.should_exit = True
    serving.join()
    scope.remove()


@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_every_request_is_answered_as_the_document_says(case: schemathesis.Case[Any], address: str) -> None:
    response = case.call(base_url=address, timeout=60)

    assert response.status_code != 500, response.text
    case.validate_response(response, checks=CHECKS)


def texts(operation: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """What an operation takes and gives as JSON, errors apart."""
    described = [operation.get("requestBody", {})]
    described += [response for status, response in operation["responses"].items() if status.startswith("2")]
    for each in described:
        yield from (content for kind, content in each.get("content", {}).items() if kind == "application/json")


def has_example(content: dict[str, Any]) -> bool:
    reference = content.get("schema", {}).get("$ref", "").rsplit("/", 1)[-1]
    described = DOCUMENT["components"]["schemas"].get(reference, content.get("schema", {}))
    return bool({"example", "examples"} & (content.keys() | described.keys()))


@pytest.mark.parametrize("path", DOCUMENT["paths"])
def test_all_that_is_taken_and_given_as_json_is_shown_by_examples(path: str) -> None:
    for method, operation in DOCUMENT["paths"][path].items():
        if method != "head":
            assert all(map(has_example, texts(operation))), f"{method} {path}"
