"""The routes of the encoder server, over models that are made up."""

import asyncio
import base64
import io
import wave
from collections.abc import AsyncIterator
from typing import Any

import httpx
import numpy as np
import pytest
from encoding import LIMITS, URL, Pictures, Speech, Texts, problem, serving, unit

from encoders.client import EncoderClient, EncoderRejected, EncoderUnavailable
from encoders.models import Models
from encoders.npy import encode_array
from encoders.serving.server import create_app
from encoders.settings import EncoderSettings
from encoders.values import Transcript

NPY = {"content-type": "application/x-npy"}


async def test_not_ready_before_the_models_are_there() -> None:
    app = create_app(LIMITS, Models("test", Pictures(), Texts(), Speech()))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=URL) as http:
        assert (await http.get("/healthz")).status_code == 200
        assert "loads" in problem(await http.get("/readyz"), 503)
        async with app.router.lifespan_context(app):
            assert (await http.get("/readyz")).json() == {"status": "ready", "model_set": "test"}


async def test_the_model_set_tells_what_the_models_take() -> None:
    async with serving() as (http, client):
        model_set = await client.model_set()
        listed = (await http.get("/v1/models")).json()
    assert (model_set.name, model_set.picture_dimension, model_set.text_dimension) == ("test", 2, 2)
    assert model_set.picture_input == Pictures.picture_input
    assert model_set.speech_languages == ("en", "ru")
    assert listed["object"] == "list"
    assert [model["id"] for model in listed["data"]] == ["fake-pictures", "fake-texts", "fake-speech"]


async def test_frames_and_texts_through_the_client_are_what_the_models_give() -> None:
    frames = np.stack([np.full((8, 8, 3), grey, np.uint8) for grey in (0, 255)])
    async with serving() as (_, client):
        np.testing.assert_array_equal(await client.embed_frames(frames), unit([0, 1]))
        for purpose, angle in (("query", 1.01), ("passage", 2.01)):
            vectors = await client.embed_texts(["a"], space="text", purpose=purpose)  # type: ignore[arg-type]
            np.testing.assert_array_equal(vectors, unit([angle]))
        in_pictures = await client.embed_texts(["ab"], space="picture", purpose="query")
        np.testing.assert_array_equal(in_pictures, unit([0.02]))


async def test_embeddings_have_openai_s_shape() -> None:
    async with serving() as (http, _):
        one = (await http.post("/v1/embeddings", json={"model": "text", "input": "abc"})).json()
        asked = {"model": "fake-texts", "input": ["abc", "d"], "encoding_format": "base64", "dimensions": 2}
        two = (await http.post("/v1/embeddings", json=asked)).json()
    assert one["object"] == "list" and one["model"] == "fake-texts" and "usage" in one
    assert [(part["object"], part["index"]) for part in two["data"]] == [("embedding", 0), ("embedding", 1)]
    np.testing.assert_allclose(one["data"][0]["embedding"], unit([1.03])[0], rtol=1e-6)
    decoded = np.frombuffer(base64.b64decode(two["data"][0]["embedding"]), "<f4")
    np.testing.assert_array_equal(decoded, unit([1.03])[0])


@pytest.mark.parametrize(
    ("body", "status", "reason"),
    [
        ({"model": "text"}, 422, "input"),
        ({"model": "text", "input": []}, 422, "input"),
        ({"model": "text", "input": [1]}, 422, "input.0"),
        ({"model": "text", "input": ["a", " "]}, 422, "Text 1 is empty"),
        ({"model": "text", "input": ["a", "b", "c"]}, 422, "At most 2 texts"),
        ({"model": "text", "input": "a" * 11}, 422, "at most 10"),
        ({"model": "text", "input": "a", "purpose": "fun"}, 422, "purpose"),
        ({"model": "text", "input": "a", "dimensions": 3}, 422, "vectors of 2 numbers"),
        ({"model": "gpt", "input": "a"}, 404, "'gpt'"),
        ([], 422, ""),
    ],
    ids=str,
)
async def test_wrong_requests_for_embeddings_say_why(body: Any, status: int, reason: str) -> None:
    async with serving() as (http, _):
        assert reason in problem(await http.post("/v1/embeddings", json=body), status)


