"""What captions say: agreement in Russian, articles and numbers in English, and what they tell."""

from random import Random

import pytest

from encoders.training.pictures import captions, english, labels, russian
from encoders.training.pictures.backdrops import PLACES
from encoders.training.pictures.captions import LANGUAGES, Caption
from encoders.training.pictures.facts import Facts, Subject, trained
from encoders.training.pictures.subjects import COLOURS, KINDS, MIXED


def ways(facts: Facts, language: captions.Language) -> set[str]:
    """Many full captions, lower case."""
    return {captions.full(facts, language, Random(seed)).text.lower() for seed in range(400)}


@pytest.mark.parametrize(
    ("subject", "language", "phrase"),
    [
        (Subject("car", "red", 1), "ru", "красная машина"),
        (Subject("car", "red", 1), "ru", "красный автомобиль"),
        (Subject("car", "red", 2), "ru", "две красные машины"),
        (Subject("car", "red", 3), "ru", "три красных автомобиля"),
        (Subject("bus", "blue", 2), "ru", "два синих автобуса"),
        (Subject("fish", "blue", 4), "ru", "четыре голубые рыбки"),
        (Subject("cat", "orange", 1), "ru", "рыжий кот"),
        (Subject("cat", "orange", 1), "en", "a ginger cat"),
        (Subject("child", "yellow", 1), "ru", "ребёнок в жёлтой рубашке"),
        (Subject("child", "blue", 3), "ru", "трое детей в синей футболке"),
        (Subject("child", "orange", 1), "en", "a boy in an orange shirt"),
        (Subject("sailboat", "white", 2), "ru", "две белые парусные лодки"),
        (Subject("balloon", MIXED, 3), "ru", "три разноцветных воздушных шара"),
        (Subject("plane", "orange", 1), "en", "an orange plane"),
        (Subject("butterfly", "grey", 3), "en", "three gray butterflies"),
        (Subject("bread", None, 2), "ru", "две буханки хлеба"),
    ],
)
def test_words_agree(subject: Subject, language: captions.Language, phrase: str) -> None:
    assert any(phrase in caption for caption in ways(Facts("city", subject), language)), phrase


@pytest.mark.parametrize("wrong", ["красный машина", "два красные", "две красных", "три красная", "две автомобиля"])
def test_russian_words_never_disagree(wrong: str) -> None:
    facts = [Facts("city", Subject("car", "red", count)) for count in (1, 2, 3, 4)]
    assert not [caption for one in facts for caption in ways(one, "ru") if wrong in caption]


def test_verbs_agree_with_the_number() -> None:
    one, two = (Facts("lake", Subject("duck", "white", count)) for count in (1, 2))
    assert any("утка плывёт" in caption for caption in ways(one, "ru"))
    assert not any("плывут" in caption for caption in ways(one, "ru"))
    assert any("утки плывут" in caption for caption in ways(two, "ru"))
    assert any("ducks swim" in caption for caption in ways(two, "en"))
    assert not any("ducks swims" in caption for caption in ways(two, "en"))


@pytest.mark.parametrize("words", [english, russian])
def test_everything_that_can_be_shown_can_be_said(words: object) -> None:
    for table in ("NOUNS", "VERBS"):
        assert set(getattr(words, table)) == set(KINDS)
    for table in ("PLACES", "PLACE_NAMES"):
        assert set(getattr(words, table)) == set(PLACES)
    assert set(words.COLOURS) == {*COLOURS, MIXED}  # type: ignore[attr-defined]


def test_a_full_caption_tells_everything() -> None:
    facts = Facts("city", Subject("car", "red", 1), Subject("dog", "black", 1), "rain", "night", None, "STOP")
    for language, words in (("en", ("red", "dog", "night")), ("ru", ("красн", "чёрн"))):
        for caption in ways(facts, language):  # type: ignore[arg-type]
            assert all(word in caption or (word == "dog" and "puppy" in caption) for word in words[:2]), caption
            assert "stop" in caption
    assert captions.full(facts, "en", Random(1)).told == frozenset(captions.PARTS)


def test_some_captions_are_one_noun() -> None:
    facts = Facts("sea", Subject("lighthouse", None, 1), light="night")
    said = {captions.partial(facts, "ru", Random(seed)).text.lower() for seed in range(300)}
    assert "маяк" in said and "море" in said


def test_the_same_seed_gives_the_same_caption() -> None:
    facts = trained(Random(4))
    for language in LANGUAGES:
        assert captions.partial(facts, language, Random(9)) == captions.partial(facts, language, Random(9))


def told(shown: Facts, *parts: str) -> list[int]:
    return labels.numbers_told(Caption("", frozenset(parts), shown))


def test_a_caption_is_true_of_every_picture_that_shows_what_it_tells() -> None:
    red, blue = (Facts("city", Subject("car", colour, 1)) for colour in ("red", "blue"))
    rainy = Facts("city", Subject("car", "red", 1), weather="rain")
    said = labels.np.array([told(red, "kind"), told(red, "kind", "colour"), told(rainy, "kind", "weather")])
    assert labels.same((red, blue, rainy), said).tolist() == [
        [True, True, False],
        [True, False, False],
        [True, True, True],
    ]


def test_a_caption_is_true_of_a_companion_and_rain_of_a_thunderstorm() -> None:
    dog = Facts("city", Subject("dog", "black", 1))
    walked = Facts("city", Subject("child", "red", 1), Subject("dog", "black", 1))
    rain, storm = (Facts("city", Subject("dog", "black", 1), weather=weather) for weather in ("rain", "storm"))
    said = labels.np.array([told(dog, "kind", "colour"), told(rain, "weather"), told(storm, "weather")])
    assert labels.same((dog, walked, rain, storm), said).tolist() == [
        [True, False, False],
        [True, False, False],
        [True, True, False],
        [True, True, True],
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_brief_captions_name_one_thing_and_perhaps_another(language: captions.Language) -> None:
    shown = Facts("city", Subject("car", "red", 1), Subject("dog", "black", 1), "rain", "night")
    said = [captions.brief(shown, language, Random(seed)) for seed in range(500)]
    assert max(len(caption.told) for caption in said) == 2
    texts = {caption.text.lower() for caption in said}
    assert texts >= ({"rain", "night", "a car", "a dog"} if language == "en" else {"дождь", "ночь", "машина", "собака"})
    first = {caption.facts.subject.kind for caption in said if caption.facts.subject and "kind" in caption.told}
    assert first == {"car", "dog"}
