"""kadr's hybrid query inside OpenSearch: search pipelines that fuse its legs, and stored templates around a text.

A template asks the same legs as the search API does, for what plain words can say: quoted phrases, exclusions and the
calibrated cut-off are the API's. The pipeline of a moments index is its default one, because a pipeline that is named
in the body of a stored template is ignored; a plain query is left alone by it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from opensearchpy import NotFoundError, OpenSearch

from opensearch.bodies import Body, fill, load_search_templates, read_bodies

DEFAULT_PIPELINE = "kadr-rrf"
LEGS = ("speech_text", "speech_vector", "picture_vector")
# Installed by earlier versions, for any model set at once and without the leg of pictures.
OUTDATED_PIPELINES = ("kadr-rrf",)


@dataclass(frozen=True, slots=True)
class Fusion:
    """How the legs over moments are fused: weights in any proportion to each other, and the rank constant of RRF."""

    speech_text: float = 0.08
    speech_vector: float = 0.25
    picture_vector: float = 0.35
    rank_constant: int = 60

    def __post_init__(self) -> None:
        if min(self.weights) < 0 or not any(self.weights):
            raise ValueError(f"weights are not negative, and one at least is above 0: {self.weights = }")
        if self.rank_constant < 1:
            raise ValueError(f"a rank constant is 1 at least: {self.rank_constant = }")

    @property
    def weights(self) -> tuple[float, ...]:
        """The weights in the order of `LEGS`."""
        return tuple(getattr(self, leg) for leg in LEGS)

    def shares(self) -> dict[str, float]:
        """The weights by leg, which sum to 1 as OpenSearch wants them."""
        total = sum(self.weights)
        first, *others = (round(weight / total, 6) for weight in self.weights)
        return dict(zip(LEGS, (round(1 - sum(others), 6) if first else first, *others), strict=True))


def pipeline_name(stem: str, *, model_set: str, index_prefix: str) -> str:
    """The name of a search pipeline of a model set: its model ids are that set's own."""
    return f"{index_prefix}{stem}-{model_set}"


def apply_hybrid(
    client: OpenSearch, *, model_set: str, index_prefix: str, fusion: Fusion, models: Mapping[str, str]
) -> list[str]:
    """Install the pipelines of a model set and the stored templates, and make RRF the default of its moments index.

    Args:
        client: a synchronous client.
        model_set: whose moments index gets the default pipeline.
        index_prefix: put before every name.
        fusion: the weights of the legs.
        models: the id of OpenSearch's model by space ("text", "picture"); without both, `neural` queries and so the
            hybrid template need a `model_id` of their own, and the text templates work alone.

    Returns:
        What changed, one plain sentence each; empty when nothing did.

    Raises:
        OpenSearchException: OpenSearch does not answer or refuses.
    """
    changes = []
    for stem, body in pipelines(fusion, models).items():
        name = pipeline_name(stem, model_set=model_set, index_prefix=index_prefix)
        if _found(client.search_pipeline.get, id=name).get(name) != body:
            client.search_pipeline.put(id=name, body=body)
            changes.append(f"search pipeline {name} written")
    changes += _apply_default(client, model_set, index_prefix)
    for stem in OUTDATED_PIPELINES:
        if _found(client.search_pipeline.get, id=index_prefix + stem):
            client.search_pipeline.delete(id=index_prefix + stem)
            changes.append(f"search pipeline {index_prefix}{stem}, of an earlier version, removed")
    return changes + _apply_search_templates(client, index_prefix)


def pipelines(fusion: Fusion, models: Mapping[str, str]) -> dict[str, Body]:
    """Every search pipeline by its stem, placeholders filled."""
    placeholders: dict[str, Any] = {f"{{{leg}}}": share for leg, share in fusion.shares().items()}
    placeholders["{rank_constant}"] = fusion.rank_constant
    placeholders |= {f"{{{space}_model}}": models.get(space, "") for space in ("text", "picture")}
    bodies: dict[str, Body] = {stem: fill(body, placeholders) for stem, body in read_bodies("pipelines").items()}
    if not ("text" in models and "picture" in models):
        for body in bodies.values():
            del body["request_processors"]
    return bodies


def _apply_default(client: OpenSearch, model_set: str, index_prefix: str) -> list[str]:
    index = f"{index_prefix}moments-{model_set}"
    name = pipeline_name(DEFAULT_PIPELINE, model_set=model_set, index_prefix=index_prefix)
    if default_pipeline(client, index) == name:
        return []
    client.indices.put_settings(index=index, body={"index.search.default_pipeline": name})
    return [f"index {index} searches with the pipeline {name} unless another is named"]


def default_pipeline(client: OpenSearch, index: str) -> str | None:
    """The default search pipeline of an index; None if it has none, or there is no such index."""
    setting = "index.search.default_pipeline"
    present = _found(client.indices.get_settings, index=index, name=setting, flat_settings="true")
    name: str | None = present.get(index, {}).get("settings", {}).get(setting)
    return name


def _apply_search_templates(client: OpenSearch, index_prefix: str) -> list[str]:
    changes = []
    for stem, source in load_search_templates().items():
        name, wanted = index_prefix + stem, {"lang": "mustache", "source": source}
        present = _found(client.get_script, id=name).get("script", {})
        if {key: present.get(key) for key in wanted} != wanted:
            client.put_script(id=name, body={"script": wanted})
            changes.append(f"search template {name} written")
    return changes


def _found(read: Any, **arguments: Any) -> Body:
    try:
        found: Body = read(**arguments)
    except NotFoundError:
        return {}
    return found
