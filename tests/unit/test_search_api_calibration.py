import numpy as np
import pytest

from search_api.calibration import EXPECTED, FEWEST, Null, Tail, probability, similarity_of, together
from search_api.sample import Sample


def unrelated(count: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(0.2, 0.05, count).astype(np.float32)


def near_each_other(count: int, seed: int = 0) -> np.ndarray:
    """Unit vectors of which some share a direction, as texts share words."""
    random = np.random.default_rng(seed)
    rows = random.normal(0, 1, (count, 64)) + 10.0 * np.eye(64)[np.arange(count) % 64]
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def test_the_null_is_that_of_the_unrelated_moments_though_a_fifth_match() -> None:
    mixed = np.concatenate([unrelated(400), np.full(100, 0.8, np.float32)])

    null = Null.of(mixed)

    assert null is not None
    assert null.centre == pytest.approx(0.2, abs=0.03)
    assert null.spread == pytest.approx(0.05, abs=0.02)


def test_too_few_moments_say_nothing_about_chance() -> None:
    assert Null.of(unrelated(FEWEST - 1)) is None
    assert Null.of(unrelated(FEWEST)) is not None
    assert Tail.of(near_each_other(40)) is None


def test_equal_similarities_have_no_spread_and_still_a_probability() -> None:
    null = Null.of(np.full(50, 0.3, np.float32))

    assert null is not None
    assert probability(null.log_odds(np.array(0.9), 50)) > 0.999 > 0.3 > probability(null.log_odds(np.array(0.3), 50))


def test_a_match_is_likely_and_the_tail_is_not() -> None:
    sample = unrelated(500)
    null = Null.of(sample)
    assert null is not None

    found = list(probability(null.log_odds(np.array([0.7, 0.6, *np.sort(sample)[::-1][9:50]]), 500)))

    assert min(found[:2]) > 0.99
    assert max(found[2:]) < 0.35, "of 500, some three are as near as what answers"
    assert found == sorted(found, reverse=True)


def test_of_two_hits_far_beyond_chance_the_nearer_is_still_the_likelier() -> None:
    null = Null(0.0, 0.05)

    chances = null.log_chance(np.array([0.45, 0.5, 1.49, 1.51, 2.0, 5.0]))

    assert (np.diff(chances) < 0).all() and np.isfinite(chances).all()


def test_texts_that_share_a_word_come_near_by_chance_and_are_not_taken_for_a_match() -> None:
    rows = near_each_other(500)
    tail = Tail.of(rows)
    assert tail is not None
    query = near_each_other(1, seed=9)[0]
    shares_a_word = float(np.sort(rows @ query)[-5])

    light = Sample(rows, 500).probabilities(query, [shares_a_word])
    heavy = Sample(rows, 500, tail).probabilities(query, [shares_a_word, 0.99])

    assert light is not None and heavy is not None
    assert light[0] > 0.99 > 0.5 > heavy[0]
    assert heavy[1] > 0.99


def test_the_tail_falls_tenfold_from_one_in_a_hundred_to_one_in_a_thousand_and_on() -> None:
    tail = Tail(0.2, 0.4)

    assert np.exp(tail.log_chance(np.array([0.2, 0.4, 0.6]))) == pytest.approx([1.0, 0.001, 0.0001])
    assert np.exp(tail.log_chance(np.array(0.2001))) == pytest.approx(0.01, rel=0.01)


def test_as_many_as_are_expected_to_answer_make_even_odds() -> None:
    tail = Tail(0.2, 0.4)

    assert probability(tail.log_odds(np.array(0.4), round(1000 * EXPECTED))) == pytest.approx(0.5)
    assert probability(tail.log_odds(np.array(0.1), 10**15)) == pytest.approx(EXPECTED / 10**15)


def test_the_same_similarity_says_less_in_a_larger_index() -> None:
    null = Null(0.2, 0.05)

    assert (
        probability(null.log_odds(np.array(0.38), 100))
        > 0.8
        > 0.4
        > probability(null.log_odds(np.array(0.38), 100_000))
    )


def test_two_reasons_are_surer_than_either() -> None:
    assert together([0.5, 0.4]) == pytest.approx(0.7)
    assert together([]) == 0.0
    assert together([0.2, 1.0]) == 1.0


@pytest.mark.parametrize("product", [0.73, 0.0, -0.4])
def test_the_score_of_lucene_is_turned_back(product: float) -> None:
    score = 1.0 + product if product >= 0 else 1.0 / (1.0 - product)
    assert similarity_of(score) == pytest.approx(product)


def test_a_sample_of_another_model_says_nothing() -> None:
    assert Sample(np.ones((50, 3), np.float32), 50).probabilities(np.ones(2, np.float32), [0.5]) is None


def test_a_find_is_what_chance_does_not_bring_as_often() -> None:
    null = Null(0.2, 0.05)
    chance = np.random.default_rng(3).normal(0.2, 0.05, 3000)
    nearest = np.sort(chance)[::-1][:200]
    assert np.quantile(null.surplus(nearest, 3000), 0.9) < 0.1
    found = null.surplus(np.concatenate([nearest, np.full(20, 0.4)]), 3020)
    assert found[-20:].min() > 0.75 and found[150] < 0.2
    assert (np.diff(null.surplus(np.sort(np.concatenate([nearest, np.full(20, 0.4)]))[::-1], 3020)) <= 1e-9).all()
