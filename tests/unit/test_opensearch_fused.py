from collections.abc import Iterator

import pytest

from opensearch.bodies import load_search_templates, read_bodies
from opensearch.hybrid import LEGS, Fusion, pipelines
from search_api.settings import SearchSettings
from search_api.words import FUNCTION_WORDS

MODELS = {"text": "t1", "picture": "p1"}


def test_the_default_weights_are_those_of_the_search_api() -> None:
    settings = SearchSettings()

    assert Fusion() == Fusion(
        **{leg: getattr(settings, f"leg_weight_{leg}") for leg in LEGS}, rank_constant=settings.rrf_rank_constant
    )


def test_weights_keep_their_proportions_and_sum_to_one() -> None:
    shares = Fusion(speech_text=0.6, speech_vector=0.3, picture_vector=0.3).shares()

    assert sum(shares.values()) == 1
    assert shares == {"speech_text": 0.5, "speech_vector": 0.25, "picture_vector": 0.25}


@pytest.mark.parametrize("wrong", [(0.0, 0.0, 0.0), (-0.1, 0.5, 0.6)])
def test_weights_that_cannot_be_are_refused(wrong: tuple[float, float, float]) -> None:
    with pytest.raises(ValueError, match="weights are not negative"):
        Fusion(*wrong)


def test_a_leg_without_weight_keeps_none() -> None:
    assert Fusion(0.0, 0.5, 0.25).shares()["speech_text"] == 0


def test_pipelines_name_the_models_of_both_fields_and_carry_numbers() -> None:
    made = pipelines(Fusion(), MODELS)

    assert set(made) == {"kadr-rrf", "kadr-normalised"}
    for body in made.values():
        enricher = body["request_processors"][0]["neural_query_enricher"]
        assert enricher["neural_field_default_id"] == {"speech_vector": "t1", "visual": "p1"}
    combination = made["kadr-rrf"]["phase_results_processors"][0]["score-ranker-processor"]["combination"]
    assert combination["rank_constant"] == 60
    assert sum(combination["parameters"]["weights"]) == pytest.approx(1)


def test_without_models_pipelines_fuse_all_the_same() -> None:
    assert all("request_processors" not in body for body in pipelines(Fusion(), {}).values())


def test_every_fragment_is_put_in() -> None:
    templates = load_search_templates()

    assert set(templates) == {"kadr-hybrid", "kadr-speech", "kadr-videos"}
    assert not any("{speech_query}" in source for source in templates.values())


def test_queries_inside_opensearch_leave_out_the_function_words_of_the_search_api() -> None:
    analysis = read_bodies("components")["kadr-analysis"]["template"]["settings"]["analysis"]

    assert set(analysis["filter"]["function_words"]["stopwords"]) == FUNCTION_WORDS


def test_the_analysis_holds_no_numbers() -> None:
    """OpenSearch gives them back as strings, and the difference would refuse every index that is there."""
    analysis = read_bodies("components")["kadr-analysis"]["template"]["settings"]["analysis"]

    assert not list(numbers(analysis))


def numbers(value: object) -> Iterator[object]:
    members = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for member in members:
        yield from numbers(member)
    if isinstance(value, int | float):
        yield value
