"""An encoder server over models that are made up, for tests of its routes."""

import threading
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import httpx
import numpy as np

from encoders.client import EncoderClient
from encoders.errors import RecognitionFailed
from encoders.models import Models
from encoders.ports import ImageTextEncoder, SpeechRecognizer, TextEncoder
from encoders.serving.server import create_app
from encoders.settings import EncoderSettings
from encoders.values import Frames, PictureInput, Purpose, Segment, Sound, Transcript, Vectors, Word

URL = "http://encoder.test"
LIMITS = EncoderSettings(
    max_frames=2, max_texts=2, max_text_characters=10, max_sound_seconds=2.0, max_body_bytes=200_000
)


def unit(angles: Sequence[float]) -> Vectors:
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


class Pictures(ImageTextEncoder):
    """The vector of a picture is its brightness, that of a text its length, as an angle."""

    name, dimension = "fake-pictures", 2
    picture_input = PictureInput(size=8, resize_mode="squash", interpolation="bicubic", fill=0)

    def embed_frames(self, frames: Frames) -> Vectors:
        return unit(frames.mean(axis=(1, 2, 3)) / 255)

    def embed_texts(self, texts: Sequence[str], purpose: Purpose) -> Vectors:
        return unit([len(text) / 100 for text in texts])


class Texts(TextEncoder):
    """The vector of a text is its purpose and its length; `slow` waits until it is let go."""

    name, dimension = "fake-texts", 2

    def __init__(self) -> None:
        self.running, self.release = threading.Event(), threading.Event()
        self.batches: list[list[str]] = []

    def embed_texts(self, texts: Sequence[str], purpose: Purpose) -> Vectors:
        self.batches.append(list(texts))
        if "slow" in texts:
            self.running.set()
            assert self.release.wait(5)
        if "bug" in texts:
            raise ZeroDivisionError("a secret of the inside")
        return unit([(1 if purpose == "query" else 2) + len(text) / 100 for text in texts])


class Speech(SpeechRecognizer):
    """Hears its language's name in every sound that is not silent."""

    name, languages = "fake-speech", ("en", "ru")

    def transcribe(self, sounds: Sequence[Sound], language: str | None) -> list[Transcript]:
        if language == "xx":
            raise RecognitionFailed("The speech process died.")
        return [self._hear(sound, language or "en") for sound in sounds]

    def _hear(self, sound: Sound, language: str) -> Transcript:
        stop = len(sound) / 16_000
        word = Segment(language, 0.0, stop, language, (Word(language, 0.0, stop, 0.5),))
        return Transcript(language, stop, (word,) if sound.any() else ())


@asynccontextmanager
async def serving(
    settings: EncoderSettings = LIMITS, texts: Texts | None = None
) -> AsyncIterator[tuple[httpx.AsyncClient, EncoderClient]]:
    app = create_app(settings, Models("test", Pictures(), texts or Texts(), Speech()))
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url=URL) as http,
        EncoderClient(URL, http=http) as client,
    ):
        yield http, client


def problem(response: httpx.Response, status: int) -> str:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    body = response.json()
    assert body["status"] == status and body["type"].startswith("urn:kadr:problem:") and body["title"]
    return str(body["detail"])
