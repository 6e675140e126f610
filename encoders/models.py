"""The three models of a server, behind their ports, and the way to each."""

from __future__ import annotations

from dataclasses import dataclass

from encoders.batching.batcher import Batcher
from encoders.batching.lane import Lane
from encoders.ports import ImageTextEncoder, SpeechRecognizer, TextEncoder
from encoders.serving.metrics import Meter, Metrics
from encoders.settings import EncoderSettings
from encoders.values import ModelSet


@dataclass(frozen=True, slots=True)
class Models:
    """One picture, one text and one speech model, loaded, under the name of their set."""

    set_name: str
    pictures: ImageTextEncoder
    texts: TextEncoder
    speech: SpeechRecognizer

    @property
    def model_set(self) -> ModelSet:
        """What others must know of them."""
        return ModelSet(
            name=self.set_name,
            picture_model=self.pictures.name,
            text_model=self.texts.name,
            speech_model=self.speech.name,
            picture_dimension=self.pictures.dimension,
            text_dimension=self.texts.dimension,
            picture_input=self.pictures.picture_input,
            speech_languages=self.speech.languages,
            picture_words=self.pictures.words,
            text_words=self.texts.words,
        )


@dataclass(frozen=True, slots=True)
class Lanes:
    """The way to each of the models."""

    pictures: Batcher
    texts: Batcher
    speech: Lane

    @classmethod
    def open(cls, models: Models, settings: EncoderSettings, metrics: Metrics) -> Lanes:
        """Vectors in batches, speech one sound after the other, as wide as the settings say."""
        return cls(
            _batcher("picture", models.pictures, settings, metrics.meter("picture")),
            _batcher("text", models.texts, settings, metrics.meter("text")),
            Lane(
                "speech",
                max_waiting=settings.max_waiting_requests,
                max_wait_seconds=settings.max_wait_seconds,
                meter=metrics.meter("speech"),
            ),
        )

    def close(self) -> None:
        """Ends their threads once their calls are done."""
        self.pictures.close()
        self.texts.close()
        self.speech.close()


def _batcher(name: str, encoder: TextEncoder, settings: EncoderSettings, meter: Meter) -> Batcher:
    return Batcher(
        name,
        encoder,
        batch=settings.encoder_batch,
        max_waiting_items=settings.max_waiting_items,
        max_wait_seconds=settings.max_wait_seconds,
        linger_seconds=settings.linger_seconds,
        meter=meter,
    )