async def test_bodies_that_are_no_json_or_of_another_type_are_refused() -> None:
    async with serving() as (http, _):
        json = {"content-type": "application/json; charset=utf-8"}
        problem(await http.post("/v1/embeddings", content=b"\xff{", headers=json), 422)
        assert "x-npy" in problem(await http.post("/v1/embeddings", content=b"a", headers={}), 415)
        assert "x-npy" in problem(await http.post("/v1/audio/transcriptions", content=b"a"), 415)


@pytest.mark.parametrize(
    ("array", "reason"),
    [
        (np.zeros((1, 9, 9, 3), np.uint8), "8×8"),
        (np.zeros((1, 8, 8, 3), np.float32), "uint8"),
        (np.zeros((3, 8, 8, 3), np.uint8), "At most 2 frames"),
    ],
)
async def test_wrong_frames_are_rejected_with_the_reason(array: np.ndarray, reason: str) -> None:
    async with serving() as (http, _):
        response = await http.post("/v1/embeddings", content=encode_array(array), headers=NPY)
    assert reason in problem(response, 422)


async def test_a_body_that_is_too_long_is_refused_whether_announced_or_not() -> None:
    async def parts() -> AsyncIterator[bytes]:
        for _ in range(30):
            yield b"0" * 10_000

    async with serving() as (http, _):
        for path in ("/v1/embeddings", "/v1/audio/transcriptions"):
            assert "200000 bytes" in problem(await http.post(path, content=b"0" * 200_001, headers=NPY), 413)
            assert "200000 bytes" in problem(await http.post(path, content=parts(), headers=NPY), 413)


async def test_sound_through_the_client_comes_back_as_a_transcript() -> None:
    async with serving() as (_, client):
        assert (await client.transcribe(np.ones(8_000, np.float32), "ru")).text == "ru"
        silence = await client.transcribe(np.zeros(8_000, np.float32), None)
        with pytest.raises(EncoderRejected, match="At most 2 s"):
            await client.transcribe(np.zeros(32_001, np.float32), None)
        with pytest.raises(EncoderRejected, match="ISO 639-1"):
            await client.transcribe(np.zeros(16, np.float32), "english")
        with pytest.raises(EncoderUnavailable, match="process died"):
            await client.transcribe(np.zeros(16, np.float32), "xx")
    assert silence == Transcript("en", 0.5, ())


async def test_a_language_with_a_country_is_that_language() -> None:
    async with serving() as (_, client):
        assert (await client.transcribe(np.ones(16, np.float32), "en-US")).language == "en"


def _wav(seconds: float, rate: int = 8_000) -> bytes:
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(np.full(int(seconds * rate) * 2, 1000, "<i2").tobytes())
    return buffer.getvalue()


async def test_an_uploaded_file_is_transcribed_in_openai_s_shapes() -> None:
    async with serving() as (http, _):
        path, files = "/v1/audio/transcriptions", {"file": ("a.wav", _wav(1.0))}
        short = await http.post(path, files=files, data={"model": "speech", "language": "en"})
        asked = {"model": "fake-speech", "response_format": "verbose_json"}
        long = (await http.post(path, files=files, data=asked)).json()
        subtitles = await http.post(path, files=files, data={"model": "speech", "response_format": "vtt"})
    assert subtitles.headers["content-type"] == "text/vtt; charset=utf-8"
    assert short.json() == {"text": "en"}
    assert long["text"] == "en" and long["duration"] == pytest.approx(1.0, abs=0.01)
    assert long["words"][0]["word"] == "en" and long["segments"][0]["words"][0]["probability"] == 0.5


