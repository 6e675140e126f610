"""Let OpenSearch ask the encoder server itself: ML Commons connectors and models, one for each space of texts.

With them a `neural` query of any client needs a text only. OpenSearch chooses the models' ids: ask `model_ids`.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from opensearchpy import NotFoundError, OpenSearch, OpenSearchException, RequestError, TransportError

from opensearch.bodies import Body, fill, read_bodies, signed

SPACES = ("text", "picture")
# ML Commons wants a credential even where none is asked for.
NO_KEY = "none"
DEPLOY_SECONDS = 30.0
ML = "/_plugins/_ml"


class NeuralRefused(ValueError):
    """OpenSearch cannot call the encoder server; the message says what to change."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The encoder server as OpenSearch reaches it.

    Attributes:
        url: its address, without a path.
        api_key: its key; None where it asks for none.
    """

    url: str
    api_key: str | None = field(default=None, repr=False)


def apply_models(client: OpenSearch, endpoint: Endpoint, *, model_set: str, index_prefix: str) -> list[str]:
    """Install the connectors and models that are missing, or call another address than they should.

    A model keeps its id when its connector changes, so what refers to it goes on working.

    Returns:
        What changed, one plain sentence each; empty when nothing did.

    Raises:
        NeuralRefused: OpenSearch has no ML Commons, or does not trust the address.
        OpenSearchException: OpenSearch does not answer.
    """
    changes: list[str] = []
    for wanted in _connectors(endpoint, model_set, index_prefix):
        try:
            changes += _apply_model(client, wanted)
        except RequestError as error:
            raise NeuralRefused(_refusal(error, endpoint)) from error
    return changes


def model_ids(client: OpenSearch, *, model_set: str, index_prefix: str) -> dict[str, str]:
    """The ids of a set's models by space ("text", "picture"); a model that is not there is left out."""
    names = {space: f"{index_prefix}kadr-{space}-{model_set}" for space in SPACES}
    try:
        found = {space: _named(client, "models", name) for space, name in names.items()}
    except RequestError:
        # Without ML Commons there is no such address.
        return {}
    return {space: hit["_id"] for space, hit in found.items() if hit is not None}


def _connectors(endpoint: Endpoint, model_set: str, index_prefix: str) -> list[Body]:
    placeholders = {
        "{index_prefix}": index_prefix,
        "{model_set}": model_set,
        "{encoder_url}": endpoint.url.rstrip("/"),
        "{api_key}": endpoint.api_key or NO_KEY,
    }
    return [_described(fill(body, placeholders)) for body in read_bodies("connectors").values()]


def _described(body: Body) -> Body:
    # Connectors have no _meta and hide their credentials, so the description carries the digest.
    return {**body, "description": f"{body['description']} ({signed(body)['_meta']['digest'][:16]})"}


def _apply_model(client: OpenSearch, wanted: Body) -> list[str]:
    name = wanted["name"]
    connector, changes = _apply_connector(client, wanted)
    model = _named(client, "models", name)
    if model is None:
        registration = {
            "name": name,
            "function_name": "remote",
            "description": wanted["description"],
            "connector_id": connector,
        }
        model_id = client.http.post(f"{ML}/models/_register", body=registration)["model_id"]
        changes.append(f"model {name} registered")
    else:
        model_id = model["_id"]
    if _state(client, model_id) != "DEPLOYED":
        _deploy(client, model_id, name)
        changes.append(f"model {name} deployed")
    return changes


def _apply_connector(client: OpenSearch, wanted: Body) -> tuple[str, list[str]]:
    name = wanted["name"]
    present = _named(client, "connectors", name)
    if present is None:
        created = client.http.post(f"{ML}/connectors/_create", body=wanted)
        return created["connector_id"], [f"connector {name} created"]
    connector = present["_id"]
    if present["_source"]["description"] == wanted["description"]:
        return connector, []
    model = _named(client, "models", name)
    if model is not None:
        client.http.post(f"{ML}/models/{model['_id']}/_undeploy")
    client.http.put(f"{ML}/connectors/{connector}", body=wanted)
    return connector, [f"connector {name} changed"]


def _deploy(client: OpenSearch, model_id: str, name: str) -> None:
    # Right after the first model of a cluster, its own index may not answer yet and the deployment fails.
    deadline = time.monotonic() + DEPLOY_SECONDS
    while True:
        client.http.post(f"{ML}/models/{model_id}/_deploy")
        while (state := _state(client, model_id)) in ("DEPLOYING", "REGISTERED"):
            _wait(deadline, name, state)
        if state == "DEPLOYED":
            return
        _wait(deadline, name, state)


def _wait(deadline: float, name: str, state: str) -> None:
    if time.monotonic() > deadline:
        raise OpenSearchException(f"the model {name} is {state} and not deployed after {DEPLOY_SECONDS:g} s")
    time.sleep(0.2)


def _state(client: OpenSearch, model_id: str) -> str:
    state: str = client.http.get(f"{ML}/models/{model_id}").get("model_state", "")
    return state


def _named(client: OpenSearch, kind: str, name: str) -> Any:
    query = {"size": 1, "query": {"bool": {"filter": [{"term": {"name.keyword": name}}]}}}
    try:
        hits = client.http.post(f"{ML}/{kind}/_search", body=query)["hits"]["hits"]
    except NotFoundError:
        return None
    return hits[0] if hits else None


def _refusal(error: TransportError, endpoint: Endpoint) -> str:
    reason = _reason(error).rstrip(".")
    if "no handler found" in reason:
        return (
            "OpenSearch has no ML Commons plugin: install opensearch-ml-plugin and neural-search there, "
            "or set KADR_OPENSEARCH_MODELS=false and do without neural queries"
        )
    return (
        f"OpenSearch refuses to call the encoder server at {endpoint.url} ({reason}): see "
        "plugins.ml_commons.trusted_connector_endpoints_regex and plugins.ml_commons.connector.private_ip_enabled "
        "in its opensearch.yml, or set KADR_OPENSEARCH_MODELS=false"
    )


def _reason(error: TransportError) -> str:
    told = error.info.get("error") if isinstance(error.info, dict) else None
    return str(told.get("reason", error.error) if isinstance(told, dict) else told or error.error)
