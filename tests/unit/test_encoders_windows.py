"""What a speech model hears at once, and what of its text is heard again."""

import pytest

from encoders.speech.hallucination import Heard, Limits
from encoders.speech.sifting import sift
from encoders.speech.spoken_languages import Choice
from encoders.speech.windows import Window, gather
from encoders.values import Word

EN, RU = Choice("en", True), Choice("ru", True)
SECOND = 16_000


def _cuts(*seconds: tuple[float, float]) -> list[tuple[int, int]]:
    return [(round(start * SECOND), round(stop * SECOND)) for start, stop in seconds]


def _gathered(cuts: list[tuple[int, int]], choices: list[Choice], longest: float = 28.0) -> list[tuple[str, int]]:
    windows = gather(cuts, choices, longest_seconds=longest, pause_seconds=1.5)
    assert [cut for window in windows for cut in window.cuts] == cuts
    return [(window.language, len(window.cuts)) for window in windows]


def test_neighbours_of_one_language_are_heard_together() -> None:
    cuts = _cuts((0, 3), (4, 6), (7, 9), (9.5, 12))
    assert _gathered(cuts, [EN, EN, RU, RU]) == [("en", 2), ("ru", 2)]
    assert _gathered(cuts, [EN, RU, EN, EN]) == [("en", 1), ("ru", 1), ("en", 2)]


def test_long_pauses_and_full_windows_part_them() -> None:
    assert _gathered(_cuts((0, 3), (4.6, 6)), [EN, EN]) == [("en", 1), ("en", 1)]
    assert _gathered(_cuts((0, 20), (20, 27), (27.5, 29)), [EN, EN, EN]) == [("en", 2), ("en", 1)]
    assert _gathered(_cuts((0, 2), (2.5, 4)), [EN, EN], longest=0.0) == [("en", 1), ("en", 1)]


def test_a_window_is_clear_if_one_of_its_utterances_is() -> None:
    cuts = _cuts((0, 3), (4, 6))
    bounds = {"longest_seconds": 28.0, "pause_seconds": 1.5}
    (window,) = gather(cuts, [Choice("en", False), EN], **bounds)
    assert window.sure and (window.start, window.stop) == (0, 6 * SECOND)
    assert not gather(cuts, [Choice("en", False)] * 2, **bounds)[0].sure
    with pytest.raises(ValueError, match="at least one"):
        Window("en", True, ())


def _heard(text: str, start: float, log_probability: float = -0.2) -> Heard:
    """Half a second for each word."""
    words = [Word(word, start + at / 2, start + at / 2 + 0.5, 0.9) for at, word in enumerate(text.split())]
    return Heard(text, tuple(words), log_probability, 0.1)


WINDOW = Window("en", True, tuple(_cuts((0, 2), (3, 5), (6, 8), (9, 11))))


def test_only_utterances_with_doubted_text_are_heard_again() -> None:
    good, bad, later = _heard("the red car", 0.2), _heard("zz zz zz", 3.2, -2.0), _heard("goes home", 6.5)
    sifted = sift(WINDOW, [good, bad, later], Limits())
    assert sifted.believed == (good, later)
    assert [window.cuts for window in sifted.doubtful] == [((3 * SECOND, 5 * SECOND),)]
    assert [window.cuts for window in sifted.unheard] == [((9 * SECOND, 11 * SECOND),)]
    assert {window.language for window in sifted.doubtful + sifted.unheard} == {"en"}


def test_what_shares_an_utterance_with_doubted_text_is_heard_again_too() -> None:
    first, bad = _heard("the red car turns left at the", 1.0), _heard("zz", 4.4, -2.0)
    last = _heard("a dog runs", 9.2)
    sifted = sift(WINDOW, [first, bad, last], Limits())
    assert sifted.believed == (last,)
    assert [window.start for window in sifted.doubtful] == [0, 3 * SECOND]
