"""Bring OpenSearch to what this folder says: templates, indices, aliases, stored scripts, and what `hybrid` holds."""

from __future__ import annotations

import sys
from typing import Any

import click
from opensearchpy import NotFoundError, OpenSearch, OpenSearchException, RequestError

from opensearch.bodies import Body, Names, load_bodies, load_scripts, signed
from opensearch.hybrid import Fusion, apply_hybrid
from opensearch.mappings import IndexMismatch, new_fields, refuse_conflicts, refuse_other_analysis
from opensearch.neural import model_ids
from opensearch.removal import remove

ALIASES = ("videos", "moments", "samples")


def apply(
    client: OpenSearch, *, model_set: str, index_prefix: str, picture_dimension: int, text_dimension: int
) -> list[str]:
    """Install what is missing or differs; what is already as wanted is left alone, so it can run at every start.

    An alias that exists stays where it points: moving it to another model set is a decision of its own.

    Args:
        client: a synchronous client.
        model_set: name of the model set whose indices are made.
        index_prefix: put before every name, so that several kadrs can share one cluster.
        picture_dimension: length of a picture vector.
        text_dimension: length of a speech vector.

    Returns:
        What changed, one plain sentence each; empty when nothing did.

    Raises:
        IndexMismatch: an existing index or name cannot become what is wanted.
        OpenSearchException: OpenSearch does not answer or refuses.
    """
    names = Names(index_prefix, model_set, picture_dimension, text_dimension)
    for alias in ALIASES:
        _refuse_mismatch(client, names, alias)
    changes = _apply_templates(client, names)
    for alias in ALIASES:
        changes += _apply_index(client, names, alias)
        changes += _apply_alias(client, names, alias)
    return changes + _apply_scripts(client, names)


def _apply_templates(client: OpenSearch, names: Names) -> list[str]:
    changes = []
    for stem, body in load_bodies("components", names).items():
        name, wanted = names.index_prefix + stem, signed(body)
        listed = _found(client.cluster.get_component_template, name=name).get("component_templates", [])
        if _digests(listed, "component_template") != [wanted["_meta"]["digest"]]:
            client.cluster.put_component_template(name=name, body=wanted)
            changes.append(f"component template {name} written")
    for stem, body in load_bodies("templates", names).items():
        name, wanted = names.index(stem), signed(body)
        listed = _found(client.indices.get_index_template, name=name).get("index_templates", [])
        if _digests(listed, "index_template") != [wanted["_meta"]["digest"]]:
            client.indices.put_index_template(name=name, body=wanted)
            changes.append(f"index template {name} written")
    return changes


def _digests(listed: list[Body], kind: str) -> list[Any]:
    return [entry[kind].get("_meta", {}).get("digest") for entry in listed]


def _apply_index(client: OpenSearch, names: Names, alias: str) -> list[str]:
    index = names.index(alias)
    try:
        client.indices.create(index=index)
    except RequestError as error:
        if error.error != "resource_already_exists_exception":
            raise
        return _extend_index(client, names, alias)
    return [f"index {index} created"]


def _extend_index(client: OpenSearch, names: Names, alias: str) -> list[str]:
    index, wanted = names.index(alias), _wanted_fields(names, alias)
    changes = _extend_analysis(client, names, index)
    fields = new_fields(wanted, client.indices.get_mapping(index=index)[index]["mappings"].get("properties", {}))
    if not fields:
        return changes
    client.indices.put_mapping(index=index, body={"properties": wanted})
    return [*changes, f"index {index} has the new fields {', '.join(fields)}"]


def _extend_analysis(client: OpenSearch, names: Names, index: str) -> list[str]:
    """Adds analyzers; OpenSearch takes them only while the index is closed, for about a second."""
    wanted = _wanted_analysis(names)
    present = client.indices.get_settings(index=index)[index]["settings"]["index"].get("analysis", {})
    lacking = {
        section: {name: part for name, part in parts.items() if name not in present.get(section, {})}
        for section, parts in wanted.items()
    }
    added = [name for parts in lacking.values() for name in parts]
    if not added:
        return []
    client.indices.close(index=index)
    try:
        client.indices.put_settings(index=index, body={"analysis": lacking})
    finally:
        client.indices.open(index=index)
    return [f"index {index} has the new text analysis {', '.join(added)}"]


