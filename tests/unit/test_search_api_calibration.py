import numpy as np
import pytest

from search_api.background import Sample
from search_api.calibration import FEWEST, Null, confidences, similarity_of
from search_api.cutoff import keep_confident
from search_api.fusion import LegName

PICTURE = LegName.PICTURE_VECTOR


def unrelated(count: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(0.2, 0.05, count).astype(np.float32)


def test_the_null_is_that_of_the_unrelated_moments_though_a_fifth_match() -> None:
    mixed = np.concatenate([unrelated(400), np.full(100, 0.8, np.float32)])

    null = Null.of(mixed)

    assert null is not None
    assert null.centre == pytest.approx(0.2, abs=0.03)
    assert null.spread == pytest.approx(0.05, abs=0.02)


def test_too_few_moments_say_nothing_about_chance() -> None:
    assert Null.of(unrelated(FEWEST - 1)) is None
    assert Null.of(unrelated(FEWEST)) is not None


def test_equal_similarities_have_no_spread_and_still_a_confidence() -> None:
    null = Null.of(np.full(50, 0.3, np.float32))
    assert null is not None
    assert confidences([0.9, 0.3], null, 50) == pytest.approx([1.0, 0.0])


def test_a_match_is_sure_and_the_tail_is_not() -> None:
    sample = unrelated(500)
    null = Null.of(sample)
    assert null is not None
    found = confidences([0.7, 0.6, *sorted(map(float, sample), reverse=True)[:50]], null, 500)

    assert min(found[:2]) > 0.999
    assert max(found[10:]) < 0.9
    assert found == sorted(found, reverse=True)


def test_of_absent_things_nothing_is_sure() -> None:
    """In nine of ten queries for what is not there, even the nearest moment stays below the default cut-off."""
    sure = 0
    for seed in range(200):
        sample = unrelated(300, seed)
        null = Null.of(sample)
        assert null is not None
        sure += confidences([float(sample.max())], null, 300)[0] >= 0.9
    assert sure <= 30


def test_the_same_similarity_says_less_in_a_larger_index() -> None:
    null = Null(0.2, 0.05)
    small, large = (confidences([0.38], null, moments)[0] for moments in (100, 100_000))
    assert small > 0.9 > large


def test_many_near_moments_are_surer_than_one() -> None:
    null = Null(0.2, 0.05)
    alone = confidences([0.38], null, 10_000)[0]
    together = confidences([0.38] * 50, null, 10_000)[0]
    assert alone < 0.1 < 0.95 < together


@pytest.mark.parametrize("product", [0.73, 0.0, -0.4])
def test_the_score_of_lucene_is_turned_back(product: float) -> None:
    score = 1.0 + product if product >= 0 else 1.0 / (1.0 - product)
    assert similarity_of(score) == pytest.approx(product)


def test_a_leg_without_a_vector_or_a_sample_stays_whole() -> None:
    hits = {LegName.SPEECH_TEXT: [{"_id": "a", "_score": 3.0}], PICTURE: [{"_id": "b", "_score": 1.1}]}
    kept = keep_confident(hits, {PICTURE: np.ones(2, np.float32)}, {}, cutoff=0.9)
    assert {leg: (list(part.hits), list(part.confidences), part.cut) for leg, part in kept.items()} == {
        LegName.SPEECH_TEXT: (hits[LegName.SPEECH_TEXT], [None], 0),
        PICTURE: (hits[PICTURE], [None], 0),
    }


def test_the_tail_is_cut_and_counted() -> None:
    vectors = np.stack([unrelated(200), np.zeros(200, np.float32)], axis=1)
    sample = Sample(vectors, 200)
    hits = {PICTURE: [{"_id": "match", "_score": 1.9}, {"_id": "chance", "_score": 1.3}]}

    kept = keep_confident(hits, {PICTURE: np.array([1.0, 0.0], np.float32)}, {PICTURE: sample}, cutoff=0.9)[PICTURE]

    assert [hit["_id"] for hit in kept.hits] == ["match"]
    assert (len(kept.confidences), kept.cut) == (1, 1)


def test_a_sample_of_another_model_says_nothing() -> None:
    assert Sample(np.ones((50, 3), np.float32), 50).null(np.ones(2, np.float32)) is None
