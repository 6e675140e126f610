"""What is believed of a speech model's text: figures as a Whisper of OpenAI's gave them, on speech and on none."""

import pytest

from encoders.speech.hallucination import Heard, Limits, doubts
from encoders.values import Word

VOICE = [(0.0, 10.0)]


def _heard(text: str, seconds: float, log: float, word: float, no_speech: float, start: float = 0.0) -> Heard:
    """A text with its words spread evenly over its time."""
    parts = text.split()
    step = seconds / len(parts)
    words = [Word(part, start + at * step, start + (at + 1) * step, word) for at, part in enumerate(parts)]
    return Heard(text, tuple(words), log, no_speech)


@pytest.mark.parametrize(
    "heard",
    [
        _heard("And so, my fellow Americans, ask not what your country can do for you,", 7.2, -0.36, 0.93, 0.07),
        _heard("A dog runs across the greenfield, and the children laugh loudly.", 3.8, -0.38, 0.84, 0.02),
        _heard("Красная машина поворачивает налево у моста.", 2.4, -0.73, 0.57, 0.33),
        _heard("Да, да, да, да!", 1.2, -0.3, 0.9, 0.05),
        _heard("No.", 0.2, -0.4, 0.8, 0.1),
        _heard("Thank you for watching.", 1.5, -0.15, 0.97, 0.02),
        _heard("Спасибо за внимание!", 1.5, -0.2, 0.9, 0.04),
        _heard("Bye bye, see you at the station tomorrow at nine.", 3.0, -0.8, 0.55, 0.1),
    ],
    ids=lambda heard: heard.text[:20],
)
def test_speech_is_believed(heard: Heard) -> None:
    assert doubts(heard, VOICE, Limits()) == ()


@pytest.mark.parametrize(
    ("heard", "why"),
    [
        (_heard("You", 1.0, -0.73, 0.08, 0.73), {"unsure words", "no speech", "junk"}),
        (_heard("Thank you very much.", 1.6, -1.11, 0.52, 0.65), {"improbable", "no speech", "junk"}),
        (_heard("I'm sorry. " * 5, 4.0, -0.84, 0.67, 0.79), {"no speech", "compressible", "repeats"}),
        (_heard("I'm sorry, " * 60, 10.0, -0.1, 0.95, 0.78), {"compressible", "repeats", "too fast"}),
        (_heard("I'll see you in the next video.", 2.0, -1.2, 0.51, 0.83), {"improbable", "no speech", "junk"}),
        (_heard("Субтитры сделал DimaTorzok", 2.0, -0.6, 0.7, 0.5), {"junk"}),
        (_heard("Редактор субтитров А.Семкин Корректор А.Егорова", 4.0, -0.3, 0.5, 0.2), {"junk"}),
        (_heard("Продолжение следует...", 1.5, -0.3, 0.9, 0.8), {"junk"}),
        (_heard("Thanks for watching!", 1.2, -0.7, 0.8, 0.1), {"junk"}),
        (_heard("and then we went home to the sea and to the hills again", 1.0, -0.3, 0.9, 0.1), {"too fast"}),
        (_heard("Oh no", 9.0, -0.3, 0.9, 0.1), {"too slow"}),
        (_heard("раз два три четыре " * 12, 20.0, -0.2, 0.9, 0.1), {"compressible", "repeats"}),
    ],
    ids=lambda value: value.text[:20] if isinstance(value, Heard) else "",
)
def test_what_silence_music_and_noise_make_of_a_model_is_doubted(heard: Heard, why: set[str]) -> None:
    assert set(doubts(heard, [(0.0, 30.0)], Limits())) == why


def test_text_outside_voice_is_doubted() -> None:
    heard = _heard("Two old friends walk home", 2.0, -0.3, 0.9, 0.1, start=4.0)
    assert doubts(heard, [(3.9, 6.1)], Limits()) == ()
    assert doubts(heard, [(0.0, 3.0), (7.0, 9.0)], Limits()) == ("outside voice",)


def test_limits_are_those_of_the_model() -> None:
    heard = _heard("A cat sleeps by the fire.", 2.0, -0.5, 0.7, 0.1)
    assert doubts(heard, VOICE, Limits(log_probability=-0.3, word_probability=0.8)) == ("improbable", "unsure words")


def test_nothing_is_no_text() -> None:
    with pytest.raises(ValueError, match="text and words"):
        Heard(" ", (), 0.0, 0.0)
