"""Speech as text with times: OpenAI's shapes, and samples as they are."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from starlette.datastructures import FormData, UploadFile

from encoders import npy
from encoders.serving.bodies import check_length, content_type, read_form, read_sound, wrong
from encoders.serving.problems import RequestProblem
from encoders.serving.services import Running, Services
from encoders.speech.sound_file import NoSound, decode_sound
from encoders.speech.subtitles import write_srt, write_vtt
from encoders.values import Sound, Transcript
from encoders.wire import write_transcript

router = APIRouter()

FORMATS = ("json", "text", "verbose_json", "srt", "vtt")
_GRANULARITIES = ("word", "segment")
_BODY: Mapping[str, Any] = {
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
                        "response_format": {"type": "string", "enum": list(FORMATS)},
                        "timestamp_granularities[]": {
                            "type": "array",
                            "items": {"type": "string", "enum": list(_GRANULARITIES)},
                        },
                    },
                }
            },
            npy.MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}},
        },
    },
    "parameters": [{"name": "language", "in": "query", "schema": {"type": "string"}}],
}


@dataclass(frozen=True, slots=True)
class _Shape:
    """How a transcript is written; without granularities, verbose_json has words and segments."""

    format: str
    granularities: frozenset[str]


@router.post("/v1/audio/transcriptions", summary="Writes down what is said.", openapi_extra=dict(_BODY))
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
        shape = _read_shape(form, services.models.speech.name)
        sound = await _read_upload(form, services)
        transcript = await _transcribe(services, sound, _field(form, "language"))
    finally:
        await form.close()
    return _answer(transcript, shape)


async def _transcribe(services: Services, sound: Sound, language: str | None) -> Transcript:
    chosen = (language or "").partition("-")[0].lower() or None
    if chosen is not None and not (2 <= len(chosen) <= 3 and chosen.isascii() and chosen.isalpha()):
        raise wrong(f"A language is named by ISO 639-1, such as en or ru: {language = }")
    transcribe = partial(services.models.speech.transcribe, [sound], chosen)
    return (await services.lanes.speech.run(transcribe))[0]


def _read_shape(form: FormData, speech_model: str) -> _Shape:
    model, wanted_format = _field(form, "model"), _field(form, "response_format") or "json"
    if model is None:
        raise wrong("The form names no model in its field `model`: speech, for instance.")
    if model not in ("speech", speech_model):
        detail = f"There is no speech model {model!r} here: only speech ({speech_model})."
        raise RequestProblem(404, "unknown-model", detail)
    if wanted_format not in FORMATS:
        raise wrong(f"response_format is one of {', '.join(FORMATS)}: {wanted_format!r}")
    if (_field(form, "stream") or "false").lower() not in ("false", "0"):
        raise wrong("Transcripts are not streamed: leave `stream` out.")
    wanted = frozenset(str(value) for value in form.getlist("timestamp_granularities[]"))
    if not wanted <= set(_GRANULARITIES):
        raise wrong(f"timestamp_granularities are {' and '.join(_GRANULARITIES)}: {sorted(wanted)}")
    if wanted and wanted_format != "verbose_json":
        raise wrong(f"timestamp_granularities belong to response_format verbose_json, not to {wanted_format}.")
    return _Shape(wanted_format, wanted)


async def _read_upload(form: FormData, services: Services) -> Sound:
    upload = form.get("file")
    if not isinstance(upload, UploadFile):
        raise wrong("The form has no file in its field `file`.")
    decode = partial(decode_sound, upload.file, max_seconds=services.settings.max_sound_seconds)
    try:
        sound = await asyncio.get_running_loop().run_in_executor(services.decoders, decode)
    except NoSound as error:
        raise RequestProblem(422, "no-sound", str(error)) from error
    return check_length(sound, services.settings)


def _answer(transcript: Transcript, shape: _Shape) -> Response:
    match shape.format:
        case "text":
            return PlainTextResponse(f"{transcript.text}\n")
        case "srt":
            return PlainTextResponse(write_srt(transcript), media_type="application/x-subrip")
        case "vtt":
            return PlainTextResponse(write_vtt(transcript), media_type="text/vtt")
        case "json":
            return JSONResponse({"text": transcript.text})
    body = write_transcript(transcript)
    for name in _GRANULARITIES:
        if shape.granularities and name not in shape.granularities:
            del body[f"{name}s"]
    return JSONResponse(body)


def _field(form: FormData, name: str) -> str | None:
    value = form.get(name)
    return value if isinstance(value, str) and value else None
