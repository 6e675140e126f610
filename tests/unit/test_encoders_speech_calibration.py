"""The limits of kadr's own Whisper: as much as possible is believed, and nothing that it cannot know."""

from encoders.training.speech.calibrate import Reading, propose


def _reading(kind: str, right: bool, log: float, word: float) -> Reading:
    return Reading(kind, "text", right, log, word)


def test_limits_let_right_texts_through_and_nothing_foreign() -> None:
    right = [_reading("known", True, log, 0.9) for log in (-0.1, -0.2, -0.28)]
    wrong = [_reading("known", False, -0.5, 0.6)]
    foreign = [_reading("music", False, -0.37, 0.65), _reading("real speech", False, -0.18, 0.58)]
    log, word = propose([*right, *wrong, *foreign])
    assert log <= -0.28 and word <= 0.9
    assert not any(one.log_probability >= log and one.word_probability >= word for one in foreign)


def test_a_model_that_cannot_tell_is_not_believed_at_all() -> None:
    assert propose([_reading("known", True, -0.5, 0.7), _reading("noise", False, -0.01, 0.99)]) == (0.0, 1.0)
