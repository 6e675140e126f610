"""A client asks again within its time, and leaves a server alone that does not answer."""

import asyncio
import time
from collections.abc import Callable

import httpx
import numpy as np
import pytest

from encoders.client import EncoderClient, EncoderRejected, EncoderUnavailable
from encoders.npy import encode_array
from encoders.persistence import ASK_ONCE, Breaker, Persistence

URL = "http://encoder.test"
VECTOR = httpx.Response(200, content=encode_array(np.array([[1.0, 0.0]], np.float32)))
BUSY = httpx.Response(503, headers={"retry-after": "0"})


class Server:
    """Answers one after another, and counts; the last one again and again."""

    def __init__(self, *answers: httpx.Response | httpx.TransportError) -> None:
        self._answers = answers
        self.asked = 0

    def __call__(self, _: httpx.Request) -> httpx.Response:
        answer = self._answers[min(self.asked, len(self._answers) - 1)]
        self.asked += 1
        if isinstance(answer, httpx.TransportError):
            raise answer
        return answer


def client(
    server: Callable[[httpx.Request], httpx.Response], persistence: Persistence, timeout_seconds: float = 5.0
) -> EncoderClient:
    http = httpx.AsyncClient(transport=httpx.MockTransport(server))
    return EncoderClient(URL, timeout_seconds=timeout_seconds, persistence=persistence, http=http)


async def ask(encoder: EncoderClient) -> None:
    await encoder.embed_texts(["a frog"], space="text", purpose="query")


@pytest.mark.parametrize("failure", [BUSY, httpx.ConnectError("refused"), httpx.ReadTimeout("")])
async def test_a_server_that_is_away_for_a_moment_costs_a_persistent_client_nothing(
    failure: httpx.Response | httpx.TransportError,
) -> None:
    server = Server(failure, failure, VECTOR)
    await ask(client(server, Persistence(attempts=3)))
    assert server.asked == 3


async def test_by_default_a_request_is_sent_once() -> None:
    server = Server(BUSY)
    with pytest.raises(EncoderUnavailable):
        await ask(client(server, ASK_ONCE))
    assert server.asked == 1


async def test_the_last_failure_is_told() -> None:
    server = Server(httpx.ConnectError("refused"), BUSY)
    with pytest.raises(EncoderUnavailable, match="503"):
        await ask(client(server, Persistence(attempts=2)))


async def test_a_wrong_request_is_not_sent_again() -> None:
    problem = {"content-type": "application/problem+json"}
    server = Server(httpx.Response(422, json={"detail": "Text 0 is empty."}, headers=problem))
    with pytest.raises(EncoderRejected):
        await ask(client(server, Persistence(attempts=3)))
    assert server.asked == 1


async def test_a_wish_that_goes_beyond_the_time_ends_with_what_the_server_said() -> None:
    server = Server(httpx.Response(503, headers={"retry-after": "3600"}))
    start = time.monotonic()
    with pytest.raises(EncoderUnavailable, match="503"):
        await ask(client(server, Persistence(attempts=3), timeout_seconds=0.2))
    assert time.monotonic() - start < 5.0
    assert server.asked == 1


async def test_a_server_that_hangs_is_given_up_in_time() -> None:
    async def hang(_: httpx.Request) -> httpx.Response:
        await asyncio.sleep(3600)
        raise AssertionError

    http = httpx.AsyncClient(transport=httpx.MockTransport(hang))
    with pytest.raises(EncoderUnavailable, match=r"within 0\.1 s"):
        await ask(EncoderClient(URL, timeout_seconds=0.1, http=http))


async def test_a_server_that_fails_again_and_again_is_left_alone() -> None:
    server = Server(BUSY)
    encoder = client(server, Persistence(failures_to_open=2, open_seconds=3600))
    for _ in range(5):
        with pytest.raises(EncoderUnavailable):
            await ask(encoder)
    assert server.asked == 2


def test_after_a_rest_one_request_tries_the_server_and_its_answer_ends_the_rest() -> None:
    now = 0.0
    breaker = Breaker(Persistence(failures_to_open=1, open_seconds=2.0), clock=lambda: now)
    breaker.failed()
    assert not breaker.allows()
    now = 2.0
    assert breaker.allows()
    assert not breaker.allows()
    breaker.succeeded()
    assert breaker.allows()