def _refuse_mismatch(client: OpenSearch, names: Names, alias: str) -> None:
    index = names.index(alias)
    present = _found(client.indices.get, index=index).get(index)
    if present is None:
        return
    refuse_conflicts(index, _wanted_fields(names, alias), present["mappings"].get("properties", {}))
    refuse_other_analysis(index, _wanted_analysis(names), present["settings"]["index"].get("analysis", {}))


def _wanted_analysis(names: Names) -> Body:
    analysis: Body = load_bodies("components", names)["kadr-analysis"]["template"]["settings"]["analysis"]
    return analysis


def _wanted_fields(names: Names, alias: str) -> Body:
    fields: Body = load_bodies("templates", names)[alias]["template"]["mappings"]["properties"]
    return fields


def _apply_alias(client: OpenSearch, names: Names, alias: str) -> list[str]:
    name, index = names.index_prefix + alias, names.index(alias)
    if client.indices.exists_alias(name=name):
        return []
    if client.indices.exists(index=name):
        raise IndexMismatch(f"an index stands where the alias {name} belongs: delete the index {name}, then run again")
    client.indices.put_alias(index=index, name=name)
    return [f"alias {name} points to {index}"]


def _apply_scripts(client: OpenSearch, names: Names) -> list[str]:
    changes = []
    for stem, source in load_scripts().items():
        name, wanted = names.index_prefix + stem, {"lang": "painless", "source": source}
        if _found(client.get_script, id=name).get("script") != wanted:
            # With a context OpenSearch compiles the script now, so a mistake is refused here and not at the first use.
            client.put_script(id=name, context="update", body={"script": wanted})
            changes.append(f"stored script {name} written")
    return changes


def _found(read: Any, **arguments: str) -> Body:
    try:
        found: Body = read(**arguments)
    except NotFoundError:
        return {}
    return found


@click.command(help=__doc__)
@click.option("--url", envvar="KADR_OPENSEARCH_URL", default="http://127.0.0.1:9200", show_default=True)
@click.option(
    "--user", envvar="KADR_OPENSEARCH_USER", default="", help="User name; without one no credentials are sent."
)
@click.option("--password", envvar="KADR_OPENSEARCH_PASSWORD", default="", help="Better given in the environment.")
@click.option("--model-set", envvar="KADR_MODEL_SET", default="offline", show_default=True)
@click.option("--index-prefix", envvar="KADR_INDEX_PREFIX", default="", help="Put before every name.")
@click.option("--picture-dimension", type=int, help="Length of a picture vector of the model set.")
@click.option("--text-dimension", type=int, help="Length of a text vector of the model set.")
@click.option(
    "--leg-weights",
    type=(float, float, float),
    default=Fusion().weights,
    show_default=True,
    help="Weights of speech as text, speech as vector and pictures, as KADR_LEG_WEIGHT_* say.",
)
@click.option("--remove", "removes", is_flag=True, help="Take everything out again, but for the indices.")
@click.option("--indices", is_flag=True, help="With --remove: the indices too, with all that was indexed.")
def main(
    url: str,
    user: str,
    password: str,
    model_set: str,
    index_prefix: str,
    picture_dimension: int | None,
    text_dimension: int | None,
    leg_weights: tuple[float, float, float],
    removes: bool,
    indices: bool,
) -> None:
    """Run `apply` and `apply_hybrid`, or `remove`, from a shell and print what changed."""
    if indices and not removes:
        raise click.UsageError("--indices goes with --remove")
    if not removes and (picture_dimension is None or text_dimension is None):
        raise click.UsageError("--picture-dimension and --text-dimension are needed")
    client = OpenSearch(url, http_auth=(user, password) if user else None, timeout=60)
    where = {"model_set": model_set, "index_prefix": index_prefix}
    try:
        if removes:
            changes = remove(client, **where, indices=indices)
        else:
            fusion = Fusion(*leg_weights)
            changes = apply(
                client, **where, picture_dimension=picture_dimension or 0, text_dimension=text_dimension or 0
            )
            changes += apply_hybrid(client, **where, fusion=fusion, models=model_ids(client, **where))
    except (IndexMismatch, OpenSearchException, ValueError) as error:
        sys.exit(f"opensearch.apply: {error}")
    finally:
        client.close()
    for change in changes or ["nothing to change"]:
        click.echo(change)


if __name__ == "__main__":
    main()
