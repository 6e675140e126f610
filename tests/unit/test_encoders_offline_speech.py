"""Speech without a hub: who writes down which utterance."""

import numpy as np
import pytest

from encoders.speech.hearing import Hearing
from encoders.speech.offline_speech import OfflineRecognizer
from encoders.speech.windows import Window
from encoders.values import Segment, Sound, Word

SECOND = 16_000
SOUND = np.zeros(10 * SECOND, np.float32)
FIRST, SECOND_CUT = (0, 2 * SECOND), (3 * SECOND, 5 * SECOND)


def _segment(text: str, start: float, language: str) -> Segment:
    return Segment(text, start, start + 1.0, language, (Word(text, start, start + 1.0, 0.9),))


class Own:
    """Understands the first utterance, and not the second, which it takes to be in some language."""

    def __init__(self, lost_language: str, *segments: Segment) -> None:
        self.asked: list[str | None] = []
        self._lost_language = lost_language
        self._segments = segments or (_segment("дом", 0.5, "ru"),)

    def listen(self, sound: Sound, language: str | None) -> Hearing:
        self.asked.append(language)
        return Hearing(self._segments, (Window(self._lost_language, True, (SECOND_CUT,)),), (("improbable",),))


class English:
    """Writes down `country` wherever it is asked to listen."""

    def __init__(self) -> None:
        self.asked: list[tuple[int, int]] = []
        self.closed = False

    def write_down(self, sound: Sound, cuts: list[tuple[int, int]]) -> list[Segment]:
        self.asked += cuts
        return [_segment("country", start / SECOND + 0.2, "en") for start, _ in cuts]

    def close(self) -> None:
        self.closed = True


@pytest.mark.parametrize(("seems", "said"), [("en", None), ("en", "en"), ("ru", "en")])
def test_english_that_kadr_s_own_model_does_not_understand_goes_to_the_other(seems: str, said: str | None) -> None:
    own, english = Own(seems), English()
    (transcript,) = OfflineRecognizer(own, english).transcribe([SOUND], said)
    assert (own.asked, english.asked) == ([said], [SECOND_CUT])
    assert [(one.text, one.language, one.start_seconds) for one in transcript.segments] == [
        ("дом", "ru", 0.5),
        ("country", "en", 3.2),
    ]


@pytest.mark.parametrize(("seems", "said"), [("ru", None), ("ru", "ru"), ("en", "ru")])
def test_russian_that_it_does_not_understand_stays_unwritten(seems: str, said: str | None) -> None:
    english = English()
    (transcript,) = OfflineRecognizer(Own(seems), english).transcribe([SOUND], said)
    assert english.asked == []
    assert (transcript.text, transcript.language) == ("дом", "ru")


def test_an_utterance_is_written_down_by_one_of_them_only() -> None:
    part = (_segment("дом", 0.5, "ru"), _segment("cow tree", 3.5, "en"))
    (transcript,) = OfflineRecognizer(Own("en", *part), English()).transcribe([SOUND], None)
    assert transcript.text == "дом country"
    (transcript,) = OfflineRecognizer(Own("ru", *part), English()).transcribe([SOUND], None)
    assert transcript.text == "дом cow tree"


def test_a_language_that_neither_knows_gives_no_text() -> None:
    own, english = Own("en"), English()
    (transcript,) = OfflineRecognizer(own, english).transcribe([SOUND], "de")
    assert (transcript.language, transcript.segments, transcript.duration_seconds) == ("de", (), 10.0)
    assert own.asked == [] and english.asked == []


def test_it_says_what_it_is_and_ends_what_it_started() -> None:
    english = English()
    recognizer = OfflineRecognizer(Own("en"), english)
    assert (recognizer.name, recognizer.languages) == ("kadr-whisper+pocketsphinx", ("en", "ru"))
    recognizer.close()
    assert english.closed
