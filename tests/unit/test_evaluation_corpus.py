from random import Random

import pytest

from encoders.training.language import grammar
from encoders.training.language.grammar import Pair
from encoders.training.pictures.captions import LANGUAGES, Language
from encoders.training.pictures.facts import Facts, Subject, held_out
from encoders.training.texts.meanings import stems, text_of
from evaluation.corpus.absent import UNKNOWN
from evaluation.corpus.films import NEVER, SHOTS, Film, Shot, film, kind_stems
from evaluation.corpus.needs import Needs
from evaluation.corpus.questions import FEW_NEEDS, NEEDS, ask
from evaluation.corpus.wishes import Wish
from evaluation.corpus.writing import ledger_body, spoken
from stream.entry import Entry
from stream.media.shots import cut_moments
from stream.outbox import pending_spans


@pytest.fixture(scope="module")
def films() -> list[Film]:
    return [film(number, seed=3) for number in range(12)]


def test_a_film_is_decided_by_its_number_and_the_seed(films: list[Film]) -> None:
    assert film(4, seed=3) == films[4] != film(4, seed=5)


def test_every_picture_and_every_line_is_new_to_the_models(films: list[Film]) -> None:
    lines = [shot.line for one in films for shot in one.shots if shot.line] + [one.title for one in films]

    assert all(held_out(shot.facts) for one in films for shot in one.shots)
    assert all(any(grammar.held_out(text_of(line, language)) for language in LANGUAGES) for line in lines)


def test_what_is_absent_is_neither_shown_nor_told(films: list[Film]) -> None:
    told = {stem for one in films for shot in one.shots for stem in shot.told}
    shown = {subject.kind for one in films for shot in one.shots for subject in shot.facts.subjects}

    assert not shown & set(NEVER)
    assert not told & set().union(*(kind_stems(kind) for kind in NEVER))


def test_a_film_is_one_span_and_its_shots_become_its_moments(films: list[Film]) -> None:
    for one in films:
        starts = [shot.start_seconds for shot in one.shots]
        (message,) = pending_spans(Entry.of(ledger_body(one)))
        moments = cut_moments(message.start_seconds, message.stop_seconds, starts[1:])

        assert moments == [(shot.start_seconds, shot.stop_seconds) for shot in one.shots]
        assert len(moments) == SHOTS
        for number, shot in enumerate(one.shots):
            words = spoken(one, number)
            assert " ".join(word.text for word in words) == (text_of(shot.line, one.language) if shot.line else "")
            assert all(shot.start_seconds <= word.start_seconds < shot.stop_seconds for word in words)


def test_questions_come_in_pairs_and_are_judged_alike(films: list[Film]) -> None:
    few = {"spoken": 3, "shown": 4, "titled": 2, "absent": 4}
    judged = ask(films, needs=few, seed=3)

    assert len(judged.questions) == 2 * sum(few.values())
    for english, russian in zip(judged.questions[::2], judged.questions[1::2], strict=True):
        assert (english.language, russian.language) == ("en", "ru")
        assert english.pair == russian.pair
        assert judged.right(english) == judged.right(russian)
        assert bool(judged.right(english)) == (english.kind != "absent")
        assert judged.by_second(english) == (english.kind in ("spoken", "shown"))
    assert judged == ask(films, needs=few, seed=3)


def test_a_spoken_question_is_right_where_all_its_words_are_said(films: list[Film]) -> None:
    judged = ask(films, needs={"spoken": 3}, seed=3)
    shots = {f"{one.name}@{(s.start_seconds + s.stop_seconds) / 2:.2f}": s for one in films for s in one.shots}

    for question in judged.questions:
        assert all(shots[name].line for name in judged.right(question))


def test_the_corpus_has_two_hundred_questions_of_every_kind() -> None:
    assert 2 * sum(NEEDS.values()) == 200
    assert set(NEEDS) == set(FEW_NEEDS) == {"spoken", "shown", "both", "titled", "negated", "absent"}


RED_CAR = Facts("city", Subject("car", "red", 1), None, "rain", "night")


@pytest.mark.parametrize(
    ("parts", "seen", "shown"),
    [
        (("colour",), Facts("beach", Subject("car", "red", 3)), True),
        (("colour",), Facts("city", Subject("car", "blue", 1)), False),
        (("colour",), Facts("city", Subject("bus", "blue", 1), Subject("car", "red", 1)), True),
        (("place",), Facts("city", Subject("car", "blue", 1)), True),
        (("place",), Facts("beach", Subject("car", "red", 1)), False),
        (("weather",), Facts("city", Subject("car", "red", 1), None, "storm"), True),
        (("weather",), Facts("city", Subject("car", "red", 1), None, "fog"), False),
        (("light",), Facts("city", Subject("car", "red", 1), None, "clear", "day"), False),
    ],
)
def test_a_picture_shows_what_is_asked_for(parts: tuple[str, ...], seen: Facts, shown: bool) -> None:
    assert Wish.of(RED_CAR, *parts).shown_by(seen) is shown


def test_a_wish_is_put_into_words_that_tell_it_and_no_more() -> None:
    wish = Wish.of(RED_CAR, "colour", "place")

    for seed in range(5):
        english, russian = (wish.worded(language, Random(seed)) for language in LANGUAGES)
        assert "red" in english.lower() and "rain" not in english and "night" not in english
        assert "красн" in russian.lower() and "дожд" not in russian


def test_the_models_know_nothing_of_the_words_for_what_is_unknown() -> None:
    known = {
        language: {stem for word in grammar.vocabulary(language) for stem in stems(word, language)}
        for language in LANGUAGES
    }

    for pair in UNKNOWN:
        for language in LANGUAGES:
            assert stems(pair[language], language) - known[language], pair


ROLLS, STANDS = Pair("A red ball rolls.", "Красный шар катится."), Pair("A red ball stands.", "Красный шар стоит.")
MEADOW = Facts("meadow", Subject("dog", "brown", 1))


class Asked(Needs):
    """Asks about the lines above, in Russian for more of them than in English."""

    def _words(self, line: Pair, language: Language) -> tuple[str, str]:
        asked = {"en": "red ball", "ru": "шар катится"}[language]
        return asked, asked


def two_films(title: Pair) -> list[Film]:
    shots = (Shot(0.0, 5.0, MEADOW, ROLLS), Shot(5.0, 10.0, MEADOW, STANDS))
    return [Film(1, "en", title, shots), Film(2, "ru", ROLLS, (Shot(0.0, 5.0, MEADOW, None),))]


def test_each_language_is_judged_by_the_words_that_it_asks_for() -> None:
    (need,) = Asked(two_films(Pair("Tea.", "Чай.")), Random(1)).draw({"spoken": 1})

    assert need.grades == {"en": {"film-001@2.50": 2, "film-001@7.50": 2}, "ru": {"film-001@2.50": 2}}


def test_a_film_in_which_the_words_of_a_title_are_said_is_right_too_though_less() -> None:
    films = two_films(STANDS)
    needs = [Asked(films, Random(seed)).draw({"titled": 1})[0] for seed in range(3)]

    for need in needs:
        assert need.grades == {"en": {"film-001": 2, "film-002": 2}, "ru": {"film-001": 1, "film-002": 2}}
