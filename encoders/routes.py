"""The HTTP routes of the encoder server: the OpenAI shapes, and arrays as they are."""

from __future__ import annotations

import asyncio
import base64
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, Response
from starlette.datastructures import FormData, UploadFile

from encoders import npy
from encoders.batcher import Batcher
from encoders.bodies import (
    EmbeddingRequest,
    check_length,
    content_type,
    read_form,
    read_frames,
    read_sound,
    read_texts,
)
from encoders.connection import while_connected
from encoders.models import Lanes, Models
from encoders.ports import TextEncoder
from encoders.problems import RequestProblem
from encoders.settings import EncoderSettings
from encoders.sound_file import NoSound, decode_sound
from encoders.values import Sound, Transcript, Vectors
from encoders.wire import write_model_set, write_transcript

router = APIRouter()


@dataclass(frozen=True, slots=True)
class Services:
    """What the routes work with."""

    models: Models
    lanes: Lanes
    settings: EncoderSettings


def _services(request: Request) -> Services:
    services: Services | None = getattr(request.app.state, "services", None)
    if services is None:
        raise RequestProblem(503, "not-ready", "The encoder server still loads its models: try again later.")
    return services


Running = Annotated[Services, Depends(_services)]


@router.get("/healthz", summary="Says that the process runs.")
async def healthz() -> dict[str, str]:
    """Says that the process runs."""
    return {"status": "ok"}


@router.get("/readyz", summary="Says that every model is loaded.")
async def readyz(services: Running) -> dict[str, str]:
    """Says that every model is loaded; 503 before."""
    return {"status": "ready", "model_set": services.models.set_name}


@router.get("/v1/models", summary="Lists the models, and what they take.")
async def models(services: Running) -> dict[str, Any]:
    """Lists the models as OpenAI does; what is kadr's own stands under `kadr`."""
    return write_model_set(services.models.model_set)


_EMBEDDINGS_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": EmbeddingRequest.model_json_schema()},
            npy.MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}},
        },
    }
}


@router.post("/v1/embeddings", summary="Turns texts or pictures into vectors.", openapi_extra=_EMBEDDINGS_BODY)
async def embeddings(request: Request, services: Running) -> Response:
    """Encodes texts (JSON, as OpenAI does) or frames (.npy, uint8 N×S×S×3) as vectors of length 1.

    Frames are answered with .npy (float32 N×D); texts too if the request accepts nothing but that.
    """
    if content_type(request) == npy.MEDIA_TYPE:
        size = services.models.pictures.picture_input.size
        frames = await read_frames(request, services.settings, size)
        return _array_response(await while_connected(request, services.lanes.pictures.embed_frames(frames)))
    if content_type(request) != "application/json":
        raise RequestProblem(415, "media-type", f"Send application/json, or frames as {npy.MEDIA_TYPE}.")
    wanted = await read_texts(request, services.settings)
    encoder, lane = _text_encoder(services, wanted)
    vectors = await while_connected(request, lane.embed_texts(wanted.input, wanted.purpose))
    if request.headers.get("accept") == npy.MEDIA_TYPE:
        return _array_response(vectors)
    return JSONResponse(_embedding_list(vectors, encoder.name, wanted))


_TRANSCRIPTIONS_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file", "model"],
                    "properties": {
                        "file": {"type": "string", "format": "binary"},
                        "model": {"type": "string"},
                        "language": {"type": "string"},
                        "response_format": {"type": "string", "enum": ["json", "verbose_json"]},
                    },
                }
            },
            npy.MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}},
        },
    },
    "parameters": [{"name": "language", "in": "query", "schema": {"type": "string"}}],
}


