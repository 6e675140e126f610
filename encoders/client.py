"""The encoder server as seen by its users: typed, asynchronous, without any model library."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self

import httpx
import numpy as np
import numpy.typing as npt
from pydantic import SecretStr
from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_attempt

from encoders.npy import MEDIA_TYPE, decode_array, encode_array
from encoders.persistence import ASK_ONCE, Breaker, Persistence, pause
from encoders.values import (
    Frames,
    ModelSet,
    Purpose,
    Sound,
    Space,
    Transcript,
    Vectors,
    check_frames,
    check_sound,
    check_vectors,
)
from encoders.wire import read_model_set, read_transcript

FRAMES_PER_REQUEST = 64
"""Larger batches travel as several requests, so that neither side holds more than some megabytes."""
TEXTS_PER_REQUEST = 256


class EncoderError(Exception):
    """The encoder server gave no answer that can be used."""


class EncoderUnavailable(EncoderError):
    """The server cannot be reached, is busy or broke down: the same request may work later.

    `retry_after_seconds` is the server's own wish, None where it has none.
    """

    def __init__(self, message: str, retry_after_seconds: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class EncoderRejected(EncoderError):
    """The server calls the request wrong: sending it again is of no use. `status` is the HTTP status.

    `detail` is the server's own sentence. Only a problem document says so; a 404 without one comes from something else
    at that address.
    """

    def __init__(self, message: str, status: int, detail: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.detail = detail


class EncoderClient:
    """Asks one encoder server.

    Args:
        base_url: Address of the server, such as `http://127.0.0.1:8801`.
        timeout_seconds: Longest wait for one answer, all attempts and the pauses between them included.
        api_key: Sent with every request, if the server asks for one.
        persistence: Whether to ask again, and when to stop asking; by default each request is sent once, so that
            callers decide.
        http: A client to use instead of an own one; it is not closed here.
    """

    def __init__(
        self,
        base_url: str,
        *,
        timeout_seconds: float = 60.0,
        api_key: SecretStr | str = "",
        persistence: Persistence = ASK_ONCE,
        http: httpx.AsyncClient | None = None,
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._timeout_seconds = timeout_seconds
        key = api_key.get_secret_value() if isinstance(api_key, SecretStr) else api_key
        self._headers = {"authorization": f"Bearer {key}"} if key else {}
        self._breaker = Breaker(persistence)
        self._http = http or httpx.AsyncClient()
        self._owns_http = http is None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Closes the connections."""
        if self._owns_http:
            await self._http.aclose()

    async def model_set(self) -> ModelSet:
        """Asks which models the server has.

        Raises:
            EncoderUnavailable, EncoderRejected: See there.
        """
        response = await self._request("GET", "/v1/models")
        with _Reading(response):
            return read_model_set(response.json())

    async def embed_frames(self, frames: Frames) -> Vectors:
        """Encodes frames (uint8 N×S×S×3, as the model set's `picture_input` says), float32 N×D, rows of length 1.

        Raises:
            ValueError: The frames are no frames.
            EncoderUnavailable, EncoderRejected: See there.
        """
        check_frames(frames)
        parts = [
            await self._embed_frames(frames[start : start + FRAMES_PER_REQUEST])
            for start in range(0, len(frames), FRAMES_PER_REQUEST)
        ]
        return np.concatenate(parts)

    async def embed_picture_file(self, content: bytes) -> Vectors:
        """Encodes a picture file as people have it (JPEG, PNG and the like), float32 1×D, of length 1.

        The server decodes it, within its own limits.

        Raises:
            EncoderUnavailable, EncoderRejected: See there; a file that is no picture is rejected.
        """
        files, headers = {"file": ("picture", content)}, {"accept": MEDIA_TYPE}
        response = await self._request("POST", "/v1/embeddings", files=files, headers=headers)
        with _Reading(response):
            return check_vectors(_float32(decode_array(response.content)), rows=1)

    async def embed_texts(self, texts: Sequence[str], *, space: Space, purpose: Purpose) -> Vectors:
        """Encodes texts, float32 N×D, rows of length 1, comparable with what else is in that space.

        Raises:
            ValueError: There is no text at all.
            EncoderUnavailable, EncoderRejected: See there.
        """
        if not texts:
            raise ValueError(f"There is at least one text to encode: {texts = }")
        parts = [
            await self._embed_texts(texts[start : start + TEXTS_PER_REQUEST], space, purpose)
            for start in range(0, len(texts), TEXTS_PER_REQUEST)
        ]
        return np.concatenate(parts)

    async def transcribe(self, sound: Sound, language: str | None) -> Transcript:
        """Writes down what is said in a sound (float32, mono, 16 kHz), in the sound's own time.

        Args:
            sound: One-dimensional, at least one sample.
            language: ISO 639-1; None means that the model finds out.

        Raises:
            ValueError: The sound is no sound.
            EncoderUnavailable, EncoderRejected: See there.
        """
        response = await self._request(
            "POST",
            "/v1/audio/transcriptions",
            params={"language": language} if language else {},
            content=encode_array(check_sound(sound)),
            headers={"content-type": MEDIA_TYPE},
        )
        with _Reading(response):
            return read_transcript(response.json())

    async def _embed_frames(self, frames: Frames) -> Vectors:
        headers = {"content-type": MEDIA_TYPE, "accept": MEDIA_TYPE}
        response = await self._request("POST", "/v1/embeddings", content=encode_array(frames), headers=headers)
        with _Reading(response):
            return check_vectors(_float32(decode_array(response.content)), rows=len(frames))

    async def _embed_texts(self, texts: Sequence[str], space: Space, purpose: Purpose) -> Vectors:
        body = {"model": space, "input": list(texts), "purpose": purpose}
        response = await self._request("POST", "/v1/embeddings", json=body, headers={"accept": MEDIA_TYPE})
        with _Reading(response):
            return check_vectors(_float32(decode_array(response.content)), rows=len(texts))

    async def _request(
        self, method: str, path: str, *, headers: Mapping[str, str] | None = None, **request: Any
    ) -> httpx.Response:
        """Sends a request as often as the persistence says, all within the timeout."""
        error: EncoderUnavailable | None = None
        try:
            async with asyncio.timeout(self._timeout_seconds):
                async for attempt in AsyncRetrying(
                    stop=stop_after_attempt(self._breaker.persistence.attempts),
                    retry=retry_if_exception_type(EncoderUnavailable),
                    wait=pause,
                    reraise=True,
                ):
                    with attempt:
                        try:
                            return await self._ask(
                                method, path, headers={**self._headers, **(headers or {})}, **request
                            )
                        except EncoderUnavailable as unavailable:
                            error = unavailable
                            raise
        except TimeoutError:
            self._breaker.failed()
            late = f"The encoder server at {self._base_url} does not answer within {self._timeout_seconds:g} s."
            raise error or EncoderUnavailable(late) from None
        raise AssertionError("the last attempt returns or raises")

    async def _ask(self, method: str, path: str, **request: Any) -> httpx.Response:
        if not self._breaker.allows():
            raise EncoderUnavailable(f"The encoder server at {self._base_url} did not answer lately; it is left alone.")
        try:
            response = await self._http.request(
                method, f"{self._base_url}{path}", timeout=self._timeout_seconds, **request
            )
        except (httpx.TransportError, httpx.DecodingError) as error:
            self._breaker.failed()
            reason = str(error) or type(error).__name__
            raise EncoderUnavailable(f"The encoder server at {self._base_url} does not answer: {reason}") from error
        if response.is_server_error:
            self._breaker.failed()
        else:
            self._breaker.succeeded()
        if response.is_success:
            return response
        raise _refusal(self._base_url, response)


