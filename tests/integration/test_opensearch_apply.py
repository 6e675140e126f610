from collections.abc import Iterator
from typing import Any

import pytest
from click.testing import CliRunner
from opensearchpy import OpenSearch, RequestError
from services import Scope

from opensearch.apply import apply, main
from opensearch.mappings import IndexMismatch

PICTURE, TEXT = 4, 3


@pytest.fixture
def prefix(scope: Scope) -> str:
    return scope.index_prefix


@pytest.fixture
def client(scope: Scope) -> Iterator[OpenSearch]:
    client = OpenSearch(scope.opensearch_url, timeout=60)
    yield client
    client.close()


def install(client: OpenSearch, prefix: str, **changes: Any) -> list[str]:
    wanted: dict[str, Any] = {
        "model_set": "offline",
        "index_prefix": prefix,
        "picture_dimension": PICTURE,
        "text_dimension": TEXT,
    }
    return apply(client, **{**wanted, **changes})


def tokens(client: OpenSearch, prefix: str, text: str, analyzer: str = "ru_en") -> list[str]:
    answer = client.indices.analyze(index=f"{prefix}moments", body={"analyzer": analyzer, "text": text})
    return [token["token"] for token in answer["tokens"]]


def test_the_first_run_makes_everything_and_the_second_nothing(client: OpenSearch, prefix: str) -> None:
    first = install(client, prefix)

    assert f"index {prefix}moments-offline created" in first
    assert f"alias {prefix}videos points to {prefix}videos-offline" in first
    assert install(client, prefix) == []


def test_scripts_are_stored_under_the_prefix(client: OpenSearch, prefix: str) -> None:
    install(client, prefix)

    assert client.get_script(id=f"{prefix}ledger-done")["script"]["lang"] == "painless"


@pytest.mark.parametrize("changed", ["picture_dimension", "text_dimension"])
def test_another_dimension_is_one_clear_error_and_changes_nothing(
    client: OpenSearch, prefix: str, changed: str
) -> None:
    install(client, prefix)

    with pytest.raises(IndexMismatch, match=rf"{prefix}moments-offline .* but 7 is wanted: use another model set"):
        install(client, prefix, **{changed: 7})
    assert install(client, prefix) == []


def test_an_index_that_lacks_fields_gets_them(client: OpenSearch, prefix: str) -> None:
    install(client, prefix)
    mapping = client.indices.get_mapping(index=f"{prefix}videos-offline")[f"{prefix}videos-offline"]["mappings"]
    settings = client.indices.get_settings(index=f"{prefix}videos-offline")[f"{prefix}videos-offline"]["settings"]
    client.indices.delete(index=f"{prefix}videos-offline")
    client.indices.delete_index_template(name=f"{prefix}videos-offline")
    del mapping["properties"]["summary"], mapping["properties"]["title"]["fields"]["keyword"]
    analysis = {"analysis": settings["index"]["analysis"]}
    client.indices.create(index=f"{prefix}videos-offline", body={"mappings": mapping, "settings": analysis})

    changes = install(client, prefix)

    assert f"index {prefix}videos-offline has the new fields title.keyword, summary" in changes
    assert install(client, prefix) == []


def test_an_alias_of_another_model_set_stays(client: OpenSearch, prefix: str) -> None:
    install(client, prefix)
    changes = install(client, prefix, model_set="other", text_dimension=9)

    assert f"index {prefix}moments-other created" in changes
    assert list(client.indices.get_alias(name=f"{prefix}moments")) == [f"{prefix}moments-offline"]
    assert install(client, prefix, model_set="other", text_dimension=9) == []


def test_an_index_in_the_place_of_an_alias_is_refused(client: OpenSearch, prefix: str) -> None:
    client.indices.create(index=f"{prefix}videos")

    with pytest.raises(IndexMismatch, match=f"delete the index {prefix}videos"):
        install(client, prefix)


@pytest.mark.parametrize("alias", ["videos", "moments"])
def test_unknown_fields_are_refused(client: OpenSearch, prefix: str, alias: str) -> None:
    install(client, prefix)

    with pytest.raises(RequestError) as refusal:
        client.index(index=f"{prefix}{alias}", body={"video_id": "v", "surprise": 1})
    assert refusal.value.error == "strict_dynamic_mapping_exception"


def test_a_ledger_document_of_the_protocol_fits(client: OpenSearch, prefix: str) -> None:
    install(client, prefix)
    source = {"etag": "e", "version_id": None, "last_modified": "2026-11-21T10:00:00.000+00:00", "size": 1 << 40}
    document = {
        "video_id": "v",
        "looks": 1,
        "source": source,
        "withdrawn": {"source": source, "at": {"timestamp_ms": 1795252555712, "offset": 16}},
        "metadata_at": {"timestamp_ms": 1795252555712, "offset": 17},
        "spans": [{"state": "p", "run": None, "lost": 0, "record": None, "reason": None}],
        "media": {"container": "mov", "anything": {"goes": True}},
        "timings": {"decode_seconds": 1.5},
        "attributes": {"show": "news", "episode": 4},
    }

    assert client.index(index=f"{prefix}videos", id="v", body=document)["result"] == "created"


FORMS = [
    ("кошка", "кошками"),
    ("бежал", "бежали"),
    ("страна", "страной"),
    ("красивый", "красивые"),
    ("ёлка", "елки"),
    ("Ёжик", "ежики"),
    ("е\u0308лка", "ёлка"),
    ("чаи\u0306ка", "чайка"),
    ("running", "runs"),
    ("countries", "country"),
    ("country's", "country"),
    ("country\u2019s", "COUNTRY"),
    ("videos", "Video"),
]


def test_forms_of_a_word_are_one(client: OpenSearch, prefix: str) -> None:
    install(client, prefix)

    for one, other in FORMS:
        assert tokens(client, prefix, one) == tokens(client, prefix, other), (one, other)
        assert len(tokens(client, prefix, one)) == 1, one


def test_stop_words_of_both_languages_go_and_the_rest_of_a_mixed_sentence_stays(
    client: OpenSearch, prefix: str
) -> None:
    install(client, prefix)

    assert tokens(client, prefix, "и the в of на") == []
    assert tokens(client, prefix, "The кошка и frogs на a снегу") == ["кошк", "frog", "снег"]


def test_the_exact_words_keep_forms_and_stop_words(client: OpenSearch, prefix: str) -> None:
    install(client, prefix)

    assert tokens(client, prefix, "Ёлки AND frogs", "ru_en_exact") == ["елки", "and", "frogs"]


def test_from_a_shell(scope: Scope, prefix: str) -> None:
    arguments = ["--url", scope.opensearch_url, "--index-prefix", prefix, "--picture-dimension", "4"]

    first = CliRunner().invoke(main, [*arguments, "--text-dimension", "3"])
    second = CliRunner().invoke(main, [*arguments, "--text-dimension", "3"])
    wrong = CliRunner().invoke(main, [*arguments, "--text-dimension", "5"])

    assert first.exit_code == 0, first.output
    assert f"index {prefix}moments-offline created" in first.output
    assert second.output == "nothing to change\n"
    assert wrong.exit_code == 1
    assert "Traceback" not in wrong.output
