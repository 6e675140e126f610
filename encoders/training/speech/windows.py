"""Windows for training: what the encoder sees, the tokens to write, the phonemes to hear."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from encoders.training.speech.data import Utterance
from encoders.training.speech.mel import BANDS, SILENCE, WINDOW_FRAMES, Mel, scaled
from encoders.training.speech.model import PHONEMES
from encoders.training.speech.noises import music, noise, spoiled
from encoders.training.speech.tokenizer import LANGUAGES_KNOWN, Tokens

IGNORED = -100
_NUMBERS = {phoneme: number for number, phoneme in enumerate(PHONEMES, start=1)}
# Whisper begins a window within its first second.
_LONGEST_LEAD = 100
_SHORTEST_CUT = 60


@dataclass(frozen=True, slots=True)
class Mixture:
    """Shares of the kinds of windows.

    Attributes:
        few: Windows of two or three sentences.
        many: Windows of four to ten sentences, up to 30 s; the last one may be cut, as in a long file.
        nothing: Windows without speech.
        timestamps: Windows, of all kinds, whose tokens carry times.
        russian: Windows with speech that speak Russian: its words have many endings, and it needs more hearing.
    """

    few: float = 0.0
    many: float = 0.0
    nothing: float = 0.03
    timestamps: float = 0.75
    russian: float = 0.62


@dataclass(frozen=True, slots=True)
class Window:
    """One window.

    Attributes:
        mel: float32, [frames, 80], scaled; the padding is not part of it.
        inputs: What the decoder reads.
        targets: What it is to write after each, or `IGNORED`.
        places: Where each target is spoken, in positions of the encoder, about; -1 where nobody knows.
        phonemes: What the CTC head is to hear.
        heard_frames: How many of the frames the phonemes cover.
    """

    mel: Mel
    inputs: list[int]
    targets: list[int]
    places: list[float]
    phonemes: list[int]
    heard_frames: int


@dataclass(frozen=True, slots=True)
class Batch:
    """Windows side by side: mel [n, 80, frames], tokens [n, longest], phonemes of all in one row, and lengths."""

    mel: Tensor
    inputs: Tensor
    targets: Tensor
    places: Tensor
    phonemes: Tensor
    phoneme_counts: Tensor
    positions: Tensor


class WindowMaker:
    """Draws windows from the utterances."""

    def __init__(self, utterances: dict[str, list[Utterance]], tokens: Tokens, seed: int) -> None:
        self._utterances = utterances
        self._tokens = tokens
        self._random = Random(seed)
        self._numbers = np.random.default_rng(seed)

    def window(self, mixture: Mixture) -> Window:
        """Draws one."""
        kind = self._random.random()
        if kind < mixture.nothing:
            return self._without_speech(mixture)
        kind -= mixture.nothing
        if kind < mixture.many:
            return self._with_speech(mixture, self._random.randint(4, 10), longest_gap=190)
        few = kind - mixture.many < mixture.few
        return self._with_speech(mixture, self._random.randint(2, 3) if few else 1, longest_gap=190 if few else 60)

    def _with_speech(self, mixture: Mixture, sentences: int, longest_gap: int) -> Window:
        random, tokens = self._random, self._tokens
        language = "ru" if random.random() < mixture.russian else "en"
        timestamps = random.random() < mixture.timestamps
        same_speaker = random.random() < 0.5
        frames = self._gap(min(longest_gap, _LONGEST_LEAD))
        heard_frames = frames
        pieces, written, places, phonemes = [_silence(frames)], list[int](), list[float](), list[int]()
        for _ in range(sentences):
            utterance = random.choice(self._utterances[language])
            level = 0.0 if same_speaker else random.uniform(-0.5, 0.5)
            mel = utterance.mel[: WINDOW_FRAMES - frames].astype(np.float32) + np.float32(level)
            if 0 < len(mel) < len(utterance.mel):
                # The window ends within the sentence: the next window begins with it.
                if timestamps and len(mel) >= _SHORTEST_CUT:
                    written.append(tokens.timestamp(frames))
                    places.append(frames / 2)
                pieces.append(mel)
                break
            if not len(mel):
                break
            text = tokens.encoded(utterance.text)
            end = frames + len(mel)
            written += [tokens.timestamp(frames), *text, tokens.timestamp(end)] if timestamps else text
            spoken = self._places(text, frames, end)
            places += [frames / 2, *spoken, end / 2] if timestamps else spoken
            phonemes += [_NUMBERS[phoneme] for phoneme in utterance.phonemes if phoneme in _NUMBERS]
            gap = min(self._gap(longest_gap), WINDOW_FRAMES - end)
            pieces += [mel, _silence(gap)]
            frames = heard_frames = end + gap
        mel = spoiled(np.concatenate(pieces)[:WINDOW_FRAMES], self._numbers)
        prompt = [tokens.start, tokens.languages[language], tokens.transcribe]
        return self._finished(mel, prompt, written, places, timestamps, phonemes, min(heard_frames, len(mel)))

    def _places(self, text: list[int], start: int, end: int) -> list[float]:
        """About where each token is spoken: as far into the sentence's frames as it is into its letters."""
        lengths = [max(1, len(self._tokens.decoded([token]))) for token in text]
        middles = np.cumsum(lengths) - np.array(lengths) / 2
        return [float(place) for place in (start + middles / sum(lengths) * (end - start)) / 2]

    def _gap(self, longest: int) -> int:
        """Frames of a pause: mostly short, seldom none."""
        return int(self._random.random() ** 1.7 * longest) if self._random.random() < 0.9 else 0

    def _without_speech(self, mixture: Mixture) -> Window:
        random, tokens = self._random, self._tokens
        frames = random.randint(60, 2900 if random.random() < 4 * mixture.many else 500)
        mel = _silence(frames)
        if random.random() < 0.5:
            mel = np.maximum(mel, noise(frames, random.uniform(-7.0, 1.0), self._numbers))
        if random.random() < 0.4:
            mel = np.maximum(mel, music(frames, random.uniform(-5.0, 1.0), self._numbers))
        timestamps = random.random() < mixture.timestamps
        prompt = [tokens.start, tokens.languages[random.choice(LANGUAGES_KNOWN)], tokens.transcribe]
        written = [tokens.first_timestamp] if timestamps else []
        window = self._finished(mel, prompt, written, [-1.0] * len(written), timestamps, [], frames)
        window.targets[0] = tokens.no_speech
        return window

    def _finished(
        self,
        mel: Mel,
        prompt: list[int],
        written: list[int],
        places: list[float],
        timestamps: bool,
        phonemes: list[int],
        heard_frames: int,
    ) -> Window:
        """Only the language and what follows the prompt are to be learnt; the caller of a model gives the rest."""
        tokens = self._tokens
        given = prompt if timestamps else [*prompt, tokens.no_timestamps]
        whole = [*given, *written, tokens.end]
        targets = whole[1:]
        targets[1 : len(given) - 1] = [IGNORED] * (len(given) - 2)
        headroom = self._random.uniform(0.0, 1.0) if self._random.random() < 0.3 else 0.0
        whole_places = [-1.0] * (len(given) - 1) + places + [-1.0]
        return Window(scaled(mel, headroom), whole[:-1], targets, whole_places, phonemes, heard_frames)

    def batches(self, mixture: Mixture, frames_a_batch: int) -> Iterator[Batch]:
        """Draws many windows, and yields batches of like lengths, each of about so many frames, in any order."""
        windows = sorted((self.window(mixture) for _ in range(96)), key=lambda window: len(window.mel))
        groups: list[list[Window]] = [[]]
        for window in windows:
            if groups[-1] and (len(groups[-1]) + 1) * len(window.mel) > frames_a_batch:
                groups.append([])
            groups[-1].append(window)
        self._random.shuffle(groups)
        for group in groups:
            yield collate(group, self._tokens.end)


