"""What a model can do, whichever library runs it: one batch method each."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

from encoders.values import Frames, PictureInput, Purpose, Sound, Transcript, Vectors


class TextEncoder(ABC):
    """Turns texts into vectors."""

    name: str
    """What the model is called, for people and in requests."""
    dimension: int
    """Numbers in a vector."""
    words: tuple[str, ...] = ()
    """The words that it was trained on, where they are so few that it can say; none means any."""

    @abstractmethod
    def embed_texts(self, texts: Sequence[str], purpose: Purpose) -> Vectors:
        """Encodes texts in order, float32 N×`dimension`, each row of length 1; long texts are cut.

        Raises:
            MemoryError: Fewer texts at once may work.
        """


class ImageTextEncoder(TextEncoder):
    """Turns pictures, and texts about pictures, into vectors of one space."""

    picture_input: PictureInput
    """How frames must be resized."""

    @abstractmethod
    def embed_frames(self, frames: Frames) -> Vectors:
        """Encodes frames (uint8 N×S×S×3, RGB) in order, float32 N×`dimension`, each row of length 1.

        Raises:
            MemoryError: Fewer frames at once may work.
        """


class SpeechRecognizer(ABC):
    """Turns sound into words with times."""

    name: str
    """What the model is called, for people and in requests."""
    languages: tuple[str, ...]
    """Languages that it knows (ISO 639-1); none means any."""

    @abstractmethod
    def transcribe(self, sounds: Sequence[Sound], language: str | None) -> list[Transcript]:
        """Writes down each sound (float32, mono, 16 kHz), in the sound's own time; silence gives no segments.

        `language` is ISO 639-1; None means that the model finds out.
        """

    def close(self) -> None:  # noqa: B027
        """Ends what the recogniser holds besides memory."""
