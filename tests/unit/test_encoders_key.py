"""The API key: who has it comes in, and nobody else does."""

import httpx
import pytest
from encoding import LIMITS, URL, problem, serving
from pydantic import SecretStr

from encoders.client import EncoderClient, EncoderRejected
from encoders.settings import EncoderSettings

KEY = "a-very-secret-key"
LOCKED = LIMITS.model_copy(update={"encoder_api_key": SecretStr(KEY)})


@pytest.mark.parametrize(
    "authorization",
    [None, "", "Bearer", "Bearer ", f"Bearer {KEY}x", f"Bearer {KEY[:-1]}", f"Basic {KEY}", KEY, "Bearer ключ"],
)
async def test_who_has_no_key_is_refused_before_the_body_is_looked_at(authorization: str | None) -> None:
    headers = {} if authorization is None else {"authorization": authorization.encode()}
    async with serving(LOCKED) as (http, _):
        for path in ("/v1/embeddings", "/v1/audio/transcriptions"):
            response = await http.post(path, content=b"0" * 300_000, headers=headers)
            detail = problem(response, 401)
            assert "KADR_ENCODER_API_KEY" in detail and KEY not in response.text
            assert response.headers["www-authenticate"] == "Bearer"
            assert response.json()["error"]["message"] == detail
        for path in ("/v1/models", "/metrics"):
            problem(await http.get(path, headers=headers), 401)


async def test_health_is_for_everybody() -> None:
    async with serving(LOCKED) as (http, _):
        assert [(await http.get(path)).status_code for path in ("/healthz", "/readyz")] == [200, 200]


async def test_the_client_sends_the_key() -> None:
    async with serving(LOCKED) as (http, _):
        for key in (KEY, SecretStr(KEY)):
            async with EncoderClient(URL, http=http, api_key=key) as client:
                assert (await client.model_set()).name == "test"
                assert (await client.embed_texts(["a"], space="text", purpose="query")).shape == (1, 2)
        async with EncoderClient(URL, http=http, api_key="wrong") as client:
            with pytest.raises(EncoderRejected, match="401") as caught:
                await client.model_set()
    assert caught.value.status == 401


async def test_a_client_without_a_key_sends_none() -> None:
    seen: list[httpx.Headers] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers)
        return httpx.Response(500)

    async with EncoderClient(URL, http=httpx.AsyncClient(transport=httpx.MockTransport(answer))) as client:
        with pytest.raises(Exception, match="500"):
            await client.model_set()
    assert "authorization" not in seen[0]


def test_the_key_comes_from_the_environment_and_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KADR_ENCODER_API_KEY", KEY)
    settings = EncoderSettings()
    assert settings.encoder_api_key.get_secret_value() == KEY and KEY not in repr(settings)
