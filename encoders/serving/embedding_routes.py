"""Texts and pictures as vectors: OpenAI's shape, picture files, and arrays as they are."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import orjson
from fastapi import APIRouter, Request
from fastapi.responses import Response

from encoders import npy
from encoders.batching.batcher import Batcher
from encoders.picture_file import NoPicture, decode_picture
from encoders.ports import TextEncoder
from encoders.serving.bodies import content_type, read_frames, wrong
from encoders.serving.connection import while_connected
from encoders.serving.embedding_request import (
    EmbeddingRequest,
    Manner,
    PictureFile,
    Wanted,
    bad_pictures,
    read_files,
    read_json,
)
from encoders.serving.problems import RequestProblem
from encoders.serving.services import Running, Services
from encoders.values import Frames, Vectors

router = APIRouter()

_FILES_SCHEMA = {
    "type": "object",
    "properties": {
        "file": {"type": "array", "items": {"type": "string", "format": "binary"}},
        "model": {"type": "string", "default": "picture"},
        "encoding_format": {"type": "string", "enum": ["float", "base64"]},
    },
}
_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": EmbeddingRequest.model_json_schema()},
            "multipart/form-data": {"schema": _FILES_SCHEMA},
            npy.MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}},
        },
    }
}


@router.post("/v1/embeddings", summary="Turns texts or pictures into vectors.", openapi_extra=_BODY)
async def embeddings(request: Request, services: Running) -> Response:
    """Encodes texts and picture files (JSON, as OpenAI does), files (multipart) or frames (.npy, uint8 N×S×S×3).

    Vectors have length 1. Frames are answered with .npy (float32 N×D); the rest too if nothing but that is accepted.
    """
    settings = services.settings
    match content_type(request):
        case npy.MEDIA_TYPE:
            frames = await read_frames(request, settings, services.models.pictures.picture_input.size)
            return _array_response(await while_connected(request, services.lanes.pictures.embed_frames(frames)))
        case "application/json":
            wanted = await read_json(request, settings, services.decoders)
        case "multipart/form-data":
            wanted = await read_files(request, settings)
        case _:
            detail = f"Send application/json, picture files as multipart/form-data, or frames as {npy.MEDIA_TYPE}."
            raise RequestProblem(415, "media-type", detail)
    encoder, lane = _encoder(services, wanted)
    vectors = await while_connected(request, _embed(services, lane, wanted))
    if request.headers.get("accept") == npy.MEDIA_TYPE:
        return _array_response(vectors)
    return Response(_embedding_list(vectors, encoder.name, wanted.manner), media_type="application/json")


def _encoder(services: Services, wanted: Wanted) -> tuple[TextEncoder, Batcher]:
    manner = wanted.manner
    pictures, texts = services.models.pictures, services.models.texts
    encoder: TextEncoder
    if manner.model in ("picture", pictures.name):
        encoder, lane = pictures, services.lanes.pictures
    elif manner.model in ("text", texts.name):
        encoder, lane = texts, services.lanes.texts
    else:
        known = f"picture ({pictures.name}) and text ({texts.name})"
        raise RequestProblem(404, "unknown-model", f"There is no model {manner.model!r} here: only {known}.")
    if manner.dimensions not in (None, encoder.dimension):
        raise wrong(f"{encoder.name} makes vectors of {encoder.dimension} numbers: {manner.dimensions = }")
    if encoder is texts and any(isinstance(item, PictureFile) for item in wanted.items):
        raise wrong(f"{encoder.name} encodes texts only: name the model `picture` ({pictures.name}) for pictures.")
    return encoder, lane


async def _embed(services: Services, lane: Batcher, wanted: Wanted) -> Vectors:
    """Encodes the texts and the pictures side by side; rows in the order of the request."""
    texts = [(index, item) for index, item in enumerate(wanted.items) if isinstance(item, str)]
    files = [(index, item) for index, item in enumerate(wanted.items) if isinstance(item, PictureFile)]
    work = []
    if files:
        work.append(lane.embed_frames(await _decode(services, files), wanted.manner.purpose))
    if texts:
        work.append(lane.embed_texts([text for _, text in texts], wanted.manner.purpose))
    vectors = np.concatenate(await asyncio.gather(*work)) if len(work) > 1 else await work[0]
    order = np.argsort([index for index, _ in [*files, *texts]])
    return vectors[order]


async def _decode(services: Services, files: Sequence[tuple[int, PictureFile]]) -> Frames:
    decode, loop = partial(_decode_one, services), asyncio.get_running_loop()
    decoded = await asyncio.gather(
        *(loop.run_in_executor(services.decoders, decode, file) for _, file in files), return_exceptions=True
    )
    broken: list[tuple[int, str]] = []
    frames: list[np.ndarray] = []
    for (index, _), result in zip(files, decoded, strict=True):
        if isinstance(result, NoPicture):
            broken.append((index, str(result)))
        elif isinstance(result, BaseException):
            raise result
        else:
            frames.append(result)
    if broken:
        raise bad_pictures(broken)
    return np.stack(frames)


def _decode_one(services: Services, file: PictureFile) -> np.ndarray:
    settings = services.settings
    content = file.read(settings.max_image_bytes)
    return decode_picture(content, services.models.pictures.picture_input, max_pixels=settings.max_image_pixels)


def _embedding_list(vectors: Vectors, name: str, manner: Manner) -> bytes:
    as_text = manner.encoding_format == "base64"
    data: list[dict[str, Any]] = [
        {
            "object": "embedding",
            "index": index,
            "embedding": base64.b64encode(row.astype("<f4").tobytes()).decode() if as_text else row,
        }
        for index, row in enumerate(np.ascontiguousarray(vectors))
    ]
    body = {"object": "list", "model": name, "data": data, "usage": {"prompt_tokens": 0, "total_tokens": 0}}
    return orjson.dumps(body, option=orjson.OPT_SERIALIZE_NUMPY)


def _array_response(vectors: Vectors) -> Response:
    return Response(npy.encode_array(vectors), media_type=npy.MEDIA_TYPE)
