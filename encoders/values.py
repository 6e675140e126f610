"""What goes into the encoders and what comes out: values that check themselves, numpy only."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

Frames = npt.NDArray[np.uint8]
"""Pictures, N×S×S×3, RGB."""
Sound = npt.NDArray[np.float32]
"""Mono sound, 16,000 samples a second, nominally within [-1, 1]."""
Vectors = npt.NDArray[np.float32]
"""One row per input, N×D, each of length 1."""

Space = Literal["picture", "text"]
"""Where vectors can be compared: `picture` holds pictures and texts, `text` holds texts only."""
Purpose = Literal["query", "passage"]
"""Whether a text looks for something or is what can be found; some models encode the two differently."""
ResizeMode = Literal["shortest", "squash", "longest"]
Interpolation = Literal["bicubic", "bilinear"]

SAMPLES_PER_SECOND = 16_000


@dataclass(frozen=True, slots=True)
class Word:
    """One word that was heard in `[start_seconds, stop_seconds)`, with how sure the model is of it, 0 to 1."""

    text: str
    start_seconds: float
    stop_seconds: float
    probability: float

    def __post_init__(self) -> None:
        _check_text("word", self.text)
        _check_range("word", self.start_seconds, self.stop_seconds)
        if not 0.0 <= self.probability <= 1.0:
            raise ValueError(f"A word's probability is between 0 and 1: {self.probability = }")


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of speech in one language (ISO 639-1), with its words in the order of their start."""

    text: str
    start_seconds: float
    stop_seconds: float
    language: str
    words: tuple[Word, ...]

    def __post_init__(self) -> None:
        _check_text("segment", self.text)
        _check_text("segment's language", self.language)
        _check_range("segment", self.start_seconds, self.stop_seconds)
        _check_order("words", [word.start_seconds for word in self.words])


@dataclass(frozen=True, slots=True)
class Transcript:
    """What was said in a sound, in its own time; no segments where nobody spoke.

    `language` is the main one (ISO 639-1), None where nothing was said and none was asked for.
    """

    language: str | None
    duration_seconds: float
    segments: tuple[Segment, ...]

    def __post_init__(self) -> None:
        if not (math.isfinite(self.duration_seconds) and self.duration_seconds >= 0):
            raise ValueError(f"A transcript's duration is finite and not negative: {self.duration_seconds = }")
        _check_order("segments", [segment.start_seconds for segment in self.segments])

    @property
    def text(self) -> str:
        """Everything that was said, one space between segments."""
        return " ".join(segment.text for segment in self.segments)


@dataclass(frozen=True, slots=True)
class PictureInput:
    """How a frame must look before it is sent: uint8, RGB, `size`×`size` pixels.

    `shortest` scales the shorter side to `size` and cuts the middle out, `squash` ignores the proportions, `longest`
    scales the longer side to `size` and fills the rest with `fill`. Interpolation is antialiased.
    """

    size: int
    resize_mode: ResizeMode
    interpolation: Interpolation
    fill: int

    def __post_init__(self) -> None:
        if self.size < 1:
            raise ValueError(f"A picture has at least one pixel: {self.size = }")
        if self.resize_mode not in get_args(ResizeMode):
            raise ValueError(f"The resize mode is one of {get_args(ResizeMode)}: {self.resize_mode = }")
        if self.interpolation not in get_args(Interpolation):
            raise ValueError(f"The interpolation is one of {get_args(Interpolation)}: {self.interpolation = }")
        if not 0 <= self.fill <= 255:
            raise ValueError(f"The fill is a grey of 0 to 255: {self.fill = }")


@dataclass(frozen=True, slots=True)
class ModelSet:
    """One picture, one text and one speech model by name, and what others must know of them.

    `speech_languages` are ISO 639-1; none means any. `picture_words` and `text_words` are the words that the picture
    and the text model were trained on, lower case and with е for ё, where they are so few that it can say; none means
    any.
    """

    name: str
    picture_model: str
    text_model: str
    speech_model: str
    picture_dimension: int
    text_dimension: int
    picture_input: PictureInput
    speech_languages: tuple[str, ...]
    picture_words: tuple[str, ...] = ()
    text_words: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for subject in ("name", "picture_model", "text_model", "speech_model"):
            _check_text(f"model set's {subject}", getattr(self, subject))
        if self.picture_dimension < 1 or self.text_dimension < 1:
            raise ValueError(f"Dimensions are positive: {self.picture_dimension = }, {self.text_dimension = }")


def check_frames(frames: np.ndarray, *, size: int | None = None) -> Frames:
    """Returns the frames as they are if they are uint8, N×S×S×3, N at least 1 and S the given size.

    Raises:
        ValueError: They are not; the message shows what they are.
    """
    if frames.dtype != np.uint8:
        raise ValueError(f"Frames are uint8: {frames.dtype = }")
    if frames.ndim != 4 or frames.shape[0] < 1 or frames.shape[1] != frames.shape[2] or frames.shape[3] != 3:
        raise ValueError(f"Frames are N×S×S×3 with N at least 1: {frames.shape = }")
    if size is not None and frames.shape[1] != size:
        raise ValueError(f"Frames of this model are {size}×{size} pixels: {frames.shape = }")
    return frames


def check_sound(sound: np.ndarray) -> Sound:
    """Returns the sound as it is if it is one-dimensional float32, finite and not empty.

    Raises:
        ValueError: It is not; the message shows what it is.
    """
    if sound.dtype != np.float32 or sound.ndim != 1:
        raise ValueError(f"Sound is one-dimensional float32: {sound.dtype = }, {sound.shape = }")
    if not sound.size:
        raise ValueError(f"Sound has at least one sample: {sound.shape = }")
    if not np.isfinite(sound).all():
        raise ValueError(f"Sound is finite: {int((~np.isfinite(sound)).sum())} of {sound.size} samples are not")
    return sound


def check_vectors(vectors: np.ndarray, *, rows: int, dimension: int | None = None) -> Vectors:
    """Returns the vectors as they are if they are float32, `rows`×`dimension`, finite and each of length 1.

    Raises:
        ValueError: They are not; the message shows what they are.
    """
    if vectors.dtype != np.float32 or vectors.ndim != 2:
        raise ValueError(f"Vectors are two-dimensional float32: {vectors.dtype = }, {vectors.shape = }")
    if vectors.shape[0] != rows or (dimension is not None and vectors.shape[1] != dimension):
        raise ValueError(f"Expected {rows}×{dimension or 'D'} vectors: {vectors.shape = }")
    lengths = np.linalg.norm(vectors, axis=1)
    if not np.allclose(lengths, 1.0, atol=1e-3):
        raise ValueError(f"Vectors have length 1: lengths are {lengths.min()} to {lengths.max()}")
    return vectors


def _check_text(subject: str, text: str) -> None:
    if not text.strip():
        raise ValueError(f"A {subject} is not empty: {text = }")


def _check_range(subject: str, start_seconds: float, stop_seconds: float) -> None:
    if not (math.isfinite(start_seconds) and math.isfinite(stop_seconds) and 0 <= start_seconds <= stop_seconds):
        raise ValueError(f"A {subject} starts at 0 or later and before it stops: {start_seconds = }, {stop_seconds = }")


def _check_order(subject: str, starts: list[float]) -> None:
    if any(later < earlier for earlier, later in pairwise(starts)):
        raise ValueError(f"The {subject} are in the order of their start: {starts = }")
