"""Loads the models that the settings name; only the encoder server's process imports this."""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import structlog
import torch
from safetensors import SafetensorError

from encoders.device import Device, Precision, choose_device, choose_precision, speech_precision, thread_count
from encoders.errors import ModelError
from encoders.models import Models
from encoders.openclip import OpenClipEncoder
from encoders.ports import ImageTextEncoder, SpeechRecognizer, TextEncoder
from encoders.registry.catalogue import KADR_WHISPER, POCKETSPHINX, UNTRAINED, Kind
from encoders.registry.hub import fetch, plan_fetch
from encoders.registry.places import Place, find_place, setting_of
from encoders.registry.profiles import Profile, choose_models
from encoders.sentences import SentenceEncoder
from encoders.settings import EncoderSettings
from encoders.speech.offline_speech import OWN_MANNER, OfflineRecognizer
from encoders.speech.pocketsphinx import PocketSphinxRecognizer
from encoders.speech.whisper import Manner, WhisperRecognizer
from encoders.untrained import write_untrained_model
from encoders.values import SAMPLES_PER_SECOND, check_vectors

_log = structlog.get_logger(__name__)
# What the libraries raise for files that are missing, cut off, or of something else.
_LOAD_ERRORS = (
    OSError,
    ValueError,
    RuntimeError,
    TypeError,
    LookupError,
    AttributeError,
    AssertionError,
    EOFError,
    MemoryError,
    ImportError,
    SafetensorError,
    pickle.UnpicklingError,
)


def load_models(settings: EncoderSettings) -> Models:
    """Loads the three models, fetching those that are missing, and lets each work once.

    Raises:
        ModelError: One cannot be fetched or loaded, or gives nothing usable; the message names it and the reason.
    """
    chosen = choose_models(settings)
    torch.set_num_threads(thread_count(settings.torch_threads))
    device = choose_device(settings.device)
    precision = choose_precision(settings.precision, device)
    # All three are found before one is loaded: a wrong name is said at once, and not after minutes.
    pictures, texts, speech = (_fetched(place, settings) for place in find_places(chosen, settings))
    return Models(
        settings.model_set,
        load_pictures(pictures, settings, device, precision),
        load_texts(texts, chosen, settings, device, precision),
        load_speech(speech, settings, device),
    )


def find_places(chosen: Profile, settings: EncoderSettings) -> tuple[Place, Place, Place]:
    """Finds the picture, the text and the speech model.

    Raises:
        ModelError: One cannot exist, or its folder holds something else.
    """
    return (
        find_place("picture", chosen.picture_model, settings.models_dir),
        find_place("text", chosen.text_model, settings.models_dir),
        find_place("speech", chosen.speech_model, settings.models_dir),
    )


def load_pictures(place: Place, settings: EncoderSettings, device: Device, precision: Precision) -> ImageTextEncoder:
    """Loads and warms up a picture model.

    Raises:
        ModelError: Its files are not usable.
    """
    folder = write_untrained_model(settings.models_dir) if place.name == UNTRAINED else _folder_of(place)
    name = folder.name if place.name == UNTRAINED else place.name
    with reported(place):
        encoder = OpenClipEncoder(
            str(folder), name=name, device=device, batch=settings.encoder_batch, precision=precision
        )
        size = encoder.picture_input.size
        grey = np.full((1, size, size, 3), 128, np.uint8)
        check_vectors(encoder.embed_frames(grey), rows=1, dimension=encoder.dimension)
        _try_texts(encoder)
    _make_ready(encoder, place, settings)
    return encoder


def load_texts(
    place: Place, chosen: Profile, settings: EncoderSettings, device: Device, precision: Precision
) -> TextEncoder:
    """Loads and warms up a text model; `chosen` has its prefixes.

    Raises:
        ModelError: Its files are not usable.
    """
    with reported(place):
        encoder = SentenceEncoder(
            str(_folder_of(place)),
            name=place.name,
            device=device,
            batch=settings.encoder_batch,
            precision=precision,
            query_prefix=chosen.text_query_prefix,
            passage_prefix=chosen.text_passage_prefix,
        )
        _try_texts(encoder)
    _make_ready(encoder, place, settings)
    return encoder


