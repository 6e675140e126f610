"""A Whisper model behind faster-whisper (https://github.com/SYSTRAN/faster-whisper): windows of sound to text."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

import ctranslate2
import numpy as np
from faster_whisper import BatchedInferencePipeline, WhisperModel
from faster_whisper.audio import pad_or_trim

from encoders.speech.hallucination import Heard, Limits
from encoders.speech.spoken_languages import Impression
from encoders.speech.windows import Window
from encoders.values import SAMPLES_PER_SECOND, Sound, Word

# A language shows in 10 s as well as in Whisper's 30 s, and five times as fast.
_LANGUAGE_FRAMES = 1000
_LANGUAGE_BATCH = 16
# The library looks at none of its own thresholds at first: kadr does, and says what it drops.
_FIRST = {
    "beam_size": 5,
    "temperature": 0.0,
    "compression_ratio_threshold": None,
    "log_prob_threshold": None,
    "no_speech_threshold": None,
    "condition_on_previous_text": False,
    "word_timestamps": True,
}
_SEED = 1


class WhisperDecoder:
    """One model on one device.

    Args:
        source: A folder in CTranslate2's format, a size such as `small`, or a hub name.
        device: `cpu` or `cuda`.
        threads: Threads on the CPU.
        compute_type: CTranslate2's name of it.
        batch: Windows that are decoded at once.
    """

    def __init__(self, source: str, *, device: str, threads: int, compute_type: str, batch: int) -> None:
        self._model = WhisperModel(source, device=device, compute_type=compute_type, cpu_threads=threads)
        self._pipeline = BatchedInferencePipeline(self._model)
        self._batch = batch
        self.languages = self._known_languages()

    def impressions(self, sound: Sound, cuts: Sequence[tuple[int, int]]) -> list[Impression]:
        """How likely each language is in each utterance (half-open ranges of samples)."""
        found: list[Impression] = []
        for at in range(0, len(cuts), _LANGUAGE_BATCH):
            some = cuts[at : at + _LANGUAGE_BATCH]
            features = np.stack([self._features(sound[start:stop]) for start, stop in some])
            for (start, stop), ranked in zip(some, self._ranked_languages(features), strict=True):
                found.append(Impression(dict(ranked), (stop - start) / SAMPLES_PER_SECOND))
        return found

    def write_down(self, sound: Sound, windows: Sequence[Window]) -> list[list[Heard]]:
        """The likeliest text of each window, in order, with word times of the whole sound."""
        if self._batch == 1:
            return [self._decode(sound, window, **_FIRST) for window in windows]
        heard: list[list[Heard]] = [[] for _ in windows]
        in_order = sorted(range(len(windows)), key=lambda at: windows[at].language)
        for language, places in groupby(in_order, key=lambda at: windows[at].language):
            chosen = list(places)
            texts = self._decode_batch(sound, [windows[at] for at in chosen], language)
            for at, text in zip(chosen, texts, strict=True):
                heard[at] = text
        return heard

    def try_again(self, sound: Sound, window: Window, limits: Limits, temperatures: Sequence[float]) -> list[Heard]:
        """Decodes one window with each temperature in turn until the text is likely enough; alike each time."""
        ctranslate2.set_random_seed(_SEED)
        bounds = {
            "temperature": list(temperatures),
            "compression_ratio_threshold": limits.compression_ratio,
            "log_prob_threshold": limits.log_probability,
        }
        return self._decode(sound, window, **{**_FIRST, **bounds})

    def _decode(self, sound: Sound, window: Window, **options: Any) -> list[Heard]:
        found, _ = self._model.transcribe(sound[window.start : window.stop], language=window.language, **options)
        shift = window.start / SAMPLES_PER_SECOND
        return _heard(found, shift, len(sound) / SAMPLES_PER_SECOND)

    def _decode_batch(self, sound: Sound, windows: Sequence[Window], language: str) -> list[list[Heard]]:
        """All windows of one language; half as many at once for good where the device has too little memory."""
        try:
            found, _ = self._pipeline.transcribe(
                sound,
                language=language,
                clip_timestamps=[
                    {"start": window.start / SAMPLES_PER_SECOND, "end": window.stop / SAMPLES_PER_SECOND}
                    for window in windows
                ],
                batch_size=self._batch,
                without_timestamps=False,
                **_FIRST,
            )
            segments = list(found)
        except RuntimeError as error:
            if "out of memory" not in str(error) or self._batch == 1:
                raise
            self._batch //= 2
            return self._decode_batch(sound, windows, language)
        return _by_window(segments, windows, len(sound) / SAMPLES_PER_SECOND)

    def _known_languages(self) -> tuple[str, ...]:
        if not self._model.model.is_multilingual:
            return ("en",)
        silence = self._features(np.zeros(SAMPLES_PER_SECOND, np.float32))
        return tuple(sorted(code for code, _ in self._ranked_languages(silence[None])[0]))

    def _features(self, sound: Sound) -> np.ndarray:
        features: np.ndarray = pad_or_trim(self._model.feature_extractor(sound)[..., :-1], _LANGUAGE_FRAMES)
        return features

    def _ranked_languages(self, features: np.ndarray) -> list[list[tuple[str, float]]]:
        ranked = self._model.model.detect_language(self._model.encode(features))
        return [[(token[2:-2], float(probability)) for token, probability in one] for one in ranked]


def _heard(found: Iterable[Any], shift_seconds: float, duration_seconds: float) -> list[Heard]:
    """What the library found; word times may leave the sound by a little, and are brought back into it."""
    heard = []
    for segment in found:
        words = [_word(word, shift_seconds, duration_seconds) for word in segment.words or () if word.word.strip()]
        if words:
            text = segment.text.strip() or " ".join(word.text for word in words)
            ordered = tuple(sorted(words, key=lambda word: word.start_seconds))
            heard.append(Heard(text, ordered, float(segment.avg_logprob), float(segment.no_speech_prob)))
    return heard


def _by_window(segments: Iterable[Any], windows: Sequence[Window], duration_seconds: float) -> list[list[Heard]]:
    # The library says from which hundredth of a second on it decoded a segment, rounded down, maybe twice.
    begins = [int(window.start / SAMPLES_PER_SECOND * 100) - 1 for window in windows]
    heard: list[list[Heard]] = [[] for _ in windows]
    for segment in segments:
        at = max(0, bisect_right(begins, segment.seek) - 1)
        heard[at] += _heard([segment], 0.0, duration_seconds)
    return heard


def _word(word: Any, shift_seconds: float, duration_seconds: float) -> Word:
    start = min(max(0.0, shift_seconds + float(word.start)), duration_seconds)
    stop = min(max(start, shift_seconds + float(word.end)), duration_seconds)
    return Word(word.word.strip(), start, stop, min(1.0, max(0.0, float(word.probability))))
