import pytest

from search_api.syntax import MOST_EXCLUDED, MOST_PHRASES, Excluded, QueryTextError, parse
from search_api.words import content_words, other_forms


@pytest.mark.parametrize(
    ("typed", "text", "phrases"),
    [
        ("frog", "frog", ()),
        ("a:b AND (c", "a:b AND (c", ()),
        ('"green frogs" jump', "green frogs jump", ("green frogs",)),
        ("«чёрная кошка» на снегу", "чёрная кошка на снегу", ("чёрная кошка",)),
        ("“one two” and „three four“", "one two and three four", ("one two", "three four")),
        ('"unbalanced cat', "unbalanced cat", ()),
        ('cat "two words" "un', "cat two words un", ("two words",)),
        ('""', '""', ()),
        ('"!!" cat', "!! cat", ()),
        ('"', '"', ()),
        ("кошка - снег", "кошка - снег", ()),
        ("красно-белый", "красно-белый", ()),
        ("-5 degrees", "-5 degrees", ()),
        ("*", "*", ()),
    ],
)
def test_quotation_marks_make_phrases_and_leave_no_trace_in_the_text(
    typed: str, text: str, phrases: tuple[str, ...]
) -> None:
    wanted = parse(typed)

    assert (wanted.typed, wanted.text, wanted.phrases, wanted.excluded) == (typed, text, phrases, ())


@pytest.mark.parametrize(
    ("typed", "text", "excluded"),
    [
        ("кошка -снег", "кошка", Excluded("снег", phrase=False, natural=False)),
        ("-snow, cat", "cat", Excluded("snow", phrase=False, natural=False)),
        ("cat −snow", "cat", Excluded("snow", phrase=False, natural=False)),
        ('cat -"in the snow" dog', "cat dog", Excluded("in the snow", phrase=True, natural=False)),
        ("флаг -красно-белый", "флаг", Excluded("красно белый", phrase=True, natural=False)),
    ],
)
def test_a_minus_sign_leaves_out(typed: str, text: str, excluded: Excluded) -> None:
    wanted = parse(typed)

    assert (wanted.text, wanted.excluded) == (text, (excluded,))


NATURAL = [
    ("кошка без снега", "кошка", ["снега"]),
    ("a street without cars", "a street", ["cars"]),
    ("a street without cars at night", "a street at night", ["cars"]),
    ("street without parked cars at night", "street at night", ["parked cars"]),
    ("a man without hat walking a dog", "a man walking a dog", ["hat"]),
    ("a cat without a collar and a dog", "a cat and a dog", ["collar"]),
    ("a street without cars and people", "a street", ["cars", "people"]),
    ("улица без машин и людей", "улица", ["машин", "людей"]),
    ("улица без машин и без людей", "улица", ["машин", "людей"]),
    ("лес без снега или льда", "лес", ["снега", "льда"]),
    ("кошка без снега и собака", "кошка и собака", ["снега"]),
    ("человек без красной шапки на улице", "человек на улице", ["красной шапки"]),
    ("улица без людей зимой", "улица зимой", ["людей"]),
    ("улица, где нет машин", "улица", ["машин"]),
    ("a street where there are no cars", "a street", ["cars"]),
    ("beach with no people", "beach", ["people"]),
    ("все животные кроме кошек", "все животные", ["кошек"]),
    ("animals except for cats", "animals", ["cats"]),
    ("street, no people", "street", ["people"]),
    ("street no people", "street", ["people"]),
    ("car not red", "car", ["red"]),
    ("a cat, but not black", "a cat", ["black"]),
    ("a car that is not red", "a car", ["red"]),
    ("машина не красная", "машина", ["красная"]),
    ("не красная машина", "машина", ["красная"]),
    ("кошка, но не чёрная", "кошка", ["чёрная"]),
    ("собака, а не кошка", "собака", ["кошка"]),
    ('кошка без "белого снега"', "кошка", ["белого снега"]),
]


@pytest.mark.parametrize(("typed", "text", "excluded"), NATURAL)
def test_natural_negation(typed: str, text: str, excluded: list[str]) -> None:
    wanted = parse(typed)

    assert (wanted.text, [each.text for each in wanted.excluded]) == (text, excluded)
    assert all(each.natural for each in wanted.excluded)


@pytest.mark.parametrize(
    "typed",
    [
        "ask not what your country can do for you",
        "ask not what the country can do",
        "to be or not to be",
        "there is no spoon",
        "no country for old men",
        "say no more",
        "it was red, not blue",
        "believe it or not",
        "life without you",
        "we will not go without bread",
        "не спрашивай, что страна может сделать",
        "я не могу без музыки",
        "это не простая задача",
        "старикам тут не место",
        "кошка не спит",
        "кошка, но не спит",
        "не зима",
        "not red",
        "no people",
        "кроме того, снег",
        '"кошка без снега"',
        '"not red" car',
        "without",
        "кошка без",
    ],
)
def test_what_may_be_a_line_that_somebody_says_is_no_negation(typed: str) -> None:
    wanted = parse(typed)

    assert wanted.excluded == ()
    assert wanted.text == typed.replace('"', "")


@pytest.mark.parametrize(
    "typed", ["-снег", '-"in the snow"', "без снега", "without cars or people", "-a -b", "the -snow"]
)
def test_a_query_needs_something_to_find(typed: str) -> None:
    with pytest.raises(QueryTextError, match="only says what to leave out"):
        parse(typed)


def test_phrases_and_exclusions_are_limited() -> None:
    parse(" ".join(f'"a {n}"' for n in range(MOST_PHRASES)))
    with pytest.raises(QueryTextError, match=f"at most {MOST_PHRASES} phrases"):
        parse(" ".join(f'"a {n}"' for n in range(MOST_PHRASES + 1)))
    with pytest.raises(QueryTextError, match=f"at most {MOST_EXCLUDED} words"):
        parse("cat " + " ".join(f"-a{n}" for n in range(MOST_EXCLUDED + 1)))


@pytest.mark.parametrize(
    ("typed", "unfinished"),
    [
        ("чёрная Кошё", "коше"),
        ("лягу*", "лягу"),
        ("лягу.", None),
        ("ля", None),
        ("кошка для", None),
        ('кошка "на снегу"', None),
        ("кошка без снега", None),
        ("кошка -снег", None),
        ("без снега кошк", "кошк"),
    ],
)
def test_the_last_word_may_go_on(typed: str, unfinished: str | None) -> None:
    assert parse(typed).unfinished == unfinished


def test_function_words_count_only_where_there_are_no_others() -> None:
    assert content_words("The Ёлка и the елка на 7") == ["елка", "7"]
    assert content_words("Into the THE") == ["into", "the"]
    assert content_words("🐸 *") == []


@pytest.mark.parametrize(
    ("word", "forms"),
    [
        ("кошка", ["кошек"]),
        ("кошками", ["кошек"]),
        ("кошек", ["кошка"]),
        ("белок", ["белка"]),
        ("подарка", ["подарок", "подарек"]),
        ("отец", ["отца"]),
        ("отцу", ["отец"]),
        ("собака", []),
        ("улица", []),
        ("frog", []),
    ],
)
def test_forms_with_a_vowel_that_comes_and_goes(word: str, forms: list[str]) -> None:
    assert other_forms(word) == forms
