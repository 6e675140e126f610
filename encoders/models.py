"""The three models of a server, behind their ports, each with its lane."""

from __future__ import annotations

from dataclasses import dataclass

from encoders.lane import Lane
from encoders.ports import ImageTextEncoder, SpeechRecognizer, TextEncoder
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
        )


@dataclass(frozen=True, slots=True)
class Lanes:
    """The way to each of the models."""

    pictures: Lane
    texts: Lane
    speech: Lane

    @classmethod
    def open(cls, settings: EncoderSettings) -> Lanes:
        """One lane per model, as wide as the settings say."""
        return cls(*(_lane(name, settings) for name in ("picture", "text", "speech")))

    def close(self) -> None:
        """Ends their threads once their calls are done."""
        for lane in (self.pictures, self.texts, self.speech):
            lane.close()


def _lane(name: str, settings: EncoderSettings) -> Lane:
    return Lane(name, max_waiting=settings.max_waiting_requests, max_wait_seconds=settings.max_wait_seconds)
