"""The real OpenAI client against the encoder server, over HTTP."""

import asyncio
import base64
import io
import socket
import threading
import wave
from collections.abc import Iterator

import numpy as np
import openai
import pytest
import uvicorn
from encoding import Pictures, Speech, Texts, unit
from PIL import Image
from pydantic import SecretStr

from encoders.models import Models
from encoders.serving.server import create_app
from encoders.settings import EncoderSettings

KEY = "a-key"


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    settings = EncoderSettings(max_texts=4, max_text_characters=50, encoder_api_key=SecretStr(KEY))
    app = create_app(settings, Models("test", Pictures(), Texts(), Speech()))
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve([listener])))
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
    server.should_exit = True
    thread.join(10)
    assert not thread.is_alive()
    listener.close()


@pytest.fixture
def client(url: str) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=url, api_key=KEY, max_retries=0, timeout=10) as client:
        yield client


def _wav() -> tuple[str, bytes]:
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes(np.full(16_000, 1000, "<i2").tobytes())
    return "a.wav", buffer.getvalue()


def test_embeddings_of_a_text_and_of_several(client: openai.OpenAI) -> None:
    one = client.embeddings.create(model="text", input="abc")
    several = client.embeddings.create(model="text", input=["abc", "d"])
    np.testing.assert_allclose(one.data[0].embedding, unit([1.03])[0], rtol=1e-6)
    assert [part.index for part in several.data] == [0, 1] and several.model == "fake-texts"
    assert one.data[0].embedding == several.data[0].embedding
    assert one.usage.total_tokens == 0


def test_numbers_are_the_same_in_both_encodings(client: openai.OpenAI) -> None:
    written = client.embeddings.create(model="text", input="abc", encoding_format="float")
    packed = client.embeddings.create(model="text", input="abc", encoding_format="base64")
    raw = base64.b64decode(packed.data[0].embedding)  # type: ignore[arg-type]
    np.testing.assert_array_equal(np.array(written.data[0].embedding, np.float32), np.frombuffer(raw, "<f4"))


def test_pictures_travel_as_data_urls(client: openai.OpenAI) -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (9, 9), "white").save(buffer, "PNG")
    link = f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}"
    answer = client.embeddings.create(model="picture", input=[link, "ab"])
    np.testing.assert_allclose([part.embedding for part in answer.data], unit([1.0, 0.02]), atol=1e-6)


def test_models_are_listed(client: openai.OpenAI) -> None:
    assert [model.id for model in client.models.list()] == ["fake-pictures", "fake-texts", "fake-speech"]


def test_transcriptions_in_every_shape(client: openai.OpenAI) -> None:
    create = client.audio.transcriptions.create
    assert create(model="speech", file=_wav(), language="en").text == "en"
    verbose = create(model="speech", file=_wav(), response_format="verbose_json")
    assert verbose.text == "en" and verbose.duration == 1.0 and verbose.language == "en"
    assert verbose.words is not None and (verbose.words[0].word, verbose.words[0].end) == ("en", 1.0)
    assert verbose.segments is not None and verbose.segments[0].text == "en"
    assert create(model="speech", file=_wav(), response_format="text") == "en\n"
    cue = "00:00:00{0}000 --> 00:00:01{0}000\nen\n"
    assert create(model="speech", file=_wav(), response_format="srt") == f"1\n{cue.format(',')}"
    assert create(model="speech", file=_wav(), response_format="vtt") == f"WEBVTT\n\n{cue.format('.')}"


def test_words_or_segments_alone(client: openai.OpenAI) -> None:
    def create(granularity: str) -> object:
        return client.audio.transcriptions.create(
            model="speech",
            file=_wav(),
            response_format="verbose_json",
            timestamp_granularities=[granularity],  # type: ignore[list-item]
        )

    words, segments = create("word"), create("segment")
    assert words.words and words.segments is None  # type: ignore[attr-defined]
    assert segments.segments and segments.words is None  # type: ignore[attr-defined]


def test_errors_are_openai_s_with_a_readable_message(client: openai.OpenAI, url: str) -> None:
    with pytest.raises(openai.NotFoundError, match="There is no model 'gpt' here") as unknown:
        client.embeddings.create(model="gpt", input="a")
    assert unknown.value.code == "unknown-model" and unknown.value.type == "invalid_request_error"
    with pytest.raises(openai.UnprocessableEntityError, match="Text 1 is empty"):
        client.embeddings.create(model="text", input=["a", " "])
    with pytest.raises(openai.UnprocessableEntityError, match="At most 4 texts"):
        client.embeddings.create(model="text", input=["a"] * 5)
    with pytest.raises(openai.UnprocessableEntityError, match="cannot be read as sound"):
        client.audio.transcriptions.create(model="speech", file=("a.wav", b"no sound"))
    with pytest.raises(openai.InternalServerError, match="broke down"):
        client.embeddings.create(model="text", input="bug")
    with (
        openai.OpenAI(base_url=url, api_key="wrong", max_retries=0) as stranger,
        pytest.raises(openai.AuthenticationError, match="API key is not the server's") as refused,
    ):
        stranger.models.list()
    assert refused.value.body["message"] == refused.value.response.json()["detail"]  # type: ignore[index]
