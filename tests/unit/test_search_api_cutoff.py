from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from search_api.coverage import text_confidences
from search_api.cutoff import Judge, keep_confident
from search_api.fusion import LegName
from search_api.sample import Sample

TEXT, SPEECH, PICTURE, METADATA = LegName
WORDS = ("red", "car")
QUERY = np.array([1.0, 0.0], np.float32)


def moment(name: str, score: float = 1.0, matched: tuple[str, ...] | None = None) -> dict[str, Any]:
    hit = {"_id": name, "_score": score, "_source": {"video_id": name.split(":")[0]}}
    return hit if matched is None else {**hit, "matched_queries": list(matched)}


def judge(shares: Mapping[LegName, float] | None = None, *, sampled: bool = True) -> Judge:
    values = np.random.default_rng(0).normal(0.2, 0.05, 200).astype(np.float32)
    sample = Sample(np.stack([values, np.zeros(200, np.float32)], axis=1), 200)
    vectors = {SPEECH: QUERY, PICTURE: QUERY}
    return Judge(WORDS, vectors, dict.fromkeys(vectors, sample) if sampled else {}, shares or {})


def names(hits: Any) -> list[str]:
    return [hit["_id"] for hit in hits]


@pytest.mark.parametrize(
    ("matched", "confidence"),
    [
        (("red", "car"), 1.0),
        (("red", "~red", "car"), 1.0),
        (("car",), 0.5**1.5),
        (("~red", "car"), 0.9**1.5),
        (("=",), 1.0),
        (None, 1.0),
    ],
    ids=["all", "alike too", "half", "a typo", "a label is the whole query", "nothing was said"],
)
def test_a_text_is_as_sure_as_it_has_the_words_of_the_query(matched: tuple[str, ...] | None, confidence: float) -> None:
    assert text_confidences([moment("v:1", matched=matched)], WORDS) == pytest.approx([confidence])


def test_a_query_without_words_is_had_by_what_was_found() -> None:
    assert text_confidences([moment("v:1", matched=("x",))], ()) == [1.0]


def test_what_chance_gives_as_well_is_left_out_and_counted() -> None:
    hits = {
        TEXT: [moment("a:1", matched=("red", "car")), moment("b:1", matched=("red",))],
        PICTURE: [moment("match:1", 1.9), moment("chance:1", 1.28)],
    }

    kept = keep_confident(hits, judge(), cutoff=0.4)

    assert {leg: (names(part.hits), part.cut) for leg, part in kept.items()} == {
        TEXT: (["a:1"], 1),
        PICTURE: (["match:1"], 1),
    }
    assert kept[PICTURE].confidences[0] == pytest.approx(1.0, abs=0.01)


def test_what_is_heard_and_seen_is_surer_than_either() -> None:
    hits = {
        TEXT: [moment("a:1", matched=("red",))],
        PICTURE: [moment("b:1", 1.3401), moment("a:1", 1.34)],
    }
    alone = judge().confidences(PICTURE, hits[PICTURE])[1]
    assert alone is not None and 0.3 < alone < 0.6
    cutoff = 1 - (1 - alone) * (1 - 0.5**1.5) - 0.001

    kept = keep_confident(hits, judge(), cutoff=cutoff)

    assert names(kept[TEXT].hits) == names(kept[PICTURE].hits) == ["a:1"]


def test_that_two_legs_hear_the_same_words_is_no_second_reason() -> None:
    hits = {TEXT: [moment("a:1", matched=("red",))], SPEECH: [moment("a:1", 1.3)]}

    kept = keep_confident(hits, judge(), cutoff=0.4)

    assert not kept[TEXT].hits and not kept[SPEECH].hits


def test_pictures_that_come_as_near_as_chance_brings_are_no_find_but_in_a_part_of_the_index_they_may_be() -> None:
    hits = [moment("a:1", 1.305), moment("b:1", 1.304)]
    whole, part = judge(), replace(judge(), is_filtered=True)
    assert max(each or 0.0 for each in whole.confidences(PICTURE, hits)) < 0.2
    assert min(each or 0.0 for each in part.confidences(PICTURE, hits)) > 0.3


def test_a_video_that_is_doubtful_by_its_title_stays_where_one_of_its_moments_does() -> None:
    hits = {
        TEXT: [moment("a:1", matched=("red", "car"))],
        METADATA: [moment("b", matched=("car",)), moment("a", matched=("red",)), moment("c", matched=("red", "car"))],
    }

    kept = keep_confident(hits, judge(), cutoff=0.4)[METADATA]

    assert (names(kept.hits), kept.cut) == (["a", "c"], 1)


def test_a_model_that_knows_half_of_the_words_is_a_quarter_as_sure() -> None:
    hits = [moment("match:1", 1.9)]

    whole = judge().confidences(PICTURE, hits)[0]
    half = judge({PICTURE: 0.5}).confidences(PICTURE, hits)[0]

    assert whole is not None and half == pytest.approx(whole / 4)


def test_a_leg_of_which_nothing_can_be_said_stays_whole() -> None:
    hits = {PICTURE: [moment("a:1", 1.1), moment("b:1", 1.05)]}

    kept = keep_confident(hits, judge(sampled=False), cutoff=0.9)[PICTURE]

    assert (names(kept.hits), list(kept.confidences), kept.cut) == (["a:1", "b:1"], [None, None], 0)


def test_nothing_is_cut_where_nothing_is_asked_of_the_hits() -> None:
    hits = {PICTURE: [moment("far:1", 1.0)], METADATA: [moment("v", matched=("~car",))]}

    kept = keep_confident(hits, judge(), cutoff=0.0)

    assert [len(part.hits) for part in kept.values()] == [1, 1]