@router.post("/v1/audio/transcriptions", summary="Writes down what is said.", openapi_extra=_TRANSCRIPTIONS_BODY)
async def transcriptions(request: Request, services: Running) -> Response:
    """Recognises speech in a sound file (multipart, as OpenAI does) or in samples (.npy, float32, mono, 16 kHz).

    Samples are answered with verbose_json, words included; `language` (ISO 639-1) is then a query parameter.
    """
    if content_type(request) == npy.MEDIA_TYPE:
        sound = await read_sound(request, services.settings)
        transcript = await _transcribe(services, sound, request.query_params.get("language"))
        return JSONResponse(write_transcript(transcript))
    if content_type(request) != "multipart/form-data":
        raise RequestProblem(415, "media-type", f"Send multipart/form-data, or samples as {npy.MEDIA_TYPE}.")
    form = await read_form(request, services.settings)
    try:
        wanted_format = _check_form(form, services.models.speech.name)
        sound = await _read_upload(form, services.settings)
        transcript = await _transcribe(services, sound, _field(form, "language"))
    finally:
        await form.close()
    verbose = write_transcript(transcript)
    return JSONResponse(verbose if wanted_format == "verbose_json" else {"text": transcript.text})


def _text_encoder(services: Services, wanted: EmbeddingRequest) -> tuple[TextEncoder, Batcher]:
    pictures, texts = services.models.pictures, services.models.texts
    encoder: TextEncoder
    if wanted.model in ("picture", pictures.name):
        encoder, lane = pictures, services.lanes.pictures
    elif wanted.model in ("text", texts.name):
        encoder, lane = texts, services.lanes.texts
    else:
        known = f"picture ({pictures.name}) and text ({texts.name})"
        raise RequestProblem(404, "unknown-model", f"There is no model {wanted.model!r} here: only {known}.")
    if wanted.dimensions not in (None, encoder.dimension):
        detail = f"{encoder.name} makes vectors of {encoder.dimension} numbers: {wanted.dimensions = }"
        raise RequestProblem(422, "request-wrong", detail)
    return encoder, lane


def _embedding_list(vectors: Vectors, name: str, wanted: EmbeddingRequest) -> dict[str, Any]:
    as_text = wanted.encoding_format == "base64"
    return {
        "object": "list",
        "model": name,
        "data": [
            {
                "object": "embedding",
                "index": index,
                "embedding": base64.b64encode(row.astype("<f4").tobytes()).decode() if as_text else row.tolist(),
            }
            for index, row in enumerate(vectors)
        ],
        "usage": {"prompt_tokens": 0, "total_tokens": 0},
    }


def _array_response(vectors: Vectors) -> Response:
    return Response(npy.encode_array(vectors), media_type=npy.MEDIA_TYPE)


async def _transcribe(services: Services, sound: Sound, language: str | None) -> Transcript:
    chosen = (language or "").partition("-")[0].lower() or None
    if chosen is not None and not (2 <= len(chosen) <= 3 and chosen.isascii() and chosen.isalpha()):
        raise RequestProblem(422, "request-wrong", f"A language is named by ISO 639-1, such as en or ru: {language = }")
    transcribe = partial(services.models.speech.transcribe, [sound], chosen)
    return (await services.lanes.speech.run(transcribe))[0]


def _check_form(form: FormData, speech_model: str) -> str:
    model, wanted_format = _field(form, "model"), _field(form, "response_format") or "json"
    if model is None:
        raise RequestProblem(
            422, "request-wrong", "The form names no model in its field `model`: speech, for instance."
        )
    if model not in ("speech", speech_model):
        detail = f"There is no speech model {model!r} here: only speech ({speech_model})."
        raise RequestProblem(404, "unknown-model", detail)
    if wanted_format not in ("json", "verbose_json"):
        raise RequestProblem(422, "request-wrong", f"response_format is json or verbose_json: {wanted_format!r}")
    return wanted_format


async def _read_upload(form: FormData, settings: EncoderSettings) -> Sound:
    upload = form.get("file")
    if not isinstance(upload, UploadFile):
        raise RequestProblem(422, "request-wrong", "The form has no file in its field `file`.")
    try:
        sound = await asyncio.to_thread(decode_sound, upload.file, max_seconds=settings.max_sound_seconds)
    except NoSound as error:
        raise RequestProblem(422, "no-sound", str(error)) from error
    return check_length(sound, settings)


def _field(form: FormData, name: str) -> str | None:
    value = form.get(name)
    return value if isinstance(value, str) and value else None
