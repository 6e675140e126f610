"""What the client makes of answers, good and bad."""

import subprocess
import sys
from collections.abc import Callable

import httpx
import numpy as np
import pytest

from encoders.client import FRAMES_PER_REQUEST, EncoderClient, EncoderError, EncoderRejected, EncoderUnavailable
from encoders.npy import decode_array, encode_array
from encoders.values import Transcript
from encoders.wire import write_transcript

URL = "http://encoder.test"
PROBLEM = {"content-type": "application/problem+json"}


def _client(answer: Callable[[httpx.Request], httpx.Response]) -> EncoderClient:
    return EncoderClient(URL, http=httpx.AsyncClient(transport=httpx.MockTransport(answer)))


async def _fail(answer: Callable[[httpx.Request], httpx.Response]) -> EncoderError:
    async with _client(answer) as client:
        with pytest.raises(EncoderError) as caught:
            await client.embed_texts(["a frog"], space="text", purpose="query")
    return caught.value


async def test_importing_the_client_loads_no_model_library() -> None:
    program = (
        "import sys, encoders.client, encoders.values; "
        "print([n for n in ('torch', 'open_clip', 'faster_whisper', 'sentence_transformers') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
async def test_an_overloaded_or_broken_server_is_unavailable(status: int) -> None:
    body = {"detail": "come later"}
    error = await _fail(lambda _: httpx.Response(status, json=body, headers={**PROBLEM, "retry-after": "7"}))
    assert isinstance(error, EncoderUnavailable)
    assert "come later" in str(error) and URL in str(error)
    assert error.retry_after_seconds == 7.0


@pytest.mark.parametrize("status", [400, 404, 413, 415, 422])
async def test_a_wrong_request_is_rejected_with_the_server_s_reason(status: int) -> None:
    error = await _fail(lambda _: httpx.Response(status, json={"detail": "Text 0 is empty."}, headers=PROBLEM))
    assert isinstance(error, EncoderRejected)
    assert error.status == status
    assert "Text 0 is empty." in str(error)


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(404, text="not here"),
        httpx.Response(301, headers={"location": "http://elsewhere.test"}),
        httpx.Response(200, text="<html>a login page</html>"),
        httpx.Response(200, content=encode_array(np.ones((2, 3), np.float32))),
        httpx.Response(200, content=encode_array(np.ones((1, 3), np.float64))),
        httpx.Response(200, content=encode_array(np.full((1, 3), np.nan, np.float32))),
    ],
    ids=["404 of another server", "redirect", "web page", "too many rows", "other numbers", "not finite"],
)
async def test_something_else_at_the_address_is_unavailable(answer: httpx.Response) -> None:
    assert isinstance(await _fail(lambda _: answer), EncoderUnavailable)


@pytest.mark.parametrize("error", [httpx.ConnectError("refused"), httpx.ReadTimeout(""), httpx.RemoteProtocolError("")])
async def test_a_lost_connection_is_unavailable(error: httpx.TransportError) -> None:
    def lose(_: httpx.Request) -> httpx.Response:
        raise error

    assert isinstance(await _fail(lose), EncoderUnavailable)


async def test_large_batches_travel_in_parts_and_come_back_in_order() -> None:
    sizes = []

    def answer(request: httpx.Request) -> httpx.Response:
        frames = decode_array(request.content)
        sizes.append(len(frames))
        angles = frames[:, 0, 0, 0].astype(np.float32) / 100
        return httpx.Response(200, content=encode_array(np.stack([np.cos(angles), np.sin(angles)], axis=1)))

    frames = np.zeros((FRAMES_PER_REQUEST + 5, 4, 4, 3), np.uint8)
    frames[:, 0, 0, 0] = np.arange(len(frames))
    async with _client(answer) as client:
        vectors = await client.embed_frames(frames)
    assert sizes == [FRAMES_PER_REQUEST, 5]
    np.testing.assert_allclose(np.arctan2(vectors[:, 1], vectors[:, 0]), np.arange(len(frames)) / 100, atol=1e-5)


async def test_nonsense_never_travels() -> None:
    async with _client(lambda _: httpx.Response(500)) as client:
        with pytest.raises(ValueError, match="uint8"):
            await client.embed_frames(np.zeros((1, 4, 4, 3), np.float32))  # type: ignore[arg-type]
        with pytest.raises(ValueError, match="sample"):
            await client.transcribe(np.zeros(0, np.float32), None)
        with pytest.raises(ValueError, match="at least one text"):
            await client.embed_texts([], space="text", purpose="passage")


async def test_the_language_is_asked_for_only_where_it_is_known() -> None:
    asked = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.params.get("language"))
        return httpx.Response(200, json=write_transcript(Transcript(None, 1.0, ())))

    async with _client(answer) as client:
        await client.transcribe(np.zeros(16, np.float32), None)
        await client.transcribe(np.zeros(16, np.float32), "ru")
    assert asked == [None, "ru"]


async def test_a_client_that_is_given_stays_open() -> None:
    http = httpx.AsyncClient(transport=httpx.MockTransport(lambda _: httpx.Response(500)))
    async with EncoderClient(URL, http=http):
        pass
    assert not http.is_closed
    await http.aclose()
