"""Request bodies: read up to a limit, and checked before a model sees them."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Annotated, Any, Literal

import numpy as np
import numpy.typing as npt
from fastapi import Request
from pydantic import BaseModel, BeforeValidator, Field, ValidationError
from starlette.datastructures import FormData
from starlette.formparsers import MultiPartException, MultiPartParser

from encoders.npy import decode_array
from encoders.problems import RequestProblem
from encoders.settings import EncoderSettings
from encoders.values import SAMPLES_PER_SECOND, Frames, Purpose, Sound, check_frames, check_sound


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


class EmbeddingRequest(BaseModel):
    """OpenAI's request for embeddings; `purpose` is kadr's own."""

    model: str = Field(description="`picture`, `text`, or a model's own name.")
    input: Annotated[list[str], BeforeValidator(_as_list)] = Field(min_length=1, description="A text or several.")
    purpose: Purpose = Field("query", description="Whether the texts search or are to be found.")
    encoding_format: Literal["float", "base64"] = Field("float", description="base64 holds little-endian float32.")
    dimensions: int | None = Field(None, description="Only the model's own dimension is accepted.")


def content_type(request: Request) -> str:
    """The media type of the body, without parameters, in lower case."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def read_body(request: Request, settings: EncoderSettings) -> bytes:
    """Reads the body.

    Raises:
        RequestProblem: It is longer than it may be.
    """
    return b"".join([part async for part in _limited(request, settings.max_body_bytes)])


async def read_texts(request: Request, settings: EncoderSettings) -> EmbeddingRequest:
    """Reads a request to encode texts.

    Raises:
        RequestProblem: It is not one, or asks for more than it may.
    """
    body = await read_body(request, settings)
    try:
        wanted = EmbeddingRequest.model_validate_json(body)
    except ValidationError as error:
        raise _wrong(_describe(error)) from error
    if len(wanted.input) > settings.max_texts:
        raise _wrong(f"At most {settings.max_texts} texts travel in one request: this one has {len(wanted.input)}.")
    for index, text in enumerate(wanted.input):
        if not text.strip():
            raise _wrong(f"Text {index} is empty.")
        if len(text) > settings.max_text_characters:
            limit = settings.max_text_characters
            raise _wrong(f"Text {index} has {len(text)} characters, at most {limit} are encoded.")
    return wanted


async def read_frames(request: Request, settings: EncoderSettings, size: int) -> Frames:
    """Reads frames sent as .npy.

    Raises:
        RequestProblem: They are no frames of this size, or more than there may be.
    """
    frames = _array(await read_body(request, settings))
    try:
        check_frames(frames, size=size)
    except ValueError as error:
        raise _wrong(str(error)) from error
    if len(frames) > settings.max_frames:
        raise _wrong(f"At most {settings.max_frames} frames travel in one request: this one has {len(frames)}.")
    return frames


async def read_sound(request: Request, settings: EncoderSettings) -> Sound:
    """Reads sound sent as .npy.

    Raises:
        RequestProblem: It is no sound, or longer than it may be.
    """
    sound = _array(await read_body(request, settings))
    try:
        return check_length(check_sound(sound), settings)
    except ValueError as error:
        raise _wrong(str(error)) from error


async def read_form(request: Request, settings: EncoderSettings) -> FormData:
    """Reads a multipart form of at most one file.

    Raises:
        RequestProblem: It is not one, or longer than it may be.
    """
    parts = _limited(request, settings.max_body_bytes)
    try:
        return await MultiPartParser(request.headers, parts, max_files=1, max_fields=20).parse()
    except MultiPartException as error:
        raise _wrong(f"The form cannot be read: {error.message}") from error


def check_length(sound: Sound, settings: EncoderSettings) -> Sound:
    """Returns the sound as it is if it is not longer than it may be.

    Raises:
        RequestProblem: It is.
    """
    seconds = len(sound) / SAMPLES_PER_SECOND
    if seconds > settings.max_sound_seconds:
        limit = settings.max_sound_seconds
        raise _wrong(f"At most {limit:g} s of sound travel in one request: this one has {seconds:.1f} s.")
    return sound


async def _limited(request: Request, limit: int) -> AsyncGenerator[bytes, None]:
    problem = RequestProblem(413, "too-large", f"A request has at most {limit} bytes.")
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > limit:
        raise problem
    length = 0
    async for part in request.stream():
        length += len(part)
        if length > limit:
            raise problem
        yield part


def _array(body: bytes) -> npt.NDArray[Any]:
    try:
        array = decode_array(body)
    except ValueError as error:
        raise _wrong(str(error)) from error
    return array if array.dtype.isnative else array.astype(np.dtype(array.dtype).newbyteorder("="))


def _describe(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    return f"{where}: {first['msg']}" if where else first["msg"]


def _wrong(detail: str) -> RequestProblem:
    return RequestProblem(422, "request-wrong", detail)