def collate(windows: list[Window], end: int) -> Batch:
    """Puts windows side by side; mel is padded with 0, as the library does, to an even number of frames."""
    frames = max(len(window.mel) for window in windows)
    mel = np.zeros((len(windows), BANDS, min(frames + 2 + frames % 2, WINDOW_FRAMES)), np.float32)
    for row, window in zip(mel, windows, strict=True):
        row[:, : len(window.mel)] = window.mel.T
    return Batch(
        mel=torch.from_numpy(mel),
        inputs=_rows([window.inputs for window in windows], end),
        targets=_rows([window.targets for window in windows], IGNORED),
        places=_rows([window.places for window in windows], -1.0),
        phonemes=torch.tensor([phoneme for window in windows for phoneme in window.phonemes], dtype=torch.long),
        phoneme_counts=torch.tensor([len(window.phonemes) for window in windows]),
        positions=torch.tensor([max(1, window.heard_frames // 2) for window in windows]),
    )


def _rows(rows: Sequence[Sequence[float]], filler: float) -> Tensor:
    table = torch.full((len(rows), max(map(len, rows))), filler)
    for line, row in zip(table, rows, strict=True):
        line[: len(row)] = torch.tensor(row)
    return table


def _silence(frames: int) -> NDArray[np.float32]:
    return np.full((frames, BANDS), SILENCE, np.float32)
