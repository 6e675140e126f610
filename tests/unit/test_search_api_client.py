"""The client: what it sends, what it makes of answers, the same in both kinds; and the example of its description."""

import json
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import httpx
import pytest

import search_api.client
from search_api.answer import SearchAnswer
from search_api.client import ApiProblem, ApiUnavailable, AsyncKadrClient, KadrClient
from search_api.filter_request import FilterRequest

_EXAMPLE = cast(dict[str, Any], SearchAnswer.model_config["json_schema_extra"])["examples"][0]
ANSWER: dict[str, Any] = {**_EXAMPLE, "next": None}
URL = "http://kadr.test"
Answer = Callable[[httpx.Request], httpx.Response]


class Kept:
    """Answers every request alike, and keeps it."""

    def __init__(self, *answers: httpx.Response) -> None:
        self.requests: list[httpx.Request] = []
        self.bodies: list[bytes] = []
        self._answers = list(answers)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        self.bodies.append(request.read())
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]

    def client(self) -> KadrClient:
        return KadrClient(URL, http=httpx.Client(transport=httpx.MockTransport(self)))


def test_a_search_is_sent_as_the_api_wants_it() -> None:
    kept = Kept(httpx.Response(200, json=ANSWER))
    with kept.client() as kadr:
        answer = kadr.search(
            "cat",
            limit=3,
            group_by="moment",
            filters=FilterRequest(language=["ru"]),
            then="dog",
            legs={"speech_text": 1},
        )

    assert json.loads(kept.bodies[0]) == {
        "query": "cat",
        "limit": 3,
        "group_by": "moment",
        "filters": {"language": ["ru"]},
        "then": {"text": "dog"},
        "legs": {"speech_text": 1},
    }
    assert answer.hits[0].moments[0].start_seconds == 5.2


def test_pages_follow_each_other() -> None:
    kept = Kept(httpx.Response(200, json={**ANSWER, "next": "token"}), httpx.Response(200, json=ANSWER))
    with kept.client() as kadr:
        hits = list(kadr.hits("cat", limit=1))

    assert len(hits) == 2
    assert [json.loads(body).get("page") for body in kept.bodies] == [None, "token"]


def test_pictures_moments_and_pieces_are_asked_for(tmp_path: Path) -> None:
    kept = Kept(httpx.Response(200, json=ANSWER))
    (tmp_path / "p.jpg").write_bytes(b"picture bytes")
    with kept.client() as kadr:
        kadr.search_image(tmp_path / "p.jpg", limit=2, filters={"language": ["ru"]})
        kadr.similar("v1:1:0:won:0", limit=2)

    image, similar = kept.requests
    assert b"picture bytes" in kept.bodies[0] and b'name="file"' in kept.bodies[0]
    assert image.url.params["limit"] == "2" and json.loads(image.url.params["filters"]) == {"language": ["ru"]}
    assert similar.url.path == "/moments/v1:1:0:won:0/similar"


def test_an_id_is_never_more_than_an_id() -> None:
    kept = Kept(httpx.Response(404, json={"type": "urn:kadr:problem:http", "detail": "none"}))
    with kept.client() as kadr, pytest.raises(ApiProblem):
        kadr.video("../search?q=x#y")

    assert kept.requests[0].url.raw_path == b"/videos/..%2Fsearch%3Fq%3Dx%23y"


def test_an_upload_carries_its_fields(tmp_path: Path) -> None:
    stored = {"video_id": "v", "bucket": "b", "key": "k", "size": 5, "events": "/videos/v/events"}
    kept = Kept(httpx.Response(202, json=stored))
    (tmp_path / "a.mp4").write_bytes(b"video bytes")
    with kept.client() as kadr:
        assert kadr.upload(tmp_path / "a.mp4", categories=["a", "b"], attributes={"year": 7}).video_id == "v"

    body = kept.bodies[0]
    assert body.count(b'name="categories"') == 2 and b'{"year": 7}' in body and b'filename="a.mp4"' in body


def test_events_are_read_one_by_one() -> None:
    data = {"video_id": "v", "stage": "ready", "revision": 1, "spans_total": 2, "spans_done": 2, "spans_failed": 0}
    lines = [
        ": still here",
        "",
        "id: 1",
        "event: final",
        "data: " + json.dumps({**data, "reason": None, "final": True}),
        "",
        "",
    ]
    kept = Kept(httpx.Response(200, text="\n".join(lines)))
    with kept.client() as kadr:
        (event,) = kadr.events("v")

    assert event.final and (event.spans_done, event.spans_total) == (2, 2)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (httpx.Response(200, text="<html>"), "not as kadr does"),
        (httpx.Response(200, json={"hits": 1}), "not as kadr does"),
        (httpx.Response(502, text="bad gateway"), "502"),
    ],
)
def test_what_is_not_kadr_is_said_to_be_something_else(answer: httpx.Response, kind: str) -> None:
    with Kept(answer).client() as kadr, pytest.raises(ApiUnavailable, match=kind):
        kadr.search("cat")


def test_a_problem_is_raised_with_its_reason() -> None:
    problem = {"type": "urn:kadr:problem:search-unavailable", "title": "x", "status": 503, "detail": "Try again."}
    with (
        Kept(httpx.Response(503, json=problem, headers={"retry-after": "5"})).client() as kadr,
        pytest.raises(ApiProblem, match=r"Try again\. \(503, search-unavailable\)") as raised,
    ):
        kadr.search("cat")
    assert raised.value.retry_after_seconds == 5.0


def test_an_api_that_is_away_is_named() -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    kadr = KadrClient(URL, http=httpx.Client(transport=httpx.MockTransport(refuse)))
    with pytest.raises(ApiUnavailable, match=r"kadr\.test.*refused"):
        kadr.search("cat")


async def test_the_asynchronous_client_does_the_same() -> None:
    kept = Kept(httpx.Response(200, json={**ANSWER, "next": "token"}), httpx.Response(200, json=ANSWER))
    http = httpx.AsyncClient(transport=httpx.MockTransport(kept))
    async with AsyncKadrClient(URL, http=http) as kadr:
        hits = [hit async for hit in kadr.hits("cat", limit=1)]
        await kadr.search_image(b"picture", limit=2)

    assert len(hits) == 2
    assert [json.loads(body).get("page") for body in kept.bodies[:2]] == [None, "token"]
    assert b"picture" in kept.bodies[2]


def test_both_clients_offer_the_same_calls() -> None:
    def names(kind: type) -> set[str]:
        return {name for name in vars(kind) if not name.startswith("_")}

    assert names(KadrClient) == names(AsyncKadrClient)


def test_the_example_of_the_description_runs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = Kept(httpx.Response(200, json=ANSWER))
    monkeypatch.setattr(httpx, "Client", lambda: _client(kept))
    _, example = (search_api.client.__doc__ or "").split("\n", 1)

    exec(textwrap.dedent(example), {})

    assert capsys.readouterr().out == "Inaugural address [5.2]\n"


_REAL = httpx.Client


def _client(kept: Kept) -> httpx.Client:
    return _REAL(transport=httpx.MockTransport(kept))
