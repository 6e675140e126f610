from pathlib import Path

import encoders
from encoders.training.pictures.vocabulary import vocabulary
from encoders.vocabulary import VOCABULARY
from evaluation.corpus.absent import UNKNOWN
from search_api.vocabulary import known_part

SHIPPED = (Path(encoders.__file__).parent / "weights" / "kadr-clip" / VOCABULARY).read_text(encoding="utf-8").split()


def test_the_shipped_words_are_those_of_the_captions() -> None:
    drawn = vocabulary(200)

    assert {"car", "машина", "red", "снегу"} <= set(drawn) <= set(SHIPPED)
    assert sorted(set(SHIPPED)) == SHIPPED
    assert vocabulary(20) == vocabulary(20) != vocabulary(20, seed=2)


def test_no_word_of_what_the_world_does_not_hold_is_known() -> None:
    for pair in UNKNOWN:
        for text in pair.values():
            assert known_part(text, SHIPPED).share <= 0.5, text
    assert sum(known_part(text, SHIPPED).share == 0 for pair in UNKNOWN for text in pair.values()) >= 34


def test_forms_that_no_caption_has_are_known_by_their_stem() -> None:
    for text in ("красной машине", "собаками", "a red umbrella", "лодку под дождём", "waves"):
        assert known_part(text, SHIPPED).share == 1, text
