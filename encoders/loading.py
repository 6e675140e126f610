"""Loads the models that the settings name; only the encoder server's process imports this."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from safetensors import SafetensorError

from encoders.device import choose_device, thread_count
from encoders.errors import ModelError
from encoders.models import Models
from encoders.openclip import OpenClipEncoder
from encoders.pocketsphinx import PocketSphinxRecognizer
from encoders.ports import ImageTextEncoder, SpeechRecognizer, TextEncoder
from encoders.profiles import POCKETSPHINX, UNTRAINED, choose_models
from encoders.sentences import SentenceEncoder
from encoders.settings import EncoderSettings
from encoders.untrained import write_untrained_model
from encoders.values import SAMPLES_PER_SECOND, check_vectors
from encoders.whisper import WhisperRecognizer

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
    """Loads the three models and tries each once.

    Raises:
        ModelError: One cannot be loaded or gives nothing usable; the message names it and the reason.
    """
    chosen = choose_models(settings)
    torch.set_num_threads(thread_count(settings.torch_threads))
    device = choose_device(settings.device)
    with _telling("picture", chosen.picture_model):
        pictures = _load_pictures(chosen.picture_model, settings, device)
    with _telling("text", chosen.text_model):
        texts: TextEncoder = SentenceEncoder(
            chosen.text_model,
            device=device,
            batch=settings.encoder_batch,
            query_prefix=chosen.text_query_prefix,
            passage_prefix=chosen.text_passage_prefix,
        )
        _try_texts(texts)
    with _telling("speech", chosen.speech_model):
        speech = _load_speech(chosen.speech_model, settings, device)
    return Models(settings.model_set, pictures, texts, speech)


def _load_pictures(model: str, settings: EncoderSettings, device: str) -> ImageTextEncoder:
    source = str(write_untrained_model(settings.models_dir)) if model == UNTRAINED else model
    encoder = OpenClipEncoder(source, device=device, batch=settings.encoder_batch)
    size = encoder.picture_input.size
    grey = np.full((1, size, size, 3), 128, np.uint8)
    check_vectors(encoder.embed_frames(grey), rows=1, dimension=encoder.dimension)
    _try_texts(encoder)
    return encoder


def _load_speech(model: str, settings: EncoderSettings, device: str) -> SpeechRecognizer:
    if model == POCKETSPHINX:
        recognizer: SpeechRecognizer = PocketSphinxRecognizer()
    else:
        recognizer = WhisperRecognizer(model, device=device, threads=thread_count(settings.speech_threads))
    recognizer.transcribe([np.zeros(SAMPLES_PER_SECOND, np.float32)], None)
    return recognizer


def _try_texts(encoder: TextEncoder) -> None:
    check_vectors(encoder.embed_texts(["kadr"], "query"), rows=1, dimension=encoder.dimension)


@contextmanager
def _telling(kind: str, model: str) -> Iterator[None]:
    try:
        yield
    except ModelError:
        raise
    except _LOAD_ERRORS as error:
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
        raise ModelError(
            f"The {kind} model {model!r} cannot be loaded: {reason}. Correct KADR_{kind.upper()}_MODEL or its files."
        ) from error