def load_speech(place: Place, settings: EncoderSettings, device: Device) -> SpeechRecognizer:
    """Loads a speech model, and lets it hear a second of silence.

    Raises:
        ModelError: Its files are not usable.
    """
    with reported(place):
        if place.name == POCKETSPHINX and place.folder is None:
            recognizer: SpeechRecognizer = PocketSphinxRecognizer()
        elif place.name == KADR_WHISPER and place.hub is None:
            own = _load_whisper(place, settings, device, languages=OfflineRecognizer.languages, manner=OWN_MANNER)
            recognizer = OfflineRecognizer(own, PocketSphinxRecognizer())
        else:
            recognizer = _load_whisper(place, settings, device, languages=settings.speech_languages)
        recognizer.transcribe([np.zeros(SAMPLES_PER_SECOND, np.float32)], None)
    return recognizer


def _load_whisper(
    place: Place,
    settings: EncoderSettings,
    device: Device,
    *,
    languages: Sequence[str] = (),
    manner: Manner | None = None,
) -> WhisperRecognizer:
    recognizer = WhisperRecognizer(
        str(_folder_of(place)),
        device=device,
        threads=thread_count(settings.speech_threads),
        compute_type=speech_precision(device),
        languages=languages,
        manner=manner,
    )
    recognizer.name = place.name
    return recognizer


def _fetched(place: Place, settings: EncoderSettings) -> Place:
    if place.present or place.hub is None:
        return place
    plan = plan_fetch(place.hub, settings.models_dir)
    megabytes, where = plan.bytes // 10**6, str(plan.folder)
    _log.info("fetching a model", model=place.name, megabytes=megabytes, licence=plan.licence, folder=where)
    fetch(plan, settings.models_dir, lambda _: None)
    return find_place(place.kind, place.name, settings.models_dir)


def _folder_of(place: Place) -> Path:
    assert place.folder is not None
    return place.folder


def _make_ready(encoder: OpenClipEncoder | SentenceEncoder, place: Place, settings: EncoderSettings) -> None:
    """Compiles it if that is wanted, and pays now for what the first request would pay for."""
    if not settings.compile:
        encoder.warm_up()
        return
    try:
        encoder.compile()
        encoder.warm_up()
    except Exception as error:  # A compiler may raise anything; whatever it is, it is not compiled.
        raise ModelError(
            f"KADR_COMPILE is true, but the {place.kind} model {place.name!r} cannot be compiled here "
            f"({_reason(error)}): install a C++ compiler and Python's headers, or set it to false."
        ) from error


def _try_texts(encoder: TextEncoder) -> None:
    check_vectors(encoder.embed_texts(["kadr"], "query"), rows=1, dimension=encoder.dimension)


@contextmanager
def reported(place: Place) -> Iterator[None]:
    """Makes one sentence of whatever a library raises about a model's files.

    Raises:
        ModelError: Something was raised.
    """
    try:
        yield
    except ModelError:
        raise
    except Exception as error:
        # Tokenizers raise a plain Exception; everything else that is not expected of files is a bug.
        if not isinstance(error, _LOAD_ERRORS) and type(error) is not Exception:
            raise
        raise ModelError(
            f"The {place.kind} model {place.name!r} cannot be loaded: {_reason(error)}. {_advice(place.kind, place)}"
        ) from error


def _advice(kind: Kind, place: Place) -> str:
    if place.hub is not None:
        return f"Remove its folder {place.folder} and run `kadr models fetch {place.name}` again."
    return f"Correct {setting_of(kind)} or its files."


def _reason(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return (lines or [type(error).__name__])[0].rstrip(".:")