@pytest.mark.parametrize(
    ("content", "data", "status", "reason"),
    [
        (b"no sound at all", {"model": "speech"}, 422, "cannot be read"),
        (b"#EXTM3U\n#EXTINF:1,\n/etc/passwd\n", {"model": "speech"}, 422, "cannot be read"),
        (b"ffconcat version 1.0\nfile /etc/passwd\n", {"model": "speech"}, 422, "cannot be read"),
        (_wav(4.0), {"model": "speech"}, 422, "At most 2 s"),
        (_wav(0.5), {"model": "whisper-9"}, 404, "whisper-9"),
        (_wav(0.5), {"model": "speech", "response_format": "xml"}, 422, "response_format"),
        (_wav(0.5), {"model": "speech", "language": "??"}, 422, "ISO 639-1"),
        (_wav(0.5), {"model": "speech", "stream": "true"}, 422, "not streamed"),
        (_wav(0.5), {"model": "speech", "timestamp_granularities[]": "word"}, 422, "verbose_json"),
        (
            _wav(0.5),
            {"model": "speech", "response_format": "verbose_json", "timestamp_granularities[]": "letter"},
            422,
            "word and segment",
        ),
    ],
    ids=[
        "text",
        "playlist",
        "concat",
        "long",
        "model",
        "format",
        "language",
        "stream",
        "words of json",
        "granularity",
    ],
)
async def test_wrong_uploads_say_why(content: bytes, data: dict[str, str], status: int, reason: str) -> None:
    async with serving() as (http, _):
        response = await http.post("/v1/audio/transcriptions", files={"file": ("a.wav", content)}, data=data)
    assert reason in problem(response, status)


async def test_forms_without_a_file_or_that_are_none_are_refused() -> None:
    async with serving() as (http, _):
        path, form = "/v1/audio/transcriptions", {"content-type": "multipart/form-data; boundary=b"}
        assert "no file" in problem(await http.post(path, files={"model": (None, "speech")}), 422)
        assert "no model" in problem(await http.post(path, files={"file": ("a.wav", b"")}), 422)
        problem(await http.post(path, content=b"--b\r\nnonsense", headers=form), 422)
        problem(await http.post(path, content=b"", headers={"content-type": "multipart/form-data"}), 422)


async def test_a_busy_model_refuses_and_others_go_on() -> None:
    texts = Texts()
    limits = EncoderSettings(max_waiting_items=1, max_wait_seconds=0.3)
    async with serving(limits, texts) as (http, client):
        slow = asyncio.create_task(client.embed_texts(["slow"], space="text", purpose="query"))
        assert await asyncio.to_thread(texts.running.wait, 5)
        asked = {"model": "text", "input": "a"}
        waiting = asyncio.create_task(http.post("/v1/embeddings", json=asked))
        await asyncio.sleep(0.1)
        refused = await http.post("/v1/embeddings", json=asked)
        assert "wait for the text model" in problem(refused, 429) and int(refused.headers["retry-after"]) > 0
        assert (await client.embed_texts(["a"], space="picture", purpose="query")).shape == (1, 2)
        blocked = await waiting
        assert "busy" in problem(blocked, 503) and int(blocked.headers["retry-after"]) > 0
        texts.release.set()
        assert (await slow).shape == (1, 2)


async def test_a_request_whose_client_went_away_never_runs() -> None:
    texts, gone, answers = Texts(), asyncio.Event(), []
    app = create_app(EncoderSettings(), Models("test", Pictures(), texts, Speech()))
    messages: list[dict[str, Any]] = [{"type": "http.request", "body": b'{"model": "text", "input": "bug"}'}]

    async def receive() -> dict[str, Any]:
        if messages:
            return messages.pop()
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        answers.append(message)

    headers = [(b"content-type", b"application/json")]
    scope = {"type": "http", "method": "POST", "path": "/v1/embeddings", "headers": headers, "query_string": b""}
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url=URL) as http,
        EncoderClient(URL, http=http) as client,
    ):
        slow = asyncio.create_task(client.embed_texts(["slow"], space="text", purpose="query"))
        assert await asyncio.to_thread(texts.running.wait, 5)
        leaving = asyncio.create_task(app(scope, receive, send))
        gone.set()
        await asyncio.wait_for(leaving, 5)
        texts.release.set()
        assert (await slow).shape == (1, 2)
        await client.embed_texts(["a"], space="text", purpose="query")
    assert texts.batches == [["slow"], ["a"]]


async def test_a_bug_tells_nothing_of_the_inside_and_hits_one_request() -> None:
    async with serving() as (http, client):
        response = await http.post("/v1/embeddings", json={"model": "text", "input": "bug"})
        assert "secret" not in problem(response, 500)
        assert (await client.embed_texts(["a"], space="text", purpose="query")).shape == (1, 2)


async def test_unknown_paths_and_methods_are_problems_too() -> None:
    async with serving() as (http, _):
        problem(await http.get("/nowhere"), 404)
        problem(await http.get("/v1/embeddings"), 405)
        assert "/v1/audio/transcriptions" in (await http.get("/openapi.json")).json()["paths"]
