import httpx
import pytest
from searching import Add, ask, ids

from search_api.settings import SearchSettings

pytest_plugins = ("search_fixtures",)


async def test_finds_the_second_in_which_a_sentence_is_said(api: httpx.AsyncClient, add: Add) -> None:
    add("v1", "frog", "ask", title="Inaugural address", external_id="speech-1961")
    add("v2", "cat")

    answer = await ask(api, "ask what you can do for your country")

    first = answer["hits"][0]
    assert (first["video_id"], first["bucket"], first["key"]) == ("v1", "videos", "v1.mp4")
    assert (first["title"], first["external_id"], first["duration_seconds"]) == (
        "Inaugural address",
        "speech-1961",
        60.0,
    )
    best = first["moments"][0]
    assert (best["start_seconds"], best["stop_seconds"]) == (5.0, 10.0)
    assert best["legs"]["speech_text"]["rank"] == 1
    assert best["legs"]["speech_vector"]["rank"] == 1
    assert answer["warnings"] == []
    assert answer["query"] == "ask what you can do for your country"


async def test_the_answer_of_get_is_that_of_post(api: httpx.AsyncClient, add: Add) -> None:
    add("v1", "frog")

    got = (await api.get("/search", params={"q": "frogs", "limit": 1})).json()
    posted = await ask(api, "frogs", limit=1)

    assert {**got, "took_ms": 0} == {**posted, "took_ms": 0}
    assert ids(got) == ["v1"]


async def test_finds_russian_speech_by_other_forms_and_by_meaning(api: httpx.AsyncClient, add: Add) -> None:
    add("v1", "frog")
    add("v2", "cat")

    # All pictures of these tests are the same: that leg would only say which of them comes first.
    for query in ("кошки", "ЧЕРНЫЕ", "чёрной кошкой", "снег", "cat"):
        assert ids(await ask(api, query, legs={"speech_text": 0.6, "speech_vector": 0.4}))[0] == "v2", query


async def test_shares_explain_the_score(api: httpx.AsyncClient, add: Add) -> None:
    add("v1", "ask", "frog", title="Frogs of my country")
    add("v2", "frog", "cat")

    answer = await ask(api, "frog country", explain=True, fusion="rrf", min_confidence=0)

    for hit in answer["hits"]:
        assert hit["score"] == pytest.approx(sum(leg["share"] for leg in hit["legs"].values()))
        for moment in hit["moments"]:
            assert moment["score"] == pytest.approx(sum(leg["share"] for leg in moment["legs"].values()))
    first = answer["hits"][0]
    weights = SearchSettings()
    title = weights.leg_weight_metadata_text / 61
    assert first["legs"]["metadata_text"]["share"] == pytest.approx(title)
    best, second = first["moments"]
    assert first["score"] == pytest.approx(best["score"] + 0.1 * second["score"] + title)
    words = {"weight": weights.leg_weight_speech_text, "hits": 3, "cut": 0, "hidden": 0}
    assert answer["explanation"]["speech_text"] == words


async def test_a_leg_of_weight_0_is_not_run(api: httpx.AsyncClient, add: Add) -> None:
    add("v1", "frog")

    answer = await ask(api, "frog", legs={"speech_text": 1.0, "picture_vector": 0.0}, explain=True)

    assert list(answer["explanation"]) == ["speech_text"]


async def test_a_title_alone_finds_a_video_without_moments(api: httpx.AsyncClient, add: Add) -> None:
    add("v1", title="Лягушка на пруду", description="<b>Тихо</b>")

    (hit,) = (await ask(api, "лягушки"))["hits"]

    assert hit["moments"] == []
    assert list(hit["legs"]) == ["metadata_text"]


async def test_hostile_text_comes_back_as_it_is_and_the_highlight_in_pieces(api: httpx.AsyncClient, add: Add) -> None:
    add("v1", "hostile", title="<script>alert(1)</script>")
    add("v2", "ask")

    hit = (await ask(api, "pineapple", legs={"speech_text": 1}))["hits"][0]

    assert hit["title"] == "<script>alert(1)</script>"
    highlight = hit["moments"][0]["highlight"]
    assert next(piece["text"] for piece in highlight if piece["match"]) == "pineapple"
    assert highlight[0] == {"text": "<img src=x onerror=alert(1)> ", "match": False}


async def test_highlighted_pieces_join_to_the_speech(api: httpx.AsyncClient, add: Add) -> None:
    add("v1", "cat", "ask")

    for query in ("кошку в снегу", "country", "not what you", "ask your country"):
        moment = (await ask(api, query, legs={"speech_text": 1}))["hits"][0]["moments"][0]
        assert "".join(piece["text"] for piece in moment["highlight"]) == moment["speech"]
        assert any(piece["match"] for piece in moment["highlight"])
        assert all(piece["text"].isprintable() for piece in moment["highlight"])


async def test_stop_words_alone_find_their_exact_words(api: httpx.AsyncClient, add: Add) -> None:
    add("v1", "ask", "frog")

    moments = (await ask(api, "into the", legs={"speech_text": 1}))["hits"][0]["moments"]

    assert moments[0]["start_seconds"] == 5.0


FILTERED: list[tuple[dict[str, list[str]], list[str]]] = [
    ({"video_id": ["v1", "v3"]}, ["v1", "v3"]),
    ({"external_id": ["two"]}, ["v2"]),
    ({"categories": ["nature", "news"]}, ["v1", "v2"]),
    ({"categories": ["nature", "news"], "language": ["ru"]}, ["v2"]),
    ({"bucket": ["videos"]}, ["v1", "v2", "v3"]),
    ({"bucket": ["elsewhere"]}, []),
]


async def test_filters_hold_in_every_leg(api: httpx.AsyncClient, add: Add) -> None:
    add("v1", "frog", title="Frog", categories=["nature", "pond"], language="en", external_id="one")
    add("v2", "frog", title="Frog", categories=["news"], language="ru", external_id="two")
    add("v3", "frog", title="Frog")

    for filters, found in FILTERED:
        for leg in ("speech_text", "speech_vector", "picture_vector", "metadata_text"):
            answer = await ask(api, "frog", filters=filters, legs={leg: 1})
            assert sorted(ids(answer)) == found, (leg, filters)


async def test_limits_hold(api: httpx.AsyncClient, add: Add) -> None:
    for n in range(4):
        add(f"v{n}", "frog", "frog", "frog")

    answer = await ask(api, "frog", limit=2, moments_per_video=2, collapse=False)

    assert [len(hit["moments"]) for hit in answer["hits"]] == [2, 2]


async def test_any_text_is_only_text(api: httpx.AsyncClient, add: Add) -> None:
    add("v1", "frog")

    for query in ("a:b AND (c", '\\"', "{{text}}", "*", "🐸", "и", "the", "' OR 1=1", "\x00", "\x02"):
        answer = await ask(api, query)
        assert (answer["query"], answer["warnings"]) == (query, [])


async def test_the_longest_query_is_answered(api: httpx.AsyncClient, add: Add) -> None:
    add("v1", "frog")

    assert (await ask(api, "a б " * 249 + "frog"))["warnings"] == []


async def test_a_moment_says_where_its_words_are_from(api: httpx.AsyncClient, add: Add) -> None:
    add("v1", "frog", moment={"speech_source": "subtitles"})

    (hit,) = (await ask(api, "frogs"))["hits"]
    assert hit["moments"][0]["speech_source"] == "subtitles"
    (moment,) = (await api.get("/videos/v1/moments")).json()["moments"]
    assert moment["speech_source"] == "subtitles"
