"""Which models belong to a model set that has a name of its own."""

from __future__ import annotations

from dataclasses import dataclass

from encoders.errors import ModelError
from encoders.registry.catalogue import KADR_CLIP, KADR_SENTENCES, KADR_WHISPER
from encoders.settings import EncoderSettings


@dataclass(frozen=True, slots=True)
class Profile:
    """The three models of a set, and the prefixes that its text model was trained with (None: the model's own)."""

    picture_model: str
    text_model: str
    speech_model: str
    text_query_prefix: str | None = None
    text_passage_prefix: str | None = None


PROFILES: dict[str, Profile] = {
    "offline": Profile(KADR_CLIP, KADR_SENTENCES, KADR_WHISPER),
    "cpu": Profile("ViT-B-32-SigLIP2-256:webli", "intfloat/multilingual-e5-small", "small", "query: ", "passage: "),
    "gpu": Profile("ViT-SO400M-16-SigLIP2-256:webli", "BAAI/bge-m3", "large-v3-turbo"),
}


def choose_models(settings: EncoderSettings) -> Profile:
    """The models to load: those of the settings, and for what they leave open those of the named set.

    Raises:
        ModelError: The set's name is not one of `PROFILES` and the settings do not name all three models.
    """
    named = PROFILES.get(settings.model_set)
    speech = "" if settings.speech_model == "auto" else settings.speech_model
    chosen = {"PICTURE": settings.picture_model, "TEXT": settings.text_model, "SPEECH": speech}
    if named is None:
        missing = [f"KADR_{kind}_MODEL" for kind, model in chosen.items() if not model]
        if missing:
            raise ModelError(
                f"The model set {settings.model_set!r} is none of {', '.join(PROFILES)}: set {', '.join(missing)} too, "
                "or choose one of those in KADR_MODEL_SET."
            )
        return Profile(
            chosen["PICTURE"],
            chosen["TEXT"],
            chosen["SPEECH"],
            settings.text_query_prefix,
            settings.text_passage_prefix,
        )
    own_text = named if not settings.text_model else Profile("", "", "")
    return Profile(
        chosen["PICTURE"] or named.picture_model,
        chosen["TEXT"] or named.text_model,
        chosen["SPEECH"] or named.speech_model,
        _first(settings.text_query_prefix, own_text.text_query_prefix),
        _first(settings.text_passage_prefix, own_text.text_passage_prefix),
    )


def _first(chosen: str | None, otherwise: str | None) -> str | None:
    return otherwise if chosen is None else chosen
