"""Russian and English in one sound: each utterance has its own language."""

from encoders.speech.spoken_languages import Choice, Impression, choose_languages, main_language

BOTH = ["ru", "en"]


def _one(seconds: float = 3.0, **probabilities: float) -> Impression:
    return Impression(probabilities, seconds)


def _languages(impressions: list[Impression], hint: str | None = None) -> list[tuple[str, bool]]:
    return [(choice.language, choice.sure) for choice in choose_languages(impressions, BOTH, hint)]


def test_utterances_that_are_clear_have_their_own_language() -> None:
    mixed = [_one(en=0.95, ru=0.02), _one(ru=0.9, uk=0.05), _one(en=0.6)]
    assert _languages(mixed) == [("en", True), ("ru", True), ("en", True)]


def test_other_languages_do_not_come_into_question() -> None:
    assert _languages([_one(ru=0.4, uk=0.5, en=0.01)]) == [("ru", True)]


def test_unclear_and_short_utterances_take_the_nearest_clear_one_s() -> None:
    sound = [_one(en=0.9), _one(en=0.3, ru=0.3), _one(ru=0.1, th=0.8), _one(ru=0.9), _one(0.4, en=0.9)]
    assert _languages(sound) == [("en", True), ("en", False), ("ru", False), ("ru", True), ("ru", False)]


def test_where_nothing_is_clear_all_of_it_decides() -> None:
    sound = [_one(1.0, en=0.15, ru=0.1), _one(5.0, ru=0.15, en=0.05)]
    assert _languages(sound) == [("ru", False), ("ru", False)]
    assert choose_languages([_one(de=0.9)], ["en"], None) == [Choice("en", False)]


def test_what_somebody_said_decides_unclear_utterances_only() -> None:
    sound = [_one(en=0.97, ru=0.01), _one(en=0.6, ru=0.2), _one(ru=0.3, en=0.3)]
    assert _languages(sound, "ru") == [("en", True), ("ru", True), ("ru", True)]
    assert _languages([_one(ru=0.25, en=0.2)], "ru") == [("ru", True)]


def test_the_main_language_has_the_most_seconds() -> None:
    assert main_language([("en", 2.0), ("ru", 3.0), ("en", 2.0)]) == "en"
    assert main_language([]) is None
