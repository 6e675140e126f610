"""Searches that start from a picture or a moment: what may be asked, and what wrong requests are told."""

import re
from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx
import numpy as np
import orjson
import pytest
from opensearchpy import AsyncOpenSearch, ConnectionError

from encoders.client import EncoderClient, EncoderRejected, EncoderUnavailable
from encoders.values import Vectors
from search_api.app import create_app
from search_api.routes import Services
from search_api.settings import SearchSettings

NOWHERE = "http://127.0.0.1:9"
MOMENT = "v1:1:0:won:0"


class Pictures(EncoderClient):
    """Knows one vector, and which file it was given."""

    def __init__(self) -> None:
        super().__init__(NOWHERE)
        self.files: list[bytes] = []
        self.error: Exception | None = None

    async def embed_picture_file(self, content: bytes) -> Vectors:
        self.files.append(content)
        if self.error:
            raise self.error
        return np.array([[1.0, 0.0]], np.float32)


class Engine(AsyncOpenSearch):  # type: ignore[misc]
    """Two moments of two videos; keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.run = "won"
        self.status = "ready"
        self.down = False

    async def msearch(self, *, body: bytes, **_: Any) -> dict[str, Any]:
        """Every leg finds both."""
        bodies = [orjson.loads(line) for line in body.splitlines()][1::2]
        drawn = "random_score" in body.decode()
        self.asked += [] if drawn else bodies
        hits = (
            [] if drawn else [{"_id": f"v{n}:1:0:won:0", "_score": 2.0 - n / 10, "_source": _source(n)} for n in (1, 2)]
        )
        return {"responses": [{"hits": {"hits": hits, "total": {"value": 0}}} for _ in bodies]}

    async def mget(self, *, body: Mapping[str, Any], index: str, **_: Any) -> dict[str, Any]:
        """The ledger, and moments by id."""
        if self.down:
            raise ConnectionError("N/A", "gone", None)
        if index == "moments":
            return {"docs": [{"_id": MOMENT, "found": body["ids"] == [MOMENT], "_source": _source(1)}]}
        spans = [{"state": "d", "run": self.run}]
        entry = {"bucket": "b", "key": "k", "revision": 1, "status": self.status, "spans": spans}
        return {"docs": [{"_id": name, "found": True, "_source": entry} for name in body["ids"]]}

    async def close(self) -> None:
        """Nothing to close."""


def _source(number: int) -> dict[str, Any]:
    claim = {"video_id": f"v{number}", "revision": 1, "span": 0, "run": "won"}
    return {**claim, "start_seconds": 5.0, "stop_seconds": 9.0, "visual": [0.0, 1.0], "speech_vector": [1.0, 0.0, 0.0]}


@pytest.fixture
def engine() -> Engine:
    return Engine()


@pytest.fixture
def pictures() -> Pictures:
    return Pictures()


@pytest.fixture
async def api(engine: Engine, pictures: Pictures) -> AsyncIterator[httpx.AsyncClient]:
    settings = SearchSettings(opensearch_url=NOWHERE, encoder_url=NOWHERE, image_limit_mb=1)
    app = create_app(settings)
    transport = httpx.ASGITransport(app)
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=transport, base_url="http://kadr") as api:
        app.state.services = Services(engine, pictures, settings)
        yield api


async def send(api: httpx.AsyncClient, content: bytes = b"picture", address: str = "", **fields: Any) -> httpx.Response:
    return await api.post(f"/search/image{address}", files={"file": ("p.jpg", content)}, data=fields)


async def test_a_picture_is_searched_with_its_own_vector(
    api: httpx.AsyncClient, engine: Engine, pictures: Pictures
) -> None:
    answer = (await send(api, explain="true")).json()

    assert pictures.files == [b"picture"]
    (body,) = engine.asked
    assert body["query"]["knn"]["visual"]["vector"] == [1.0, 0.0]
    assert [hit["video_id"] for hit in answer["hits"]] == ["v1", "v2"]
    assert list(answer["hits"][0]["legs"]) == list(answer["explanation"]) == ["picture_vector"]
    assert answer["hits"][0]["moments"][0]["moment_id"] == MOMENT
    assert answer["query"] == answer["understood"]["text"] == ""


async def test_parameters_travel_in_the_address_or_in_the_form(api: httpx.AsyncClient, engine: Engine) -> None:
    fields = {"language": ["ru", "en"], "filters": '{"duration_seconds": {"lt": 60}}', "k": "1", "categories": ""}
    answer = (await send(api, address="?group_by=moment&bucket=b&limit=1", **fields)).json()

    assert len(answer["hits"]) == 1
    wanted = engine.asked[0]["query"]["knn"]["visual"]["filter"]["bool"]["filter"]
    assert {"terms": {"language": ["ru", "en"]}} in wanted
    assert {"terms": {"bucket": ["b"]}} in wanted
    assert {"range": {"duration_seconds": {"lt": 60.0}}} in wanted
    assert len(wanted) == 3


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"limit": "0"}, "limit"),
        ({"limit": "3", "k": "4"}, "limit and k"),
        ({"colour": "red"}, "colour"),
        ({"min_confidence": "1"}, "min_confidence"),
        ({"filters": "{"}, "filters"),
        ({"filters": '{"colour": ["red"]}'}, "colour"),
        ({"filters": '{"language": ["en"]}', "language": "ru"}, "language"),
        ({"limit": ["3", "4"]}, "limit comes twice"),
    ],
)
async def test_a_wrong_parameter_is_named(api: httpx.AsyncClient, fields: dict[str, Any], named: str) -> None:
    response = await send(api, **fields)

    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"
    assert named in response.json()["detail"]


async def test_a_file_that_is_no_picture_is_refused_with_the_reason(api: httpx.AsyncClient, pictures: Pictures) -> None:
    pictures.error = EncoderRejected("The encoder server at x refuses", 422, "Picture 0 cannot be used. It is text.")

    response = await send(api, b"a letter")

    assert response.status_code == 422
    assert response.json()["type"] == "urn:kadr:problem:no-picture"
    assert "It is text" in response.json()["detail"] and "server at" not in response.json()["detail"]


@pytest.mark.parametrize(
    ("request_", "status", "named"),
    [
        ({"files": {"file": ("p.jpg", bytes(1_000_001))}}, 413, "1 MB"),
        ({"files": {"file": ("p.jpg", bytes(3_000_000))}}, 413, "1 MB"),
        ({"files": {"file": ("p.jpg", b"")}}, 422, "empty"),
        ({"files": {"picture": ("p.jpg", b"x")}}, 422, "`file`"),
        ({"files": [("file", ("p.jpg", b"x")), ("file", ("q.jpg", b"x"))]}, 422, "more than one file"),
        ({"files": {"k": (None, "3")}}, 422, "no file"),
        ({"files": {"file": (None, "text")}}, 422, "must be a file"),
        ({"json": {"file": "x"}}, 422, "multipart/form-data"),
        ({"content": b"--b\r\nhalf", "headers": {"content-type": "multipart/form-data; boundary=b"}}, 422, "form"),
    ],
)
async def test_a_wrong_form_is_a_problem_that_says_what_is_wrong(
    api: httpx.AsyncClient, pictures: Pictures, request_: dict[str, Any], status: int, named: str
) -> None:
    response = await api.post("/search/image", **request_)

    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    assert named in response.json()["detail"]
    assert pictures.files == []


async def test_without_the_encoder_server_a_picture_cannot_be_searched_by(
    api: httpx.AsyncClient, pictures: Pictures
) -> None:
    pictures.error = EncoderUnavailable("it is down")

    response = await send(api)

    assert response.status_code == 503
    assert "retry-after" in response.headers and "it is down" in response.json()["detail"]


async def test_a_moment_is_searched_with_its_own_vectors_and_left_out(api: httpx.AsyncClient, engine: Engine) -> None:
    answer = (await api.get(f"/moments/{MOMENT}/similar", params={"k": 3, "language": "ru"})).json()

    speech, picture = (body["query"]["knn"] for body in engine.asked)
    assert picture["visual"]["vector"] == [0.0, 1.0]
    assert speech["speech_vector"]["vector"] == [1.0, 0.0, 0.0]
    there = [
        {"term": {"video_id": "v1"}},
        {"range": {"start_seconds": {"lt": 9.0}}},
        {"range": {"stop_seconds": {"gt": 5.0}}},
    ]
    for searched in (picture["visual"], speech["speech_vector"]):
        assert searched["filter"]["bool"]["filter"] == [
            {"terms": {"language": ["ru"]}},
            {"bool": {"must_not": [{"bool": {"filter": there}}]}},
        ]
    assert set(answer["hits"][0]["legs"]) == {"speech_vector", "picture_vector"}


@pytest.mark.parametrize("moment", ["v1:1:0:won:1", "nothing", "v1:1:0:won:0:0", "a b", "v1:1:0:won:-1"])
async def test_a_moment_that_is_not_there_is_unknown(api: httpx.AsyncClient, moment: str) -> None:
    response = await api.get(f"/moments/{moment}/similar")

    assert response.status_code == 404
    assert response.json()["type"] == "urn:kadr:problem:unknown-moment"


@pytest.mark.parametrize(("status", "run"), [("deleted", "won"), ("ready", "another")])
async def test_a_hidden_moment_is_unknown(api: httpx.AsyncClient, engine: Engine, status: str, run: str) -> None:
    engine.status, engine.run = status, run

    assert (await api.get(f"/moments/{MOMENT}/similar")).status_code == 404


async def test_without_opensearch_nothing_is_similar(api: httpx.AsyncClient, engine: Engine) -> None:
    engine.down = True

    assert (await api.get(f"/moments/{MOMENT}/similar")).status_code == 503


async def test_a_wrong_wish_for_similar_moments_is_named(api: httpx.AsyncClient) -> None:
    response = await api.get(f"/moments/{MOMENT}/similar?k=0")

    assert response.status_code == 422
    assert "k" in response.json()["detail"]


async def test_the_description_refers_to_nothing_that_is_not_there(api: httpx.AsyncClient) -> None:
    document = (await api.get("/openapi.json")).json()

    form = document["paths"]["/search/image"]["post"]["requestBody"]["content"]["multipart/form-data"]["schema"]
    assert {"file", "limit", "k", "group_by", "filters", "language"} <= set(form["properties"])
    named = set(re.findall(r'"#/components/schemas/(\w+)"', orjson.dumps(document).decode()))
    assert named <= set(document["components"]["schemas"])
    for path in ("/search/image", "/moments/{moment_id}/similar"):
        assert "#/$defs" not in orjson.dumps(document["paths"][path]).decode()


async def test_pages_follow_each_other(api: httpx.AsyncClient) -> None:
    first = (await send(api, k="1")).json()
    second = (await send(api, k="1", page=first["next"])).json()
    other = await api.get(f"/moments/{MOMENT}/similar", params={"page": first["next"]})

    assert [hit["video_id"] for answer in (first, second) for hit in answer["hits"]] == ["v1", "v2"]
    assert second["next"] is None
    assert other.status_code == 422, "a page belongs to its search"
