"""How legs become one list, what is collapsed in it, and what several moments count for, over real indices."""

import httpx
import pytest
from opensearchpy import OpenSearch
from searching import Add, ask, ids

from search_api.settings import SearchSettings

pytest_plugins = ("search_fixtures",)

SPOKEN = {"speech_text": 0.4, "speech_vector": 0.6}


async def test_normalised_scores_are_those_of_opensearch_itself(
    api: httpx.AsyncClient, add: Add, engine: OpenSearch, settings: SearchSettings
) -> None:
    for n, speech in enumerate(("frog", "ask", "cat", "hostile")):
        add(f"v{n}", speech, "frog")
    query, vector = "frogs in the water", [0.0, 1.0, 0.0]
    name = f"{settings.index_prefix}normalised"
    combine = {"technique": "arithmetic_mean", "parameters": {"weights": list(SPOKEN.values())}}
    processor = {"normalization": {"technique": "min_max"}, "combination": combine}
    phases = {"phase_results_processors": [{"normalization-processor": processor}]}
    engine.transport.perform_request("PUT", f"/_search/pipeline/{name}", body=phases)

    search = {"legs": SPOKEN, "group_by": "moment", "fusion": "normalised", "collapse": False, "min_confidence": 0}
    ours = await ask(api, query, **search)
    words = (await ask(api, query, **{**search, "legs": {"speech_text": 1}}))["hits"]
    texts = [
        {
            "constant_score": {
                "filter": {"ids": {"values": [hit["moments"][0]["moment_id"]]}},
                "boost": hit["legs"]["speech_text"]["score"],
            }
        }
        for hit in words
    ]
    near = {"knn": {"speech_vector": {"vector": vector, "k": 200}}}
    body = {"size": 50, "query": {"hybrid": {"queries": [{"bool": {"should": texts}}, near]}}}
    theirs = engine.search(index=settings.moments_alias, body=body, params={"search_pipeline": name})["hits"]["hits"]
    engine.transport.perform_request("DELETE", f"/_search/pipeline/{name}")

    assert {hit["moments"][0]["moment_id"]: pytest.approx(hit["score"], abs=1e-5) for hit in ours["hits"]} == {
        hit["_id"]: hit["_score"] for hit in theirs
    }


async def test_the_fusion_is_a_choice_and_its_shares_sum_to_the_score(api: httpx.AsyncClient, add: Add) -> None:
    add("v1", "frog", "ask")
    add("v2", "cat", "frog")

    scores = {}
    for fusion in ("rrf", "normalised", "calibrated"):
        answer = await ask(api, "frogs", fusion=fusion)
        for hit in answer["hits"]:
            assert hit["score"] == pytest.approx(sum(leg["share"] for leg in hit["legs"].values()))
        scores[fusion] = answer["hits"][0]["score"]
    assert scores["rrf"] < 0.05 < scores["normalised"] <= 1.12


async def test_a_video_with_several_good_moments_comes_before_one_with_one(api: httpx.AsyncClient, add: Add) -> None:
    add("once", "frog", "cat", "ask")
    add("often", "frog", "frog", "frog")

    answer = await ask(api, "frogs", legs={"speech_text": 1.0}, collapse=False)

    assert ids(answer) == ["often", "once"]


async def test_near_duplicates_of_one_shot_are_shown_once_and_counted(api: httpx.AsyncClient, add: Add) -> None:
    add("still", "frog", "frog", "frog", "cat")

    answer = await ask(api, "frogs", legs={"speech_text": 1.0})
    (hit,) = answer["hits"]
    assert [moment["collapsed"] for moment in hit["moments"]] == [2]
    assert answer["collapsed"] == 2

    whole = await ask(api, "frogs", legs={"speech_text": 1.0}, collapse=False)
    assert [moment["collapsed"] for moment in whole["hits"][0]["moments"]] == [0, 0, 0]
    assert whole["collapsed"] == 0


async def test_a_file_that_was_uploaded_twice_is_shown_once_with_its_copies(
    api: httpx.AsyncClient, add: Add, engine: OpenSearch, settings: SearchSettings
) -> None:
    source = {"etag": "0123456789abcdef", "size": 1234}
    add("first", "frog", source=source)
    add("again", "frog", source=source)
    add("other", "frog", source={**source, "size": 1235}, duration_seconds=70.0)

    for group_by in ("video", "moment"):
        answer = await ask(api, "frogs", legs={"speech_text": 1.0}, group_by=group_by)
        assert ids(answer) == ["first", "other"]
        assert [hit["copies"] for hit in answer["hits"]] == [["again"], []]
        assert answer["collapsed"] == 1
    assert sorted(ids(await ask(api, "frogs", legs={"speech_text": 1.0}, collapse=False))) == [
        "again",
        "first",
        "other",
    ]

    engine.update(index=settings.videos_alias, id="first", body={"doc": {"status": "deleted"}})
    assert ids(await ask(api, "frogs", legs={"speech_text": 1.0})) == ["again", "other"]


async def test_a_film_that_was_encoded_anew_is_shown_once_where_words_pictures_and_seconds_agree(
    api: httpx.AsyncClient, add: Add
) -> None:
    # What a smaller picture and a lower bit rate do to a vector, and what another scene does.
    near, far = [0.56, 0.5, 0.44, 0.5], [0.8, 0.2, 0.5, 0.2]
    add("first", "frog", source={"etag": "a", "size": 9000}, duration_seconds=60.0)
    add(
        *("small", "frog"),
        moment={"visual": near, "start_seconds": 0.08},
        source={"etag": "b", "size": 900},
        duration_seconds=60.2,
    )
    add("scene", "frog", moment={"visual": far}, source={"etag": "c", "size": 900}, duration_seconds=60.0)
    add("longer", "frog", moment={"visual": near}, source={"etag": "d", "size": 900}, duration_seconds=61.0)
    add("later", "frog", moment={"start_seconds": 0.9}, source={"etag": "e", "size": 900}, duration_seconds=60.0)

    for group_by in ("video", "moment"):
        answer = await ask(api, "frogs", legs={"speech_text": 1.0}, group_by=group_by)
        assert sorted(ids(answer)) == ["first", "later", "longer", "scene"]
        assert {hit["video_id"]: hit["copies"] for hit in answer["hits"]}["first"] == ["small"]
        assert answer["collapsed"] == 1
    assert len(ids(await ask(api, "frogs", legs={"speech_text": 1.0}, collapse=False))) == 5