class _Reading:
    """Turns an answer that cannot be read into EncoderUnavailable: something else answers at that address."""

    def __init__(self, response: httpx.Response) -> None:
        self._url = response.request.url

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        if isinstance(error, (KeyError, TypeError, ValueError)):
            raise EncoderUnavailable(f"{self._url} answers, but not as an encoder server does: {error}") from error


def _refusal(base_url: str, response: httpx.Response) -> EncoderError:
    detail = _detail(response)
    ours = response.headers.get("content-type", "").startswith("application/problem+json")
    if ours and response.is_client_error and response.status_code not in (408, 425, 429):
        message = f"The encoder server at {base_url} refuses the request ({response.status_code}): {detail}"
        return EncoderRejected(message, response.status_code, detail)
    message = f"The encoder server at {base_url} cannot answer now ({response.status_code}): {detail}"
    return EncoderUnavailable(message, _retry_after_seconds(response.headers))


def _detail(response: httpx.Response) -> str:
    try:
        return str(response.json()["detail"])
    except (KeyError, TypeError, ValueError):
        return response.text[:200] or response.reason_phrase


def _retry_after_seconds(headers: Mapping[str, str]) -> float | None:
    value = headers.get("retry-after", "")
    return float(value) if value.isdecimal() else None


def _float32(array: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
    if array.dtype != np.float32:
        raise ValueError(f"Vectors are float32: {array.dtype = }")
    return array
