"""The real encoder server with the offline model set, in a process of its own."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import numpy as np
import psutil
import pytest

from encoders.client import EncoderClient, EncoderUnavailable
from encoders.loading import load_models
from encoders.models import Models
from encoders.settings import EncoderSettings
from encoders.values import Vectors

START_SECONDS = 120.0
TEXTS = ["a frog sits on a leaf", "лягушка сидит на листе", "ask not what your country can do for you"]


@pytest.fixture(scope="module")
def models_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module")
def url(models_dir: Path) -> Iterator[str]:
    """A server with no way to any hub; when it ends, so does everything that it started."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"http://127.0.0.1:{free.getsockname()[1]}"
    variables = {"KADR_ENCODER_URL": address, "KADR_MODELS_DIR": str(models_dir), "HF_HUB_OFFLINE": "1"}
    # In `auto`, each process finds out for itself whether bf16 is faster: two may differ.
    variables["KADR_PRECISION"] = "fp32"
    with subprocess.Popen([sys.executable, "-m", "encoders.serving.server"], env={**os.environ, **variables}) as server:
        try:
            _wait_until_ready(server, address)
            children = psutil.Process(server.pid).children(recursive=True)
            yield address
        finally:
            server.send_signal(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                server.wait(10)
            server.kill()
    assert not psutil.wait_procs(children, timeout=10)[1], "the server leaves no process behind"


def _wait_until_ready(server: subprocess.Popen[bytes], url: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        assert server.poll() is None, "the encoder server ended before it was ready"
        with suppress(httpx.TransportError):
            if httpx.get(f"{url}/readyz", timeout=2.0).status_code == 200:
                return
        time.sleep(0.1)
    pytest.fail(f"the encoder server was not ready after {START_SECONDS:g} s")


@pytest.fixture
async def client(url: str) -> AsyncIterator[EncoderClient]:
    async with EncoderClient(url) as client:
        yield client


@pytest.fixture(scope="module")
def models(url: str, models_dir: Path) -> Iterator[Models]:
    models = load_models(EncoderSettings(models_dir=models_dir, precision="fp32"))
    yield models
    models.speech.close()


def _assert_same(served: Vectors, direct: Vectors) -> None:
    assert served.shape == direct.shape
    assert (served * direct).sum(axis=1).min() >= 0.9999


async def test_it_says_which_models_it_has(client: EncoderClient, models: Models) -> None:
    model_set = await client.model_set()
    assert model_set == models.model_set
    assert (model_set.name, model_set.speech_languages) == ("offline", ("en", "ru"))
    assert (model_set.picture_model, model_set.picture_dimension) == ("kadr-clip", 256)
    assert (model_set.text_model, model_set.text_dimension) == ("kadr-sentences", 320)


async def test_vectors_through_the_server_are_those_of_the_models(client: EncoderClient, models: Models) -> None:
    size = models.pictures.picture_input.size
    frames = np.random.default_rng(5).integers(0, 256, (70, size, size, 3), dtype=np.uint8)
    _assert_same(await client.embed_frames(frames), models.pictures.embed_frames(frames))
    for purpose in ("query", "passage"):
        _assert_same(
            await client.embed_texts(TEXTS, space="text", purpose=purpose),  # type: ignore[arg-type]
            models.texts.embed_texts(TEXTS, purpose),  # type: ignore[arg-type]
        )
    in_pictures = await client.embed_texts(TEXTS, space="picture", purpose="query")
    _assert_same(in_pictures, models.pictures.embed_texts(TEXTS, "query"))


async def test_openai_s_shape_gives_the_same_numbers(url: str, models: Models) -> None:
    async with httpx.AsyncClient(base_url=url) as http:
        body = (await http.post("/v1/embeddings", json={"model": "text", "input": TEXTS})).json()
    served = np.array([part["embedding"] for part in body["data"]], np.float32)
    _assert_same(served, models.texts.embed_texts(TEXTS, "query"))


async def test_silence_and_noise_give_no_text(client: EncoderClient) -> None:
    noise = np.random.default_rng(1).normal(0, 0.1, 5 * 16_000).astype(np.float32)
    for sound in (np.zeros(5 * 16_000, np.float32), noise):
        transcript = await client.transcribe(sound, None)
        assert (transcript.duration_seconds, transcript.segments) == (5.0, ())


SPEECH = next(Path(__file__).resolve().parents[3].glob("*/media/jfk.flac"), None)


@pytest.mark.skipif(SPEECH is None, reason="the folder of real sample media is not beside the project")
async def test_an_uploaded_recording_is_written_down_while_queries_are_answered(url: str) -> None:
    assert SPEECH is not None
    async with httpx.AsyncClient(base_url=url, timeout=120) as http:
        form = {"model": "speech", "response_format": "verbose_json"}
        files = {"file": (SPEECH.name, SPEECH.read_bytes())}
        upload = asyncio.create_task(http.post("/v1/audio/transcriptions", files=files, data=form))
        answered = 0
        while not upload.done():
            response = await http.post("/v1/embeddings", json={"model": "text", "input": "a frog"})
            assert response.status_code == 200
            answered += not upload.done()
        body = (await upload).json()
    assert answered >= 3, "recognising speech must not keep queries waiting"
    spoken = [word["word"] for word in body["words"] if word["start"] >= 8.0 and word["end"] <= 10.7]
    assert {"you", "can", "do", "for", "your", "country"} <= set(spoken)


async def test_a_server_that_is_not_there_is_unavailable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    async with EncoderClient(f"http://127.0.0.1:{port}") as client:
        with pytest.raises(EncoderUnavailable, match=str(port)):
            await client.model_set()
