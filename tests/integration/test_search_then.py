"""A then B, in both languages, on a real index."""

import httpx
from searching import Add, ask

pytest_plugins = ("search_fixtures",)
LEGS = {"speech_text": 0.6, "speech_vector": 0.4}


async def test_what_follows_what_is_found_in_both_languages(api: httpx.AsyncClient, add: Add) -> None:
    add("right", "cat", "frog", "ask")
    add("other-way", "frog", "cat", "ask")
    add("far", *("cat", *["ask"] * 9, "frog"))

    for query in ("кошка -> frogs", "cat -> frogs", "кошка ->30с frogs", "кошка, затем в течение 30 секунд frogs"):
        answer = await ask(api, query, legs=LEGS)

        assert [hit["video_id"] for hit in answer["hits"]] == ["right"], query
        then = answer["hits"][0]["moments"][0]["then"]
        assert (then["start_seconds"], then["after_seconds"]) == (5.0, 0.0)
        assert then["speech"].startswith("The green frogs")
        assert answer["understood"]["then"]["within_seconds"] == 30.0


async def test_the_words_of_both_moments_are_marked(api: httpx.AsyncClient, add: Add) -> None:
    add("v1", "cat", "frog")

    (hit,) = (await ask(api, "снег -> frogs", legs={"speech_text": 1}))["hits"]

    moment = hit["moments"][0]
    marked = [{piece["text"] for piece in one["highlight"] if piece["match"]} for one in (moment, moment["then"])]
    assert marked == [{"снегу"}, {"frogs"}]
    assert hit["score"] == sum(leg["share"] for leg in hit["legs"].values())


async def test_filters_and_hidden_moments_hold_in_both_steps(api: httpx.AsyncClient, add: Add) -> None:
    add("en", "cat", "frog", language="en")
    add("ru", "cat", "frog", language="ru")
    add("gone", "cat", "frog", status="deleted")

    answer = await ask(api, "снег -> frogs", legs={"speech_text": 1}, filters={"language": ["ru"]})

    assert [hit["video_id"] for hit in answer["hits"]] == ["ru"]
