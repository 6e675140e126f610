"""Take out of OpenSearch what this package put there."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from opensearchpy import NotFoundError, OpenSearch, RequestError

from opensearch.bodies import load_scripts, load_search_templates, read_bodies
from opensearch.hybrid import OUTDATED_PIPELINES, default_pipeline, pipeline_name
from opensearch.neural import ML, SPACES

NO_PIPELINE = "_none"


def remove(client: OpenSearch, *, model_set: str, index_prefix: str, indices: bool = False) -> list[str]:
    """Remove what belongs to a model set, and what all sets share once no other one is left.

    Nothing is indexed any more until `apply` runs again: workers need the stored scripts.

    Args:
        client: a synchronous client.
        model_set: whose templates, pipelines, connectors and models go.
        index_prefix: as it was given to `apply`.
        indices: whether the indices go too, with all that was ever indexed, the ledger included.

    Returns:
        What was removed, one plain sentence each; empty when nothing was there.

    Raises:
        OpenSearchException: OpenSearch does not answer or refuses.
    """
    names = [f"{index_prefix}{alias}-{model_set}" for alias in ("videos", "moments", "samples")]
    changes = [line for name in names for line in _remove_index(client, name, indices)]
    changes += [
        f"index template {name} removed" for name in names if _gone(client.indices.delete_index_template, name=name)
    ]
    for stem in read_bodies("pipelines"):
        name = pipeline_name(stem, model_set=model_set, index_prefix=index_prefix)
        if _gone(client.search_pipeline.delete, id=name):
            changes.append(f"search pipeline {name} removed")
    changes += _remove_models(client, model_set, index_prefix)
    others = _other_sets(client, index_prefix)
    if others:
        return [*changes, f"what {', '.join(others)} needs too was left there"] if changes else []
    return changes + _remove_shared(client, index_prefix)


def _remove_index(client: OpenSearch, name: str, indices: bool) -> list[str]:
    if indices:
        return [f"index {name} removed, with all that was in it"] if _gone(client.indices.delete, index=name) else []
    if default_pipeline(client, name) in (None, NO_PIPELINE):
        return []
    client.indices.put_settings(index=name, body={"index.search.default_pipeline": NO_PIPELINE})
    return [f"index {name} searches without a pipeline"]


def _remove_models(client: OpenSearch, model_set: str, index_prefix: str) -> list[str]:
    changes = []
    for space in SPACES:
        name = f"{index_prefix}kadr-{space}-{model_set}"
        for kind in ("models", "connectors"):
            for id_ in _ids(client, kind, name):
                if kind == "models":
                    client.http.post(f"{ML}/models/{id_}/_undeploy")
                client.http.delete(f"{ML}/{kind}/{id_}")
                changes.append(f"{kind[:-1]} {name} removed")
    return changes


def _ids(client: OpenSearch, kind: str, name: str) -> list[str]:
    query = {"size": 10, "query": {"bool": {"filter": [{"term": {"name.keyword": name}}]}}}
    try:
        hits = client.http.post(f"{ML}/{kind}/_search", body=query)["hits"]["hits"]
    except (NotFoundError, RequestError):
        # Before the first model there is no index of models, and without ML Commons no such address.
        return []
    return [hit["_id"] for hit in hits]


def _other_sets(client: OpenSearch, index_prefix: str) -> list[str]:
    start = f"{index_prefix}moments-"
    try:
        listed = client.indices.get_index_template(name=f"{start}*").get("index_templates", [])
    except NotFoundError:
        return []
    return [f"model set {entry['name'].removeprefix(start)}" for entry in listed]


def _remove_shared(client: OpenSearch, index_prefix: str) -> list[str]:
    stems: dict[str, tuple[Any, str, Iterable[str]]] = {
        "component template": (client.cluster.delete_component_template, "name", read_bodies("components")),
        "stored script": (client.delete_script, "id", load_scripts()),
        "search template": (client.delete_script, "id", load_search_templates()),
        "search pipeline": (client.search_pipeline.delete, "id", OUTDATED_PIPELINES),
    }
    return [
        f"{kind} {index_prefix}{stem} removed"
        for kind, (delete, key, present) in stems.items()
        for stem in present
        if _gone(delete, **{key: index_prefix + stem})
    ]


def _gone(delete: Any, **arguments: Any) -> bool:
    """Delete something; False if it was not there."""
    try:
        delete(**arguments)
    except NotFoundError:
        return False
    return True
