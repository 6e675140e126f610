"""Request bodies: read up to a limit, and checked before a model sees them."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any

import numpy as np
import numpy.typing as npt
from fastapi import Request
from starlette.datastructures import FormData
from starlette.formparsers import MultiPartException, MultiPartParser

from encoders.npy import decode_array
from encoders.serving.problems import RequestProblem
from encoders.settings import EncoderSettings
from encoders.values import SAMPLES_PER_SECOND, Frames, Sound, check_frames, check_sound


def content_type(request: Request) -> str:
    """The media type of the body, without parameters, in lower case."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def read_body(request: Request, settings: EncoderSettings) -> bytes:
    """Reads the body.

    Raises:
        RequestProblem: It is longer than it may be.
    """
    return b"".join([part async for part in _limited(request, settings.max_body_bytes)])


async def read_frames(request: Request, settings: EncoderSettings, size: int) -> Frames:
    """Reads frames sent as .npy.

    Raises:
        RequestProblem: They are no frames of this size, or more than there may be.
    """
    frames = _array(await read_body(request, settings))
    try:
        check_frames(frames, size=size)
    except ValueError as error:
        raise wrong(str(error)) from error
    if len(frames) > settings.max_frames:
        raise wrong(f"At most {settings.max_frames} frames travel in one request: this one has {len(frames)}.")
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
        raise wrong(str(error)) from error


async def read_form(request: Request, settings: EncoderSettings, *, max_files: int = 1) -> FormData:
    """Reads a multipart form.

    Raises:
        RequestProblem: It is not one, or longer than it may be.
    """
    parts = _limited(request, settings.max_body_bytes)
    try:
        return await MultiPartParser(request.headers, parts, max_files=max_files, max_fields=20).parse()
    except MultiPartException as error:
        raise wrong(f"The form cannot be read: {error.message}") from error


def check_length(sound: Sound, settings: EncoderSettings) -> Sound:
    """Returns the sound as it is if it is not longer than it may be.

    Raises:
        RequestProblem: It is.
    """
    seconds = len(sound) / SAMPLES_PER_SECOND
    if seconds > settings.max_sound_seconds:
        limit = settings.max_sound_seconds
        raise wrong(f"At most {limit:g} s of sound travel in one request: this one has {seconds:.1f} s.")
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
        raise wrong(str(error)) from error
    return array if array.dtype.isnative else array.astype(np.dtype(array.dtype).newbyteorder("="))


def wrong(detail: str) -> RequestProblem:
    """A request that says something wrong."""
    return RequestProblem(422, "request-wrong", detail)
