"""An encoder server whose vectors are colours: cheap, and what was seen can be read from them."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import uvicorn

from chaos.contents import EDGE, vector_of
from encoders.models import Models
from encoders.ports import ImageTextEncoder, SpeechRecognizer, TextEncoder
from encoders.serving.server import create_app
from encoders.settings import EncoderSettings
from encoders.values import Frames, PictureInput, Purpose, Sound, Transcript, Vectors

DIMENSION = 4


def unit(rows: Sequence[Sequence[float]]) -> Vectors:
    vectors = np.asarray(rows, np.float32).reshape(-1, DIMENSION)
    normed: Vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return normed


class Colours(ImageTextEncoder):
    """A picture's vector is its mean colour; a text's is the one that it names, such as `12 255 0`."""

    name, dimension = "colours", DIMENSION
    picture_input = PictureInput(size=EDGE, resize_mode="squash", interpolation="bicubic", fill=0)

    def embed_frames(self, frames: Frames) -> Vectors:
        return unit([vector_of(mean) for mean in frames.mean(axis=(1, 2), dtype=np.float64)])

    def embed_texts(self, texts: Sequence[str], purpose: Purpose) -> Vectors:
        return unit([vector_of(_colour(text)) for text in texts])


class Texts(TextEncoder):
    """All texts mean the same."""

    name, dimension = "nothing", DIMENSION

    def embed_texts(self, texts: Sequence[str], purpose: Purpose) -> Vectors:
        return unit([[0.0, 0.0, 0.0, 1.0]] * len(texts))


class Deaf(SpeechRecognizer):
    """The videos have no sound."""

    name, languages = "deaf", ("en",)

    def transcribe(self, sounds: Sequence[Sound], language: str | None) -> list[Transcript]:
        return [Transcript(language or "en", len(sound) / 16_000, ()) for sound in sounds]


def _colour(text: str) -> list[float]:
    found = [float(number) for number in re.findall(r"\d+", text)[:3]]
    return found + [0.0] * (3 - len(found))


def main() -> None:
    settings = EncoderSettings()
    app = create_app(settings, Models(settings.model_set, Colours(), Texts(), Deaf()))
    uvicorn.run(app, host=settings.listen_host, port=settings.listen_port, log_level="error", access_log=False)


if __name__ == "__main__":
    main()
