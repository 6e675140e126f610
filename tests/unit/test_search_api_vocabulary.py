import pytest

from search_api.vocabulary import Known, known_part

WORDS = frozenset({"a", "red", "car", "собака", "собаки", "на", "снегу", "bus"})


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("a red car", Known("a red car", 1.0)),
        ("Red CAR!", Known("Red CAR!", 1.0)),
        ("sushi", Known("", 0.0)),
        ("yellow bus, the mayor spoke", Known("bus the", 0.25)),
        ("собаку на снегу", Known("собаку на снегу", 1.0)),
        ("крокодил на снегу", Known("на снегу", 0.5)),
        ("cat", Known("", 0.0)),
    ],
)
def test_the_model_is_asked_for_what_it_knows(text: str, known: Known) -> None:
    assert known_part(text, WORDS) == known


def test_a_model_that_does_not_say_what_it_knows_is_asked_for_everything() -> None:
    assert known_part("sushi on a train", frozenset()) == Known("sushi on a train", 1.0)
