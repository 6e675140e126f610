"""What is understood as "A then B", and what stays text."""

import pytest

from search_api.steps import Steps, StepsError, read_steps


@pytest.mark.parametrize(
    ("typed", "first", "second", "seconds"),
    [
        ("cat -> dog", "cat", "dog", 30.0),
        ("кошка → собака", "кошка", "собака", 30.0),
        ("cat ->10s dog", "cat", "dog", 10.0),
        ("кошка ->10с собака", "кошка", "собака", 10.0),
        ("кошка →2,5 сек собака", "кошка", "собака", 2.5),
        ("cat->dog", "cat", "dog", 30.0),
        ("cat ->10 dogs", "cat", "10 dogs", 30.0),
        ('"a -> b" -> "c -> d"', '"a -> b"', '"c -> d"', 30.0),
        ("a cat, then within 10 seconds a dog", "a cat", "a dog", 10.0),
        ("a cat and then a dog within 3 s", "a cat", "a dog", 3.0),
        ("кошка, затем в течение 10 секунд собака", "кошка", "собака", 10.0),
        ("кошка, а потом собака в течение 5 с", "кошка", "собака", 5.0),
        ("кошка без снега -> собака", "кошка без снега", "собака", 30.0),
    ],
)
def test_two_steps(typed: str, first: str, second: str, seconds: float) -> None:
    assert read_steps(typed) == Steps(first, second, seconds)


@pytest.mark.parametrize(
    "typed",
    [
        *("frog", "then we go", "and then there were none", "а потом пришла зима", '"cat -> dog"', "«кошка → собака»"),
        *("cat ->", "-> dog", "->", "within 10 seconds", "a - b > c", '"a cat, then within 10 seconds a dog"'),
    ],
)
def test_everything_else_is_one(typed: str) -> None:
    assert read_steps(typed) == Steps(typed)


@pytest.mark.parametrize(
    ("typed", "named"), [("a -> b -> c", "one arrow"), ("a ->9999s b", "3600"), ("a ->0s b", "3600")]
)
def test_what_cannot_be_meant_is_named(typed: str, named: str) -> None:
    with pytest.raises(StepsError, match=named):
        read_steps(typed)
