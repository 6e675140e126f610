"""Why a text matched: its words, as they stand there, with the seconds in which they are said."""

from typing import Any

import httpx
from searching import SPEECH, Add, ask

pytest_plugins = ("search_fixtures",)
TEXTS = {"speech_text": 0.6, "metadata_text": 0.4}


def timed(name: str, start: float = 0.0) -> dict[str, Any]:
    """The words of a speech as a worker stores them, half a second each."""
    return {
        "words": [
            {"text": word, "start_seconds": start + n / 2, "stop_seconds": start + n / 2 + 0.4}
            for n, word in enumerate(SPEECH[name][0].split())
        ]
    }


def said(text: str, start: float, stop: float, precision: str) -> dict[str, Any]:
    times = {"start_seconds": start, "stop_seconds": stop, "precision": precision}
    return {"text": text, "field": "speech", **times}


def standing(text: str, field: str) -> dict[str, Any]:
    return {"text": text, "field": field, "start_seconds": None, "stop_seconds": None, "precision": None}


async def test_a_hit_names_the_words_that_matched_in_their_form_with_their_seconds(
    api: httpx.AsyncClient, add: Add
) -> None:
    add("en", "frog", moment=timed("frog"))
    add("ru", "cat", moment=timed("cat"))

    english, russian = await ask(api, "frog jump", legs=TEXTS), await ask(api, "кошке бежать", legs=TEXTS)

    (hit,) = english["hits"]
    assert hit["moments"][0]["terms"] == [said("frogs", 1.0, 1.4, "word"), said("jumping", 2.0, 2.4, "word")]
    (hit,) = russian["hits"]
    assert said("кошка", 0.5, 0.9, "word") in hit["moments"][0]["terms"]


async def test_every_leg_that_finds_the_moment_leaves_its_words_and_times(api: httpx.AsyncClient, add: Add) -> None:
    add("v1", "frog", moment={**timed("frog"), "speech_source": "subtitles"})

    (hit,) = (await ask(api, "frog"))["hits"]

    assert set(hit["moments"][0]["legs"]) >= {"speech_text", "speech_vector"}
    assert hit["moments"][0]["terms"] == [said("frogs", 1.0, 1.4, "subtitle")]


async def test_where_the_times_of_words_are_not_stored_the_words_have_that_of_their_moment(
    api: httpx.AsyncClient, add: Add
) -> None:
    add("v1", "ask", "frog")

    (hit,) = (await ask(api, "water", legs=TEXTS))["hits"]

    assert hit["moments"][0]["terms"] == [said("water", 5.0, 10.0, "moment")]


async def test_title_description_and_tags_say_what_of_them_matched(api: httpx.AsyncClient, add: Add) -> None:
    long = "Nothing to see here. " * 40
    add("v1", title="Frogs and ponds", description=f"{long} A green frog. {long}", tags=["Frog", "water"])

    (hit,) = (await ask(api, "frog", legs=TEXTS))["hits"]

    assert (hit["moments"], hit["terms"]) == (
        [],
        [standing("Frogs", "title"), standing("frog", "description"), standing("Frog", "tags")],
    )


async def test_both_moments_of_a_sequence_have_their_words(api: httpx.AsyncClient, add: Add) -> None:
    add("v1", "cat", "frog")

    (hit,) = (await ask(api, "снег -> frog", legs={"speech_text": 1}))["hits"]

    (moment,) = hit["moments"]
    assert moment["terms"] == [said("снегу", 0.0, 5.0, "moment")]
    assert moment["then"]["terms"] == [said("frogs", 5.0, 10.0, "moment")]


async def test_the_second_page_explains_as_the_first(api: httpx.AsyncClient, add: Add) -> None:
    for n in range(3):
        add(f"v{n}", "frog", moment=timed("frog"), title=f"Frogs, part {n}")

    first = await ask(api, "frogs", legs=TEXTS, limit=1)
    second = await ask(api, "frogs", legs=TEXTS, limit=1, page=first["next"])

    for answer in (first, second):
        (hit,) = answer["hits"]
        assert hit["terms"] == [standing("Frogs", "title")]
        assert hit["moments"][0]["terms"] == [said("frogs", 1.0, 1.4, "word")]
