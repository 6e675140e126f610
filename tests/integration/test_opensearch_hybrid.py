"""kadr's hybrid query as any client of OpenSearch runs it, on the real encoder server: the same order as the API's."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from itertools import pairwise
from random import Random
from typing import Any

import httpx
import numpy as np
import pytest
from click.testing import CliRunner
from opensearchpy import NotFoundError, OpenSearch
from PIL import Image
from services import ENCODER_KEY, Scope

from encoders.client import EncoderClient
from encoders.training.language import grammar
from encoders.training.pictures import facts, scenes
from infra.initialise import add_indices, init, remove_indices
from opensearch.hybrid import Fusion
from search_api.app import create_app
from search_api.settings import SearchSettings

MOMENTS, OF_A_VIDEO = 80, 4
QUERIES = (
    "a red car in the rain",
    "красная машина под дождём",
    "the river is frozen and the animals are sleeping",
    "new hospital",
    "новая больница в городе",
    "кошка",
    "кошек на снегу",
    "учитель читает сказку детям",
    "teachers reading stories",
    "prise of bred and milk",
    "поезд в горы",
    "who are you",
    "two boats, three birds and one lighthouse in the evening",
    "the museum is showing old paintings",
    "подарок брату",
    'he said: "look at the sea" \\ and left',
)


def sentences() -> list[str]:
    """Sentences of both languages, some of which share words."""
    random = Random(11)
    told = [grammar.sentence(("en", "ru")[n % 2], random) for n in range(MOMENTS - 6)]
    return [
        *told,
        "The river is frozen and all the animals are sleeping.",
        "Купили подарки маме и подарок брату.",
        "Стая кошек бежит по снегу.",
        "Рыжая кошка спит у окна.",
        "The price of bread and milk has gone up again.",
        "Who are you, and who is he?",
    ]


async def vectors(url: str) -> tuple[list[Any], list[Any]]:
    """Real vectors of sentences and of drawn pictures."""
    random = Random(5)
    async with EncoderClient(url, timeout_seconds=120, api_key=ENCODER_KEY) as encoder:
        size = (await encoder.model_set()).picture_input.size
        drawn = [scenes.draw(facts.trained(random), random) for _ in range(MOMENTS)]
        frames = np.stack([np.asarray(one.resize((size, size), Image.Resampling.BICUBIC)) for one in drawn])
        pictures = await encoder.embed_frames(frames)
        speech = await encoder.embed_texts(sentences(), space="text", purpose="passage")
    return list(speech), list(pictures)


@pytest.fixture
def models(scope: Scope) -> Iterator[Scope]:
    """A scope whose OpenSearch calls the encoder server, as after `kadr init`; all of it is taken out afterwards."""
    chosen = Scope(scope.number, scope.settings.model_copy(update={"opensearch_models": True}))
    add_indices(chosen.settings)
    yield chosen
    remove_indices(chosen.settings, indices=True)


@pytest.fixture
def engine(models: Scope) -> Iterator[OpenSearch]:
    client = OpenSearch(models.opensearch_url, timeout=60)
    speech, pictures = asyncio.run(vectors(models.encoder_url))
    lines: list[dict[str, Any]] = []
    for video in range(MOMENTS // OF_A_VIDEO):
        span = {"state": "d", "run": "won", "lost": 0, "record": None, "reason": None}
        body = {
            "video_id": f"v{video:02d}",
            "bucket": "videos",
            "key": f"{video}.mp4",
            "revision": 1,
            "status": "ready",
        }
        lines += [
            {"index": {"_index": f"{models.index_prefix}videos", "_id": f"v{video:02d}"}},
            {**body, "title": f"Film {video}", "spans": [span]},
        ]
    for n, text in enumerate(sentences()):
        name = f"v{n // OF_A_VIDEO:02d}"
        fields = {"video_id": name, "bucket": "videos", "revision": 1, "span": 0, "run": "won", "speech": text}
        lines += [
            {"index": {"_index": f"{models.index_prefix}moments", "_id": f"{name}:1:0:won:{n % OF_A_VIDEO}"}},
            {
                **fields,
                "start_seconds": 5.0 * (n % OF_A_VIDEO),
                "stop_seconds": 5.0 * (n % OF_A_VIDEO) + 5.0,
                "speech_vector": speech[n].tolist(),
                "visual": pictures[n].tolist(),
                "language": "ru" if n % 2 else "en",
            },
        ]
    assert client.bulk(body=lines, params={"refresh": "true"})["errors"] is False
    yield client
    client.close()


@pytest.fixture
async def api(models: Scope, engine: OpenSearch) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(models.read(SearchSettings))
    transport = httpx.ASGITransport(app)
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=transport, base_url="http://kadr") as api:
        yield api


def inside(client: OpenSearch, scope: Scope, template: str, **params: Any) -> list[dict[str, Any]]:
    body = {"id": f"{scope.index_prefix}{template}", "params": params}
    answer = client.search_template(index=f"{scope.index_prefix}moments", body=body)
    assert answer["_shards"]["failed"] == 0
    hits: list[dict[str, Any]] = answer["hits"]["hits"]
    return hits


async def asked(api: httpx.AsyncClient, query: str, weights: dict[str, float]) -> list[tuple[str, float]]:
    as_they_are = {"min_confidence": 0, "collapse": False, "fusion": "rrf"}
    asked = {"legs": weights, "group_by": "moment", "limit": 100, **as_they_are}
    answer = (await api.post("/search", json={"query": query, **asked})).json()
    return [(f"{h['video_id']}:{h['moments'][0]['start_seconds']:g}", h["score"]) for h in answer["hits"]]


def placed(hit: dict[str, Any]) -> str:
    return f"{hit['_source']['video_id']}:{hit['_source']['start_seconds']:g}"


async def test_a_template_with_only_a_text_gives_the_order_of_the_api(
    api: httpx.AsyncClient, engine: OpenSearch, models: Scope
) -> None:
    """For plain words; of phrases in quotation marks and exclusions OpenSearch's template knows nothing.

    One shard, weights that differ. Scores that are equal to eight digits are ties: the API puts them in the order of
    their ids, OpenSearch in an order of its own.
    """
    weights = Fusion().shares()
    for query in QUERIES[:-1]:
        theirs = await asked(api, query, weights)
        ours = inside(engine, models, "kadr-hybrid", text=query, size=100)

        assert len(theirs) == len(ours) == MOMENTS, query
        assert ties_sorted([(placed(hit), hit["_score"]) for hit in ours]) == ties_sorted(theirs), query


def ties_sorted(ranked: list[tuple[str, float]]) -> list[str]:
    """The names in their order; those of one score in the order of their names."""
    groups: list[list[str]] = [[ranked[0][0]]]
    for (_, before), (name, score) in pairwise(ranked):
        if abs(before - score) > 1e-8:
            groups.append([])
        groups[-1].append(name)
    return [name for group in groups for name in sorted(group)]


def test_any_text_is_only_a_text(engine: OpenSearch, models: Scope) -> None:
    for text in (QUERIES[-1], '"}}, "size": 0, {{#x}}', "{{text}} \n \t %", "ё" * 300):
        for template in ("kadr-hybrid", "kadr-speech"):
            assert len(inside(engine, models, template, text=text)) <= 10
    assert len(inside(engine, models, "kadr-hybrid", text="a red car")) == 10


def test_a_filter_holds_in_every_leg(engine: OpenSearch, models: Scope) -> None:
    for template in ("kadr-hybrid", "kadr-speech"):
        hits = inside(engine, models, template, text="кошка", size=80, filter={"term": {"language": "ru"}})

        assert hits and {hit["_source"]["language"] for hit in hits} == {"ru"}
    assert len(inside(engine, models, "kadr-hybrid", text="кошка", size=80, filter={"term": {"language": "ru"}})) == 40


def test_the_answer_is_readable(engine: OpenSearch, models: Scope) -> None:
    first = inside(engine, models, "kadr-hybrid", text="frozen river")[0]

    assert "the river is frozen" in first["_source"]["speech"].lower()
    assert not {"visual", "speech_vector", "words"} & set(first["_source"])
    assert "<em>frozen</em>" in first["highlight"]["speech"][0]


def test_scores_can_be_normalised_instead(engine: OpenSearch, models: Scope) -> None:
    answer = engine.search_template(
        index=f"{models.index_prefix}moments",
        body={"id": f"{models.index_prefix}kadr-hybrid", "params": {"text": "price of bread and milk"}},
        params={"search_pipeline": f"{models.index_prefix}kadr-normalised-offline"},
    )

    best = answer["hits"]["hits"][0]
    assert best["_source"]["speech"].startswith("The price of bread")
    assert 0.5 < best["_score"] <= 1


def test_videos_are_found_by_their_title(engine: OpenSearch, models: Scope) -> None:
    body = {"id": f"{models.index_prefix}kadr-videos", "params": {"text": "films 7"}}

    hits = engine.search_template(index=f"{models.index_prefix}videos", body=body)["hits"]["hits"]

    assert hits[0]["_id"] == "v07" and "spans" not in hits[0]["_source"]


def test_plain_queries_are_what_they_were(engine: OpenSearch, models: Scope) -> None:
    index, body = f"{models.index_prefix}moments", {"query": {"match": {"speech": "кошка"}}}

    own = engine.search(index=index, body=body)
    bare = engine.search(index=index, body=body, params={"search_pipeline": "_none"})

    assert own["hits"] == bare["hits"] and own["hits"]["total"]["value"] >= 1


def test_a_second_run_changes_nothing_and_other_weights_are_taken_over(
    models: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert add_indices(models.settings) == []

    monkeypatch.setenv("KADR_LEG_WEIGHT_PICTURE_VECTOR", "0.5")
    assert add_indices(models.settings) == [
        f"search pipeline {models.index_prefix}kadr-normalised-offline written",
        f"search pipeline {models.index_prefix}kadr-rrf-offline written",
    ]


def test_an_index_of_an_earlier_version_gets_the_analysis_it_lacks(models: Scope) -> None:
    client = OpenSearch(models.opensearch_url, timeout=60)
    index = f"{models.index_prefix}videos-offline"
    mapping = client.indices.get_mapping(index=index)[index]["mappings"]
    analysis = client.indices.get_settings(index=index)[index]["settings"]["index"]["analysis"]
    for name in [name for name in analysis["analyzer"] if name.endswith("_query")]:
        del analysis["analyzer"][name]
    client.indices.delete(index=index)
    client.indices.delete_index_template(name=index)
    client.indices.create(index=index, body={"mappings": mapping, "settings": {"analysis": analysis}})

    changes = add_indices(models.settings)

    assert any(line.startswith(f"index {index} has the new text analysis ru_en_query") for line in changes), changes
    assert client.cat.indices(index=index, params={"h": "status"}).strip() == "open"
    assert add_indices(models.settings) == []
    client.close()


def test_the_pipeline_of_an_earlier_version_goes(models: Scope) -> None:
    client = OpenSearch(models.opensearch_url, timeout=60)
    name = f"{models.index_prefix}kadr-rrf"
    client.search_pipeline.put(id=name, body={"description": "two legs"})

    assert add_indices(models.settings) == [f"search pipeline {name}, of an earlier version, removed"]
    with pytest.raises(NotFoundError):
        client.search_pipeline.get(id=name)
    client.close()


def test_what_was_installed_can_be_taken_out(models: Scope, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in models.environment.items():
        if name.startswith("KADR_"):
            monkeypatch.setenv(name, value)
    client = OpenSearch(models.opensearch_url, timeout=60)
    prefix = models.index_prefix

    gone = CliRunner().invoke(init, ["--remove"])

    assert gone.exit_code == 0, gone.output
    assert f"model {prefix}kadr-text-offline removed" in gone.output
    assert f"search template {prefix}kadr-hybrid removed" in gone.output
    with pytest.raises(NotFoundError):
        client.search_pipeline.get(id=f"{prefix}kadr-rrf-offline")
    with pytest.raises(NotFoundError):
        client.get_script(id=f"{prefix}ledger-done")
    assert client.indices.exists(index=f"{prefix}moments-offline")
    assert client.search(index=f"{prefix}moments", body={"query": {"match_all": {}}})["hits"]["total"]["value"] == 0
    assert "There is nothing to remove." in CliRunner().invoke(init, ["--remove"]).output
    assert "index" in CliRunner().invoke(init, ["--remove", "--indices"]).output
    assert not client.indices.exists(index=f"{prefix}moments-offline")
    client.close()
