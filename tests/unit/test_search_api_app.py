import json
import re
from collections.abc import AsyncIterator
from html.parser import HTMLParser

import httpx
import pytest

from search_api.app import create_app
from search_api.routes import PAGE
from search_api.settings import SearchSettings

NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    """The API with neither OpenSearch nor encoder server."""
    app = create_app(SearchSettings(opensearch_url=NOWHERE, encoder_url=NOWHERE))
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://kadr") as client,
    ):
        yield client


async def test_lives_without_any_service(client: httpx.AsyncClient) -> None:
    assert (await client.get("/healthz")).json() == {"status": "ok"}


async def test_says_what_is_missing(client: httpx.AsyncClient) -> None:
    response = await client.get("/readyz")

    assert response.status_code == 503
    assert response.headers["content-type"] == "application/problem+json"
    opensearch, encoder = response.json()["missing"]
    assert opensearch.startswith(f"OpenSearch at {NOWHERE} does not answer")
    assert NOWHERE in encoder


async def test_a_search_without_opensearch_is_a_problem_that_names_it(client: httpx.AsyncClient) -> None:
    response = await client.post("/search", json={"query": "frog"})

    assert response.status_code == 503
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["type"] == "urn:kadr:problem:search-unavailable"
    assert "OpenSearch" in response.json()["detail"]


@pytest.mark.parametrize(
    ("method", "path", "content", "status", "named"),
    [
        ("POST", "/search", b'{"query": ""}', 422, "query"),
        ("POST", "/search", b'{"query": "   "}', 422, "query"),
        ("POST", "/search", b'{"query": "' + b"x" * 1001 + b'"}', 422, "1000"),
        ("POST", "/search", b"{", 422, "JSON"),
        ("POST", "/search", b"", 422, "required"),
        ("POST", "/search", b'{"query": "\xff"}', 422, "UTF-8"),
        ("POST", "/search", b'{"query": "\\ud800"}', 422, "query"),
        ("POST", "/search", b'{"query": "x", "legs": {"speech_text": 0}}', 422, "weight"),
        ("POST", "/search", b'{"query": "x", "colour": 1}', 422, "colour"),
        ("GET", "/search", None, 422, "q"),
        ("GET", "/search?q=", None, 422, "q"),
        ("GET", "/search?q=" + "x" * 1001, None, 422, "1000"),
        ("GET", "/search?q=x&limit=1000", None, 422, "limit"),
        ("GET", "/search?q=-snow", None, 422, "only says what to leave out"),
        ("GET", "/search?q=x&colour=red", None, 422, "colour"),
        ("GET", "/search?q=x&format=xml", None, 422, "format"),
        ("GET", "/search?q=x&sort=size", None, 422, "sort"),
        ("POST", "/search?format=xml", b'{"query": "x"}', 422, "format"),
        ("POST", "/search", b'{"query": "-snow"}', 422, "only says what to leave out"),
        ("POST", "/search", b'{"query": "x", "min_confidence": 1}', 422, "min_confidence"),
        ("POST", "/search", b'{"query": "x", "filters": {"colour": ["red"]}}', 422, "colour"),
        ("POST", "/search", b'{"query": "x", "filters": {"duration_seconds": {}}}', 422, "one bound at least"),
        ("GET", "/nothing", None, 404, "/nothing"),
        ("DELETE", "/search", None, 405, "DELETE"),
    ],
)
async def test_a_wrong_request_is_a_problem_that_says_what_is_wrong(
    client: httpx.AsyncClient, method: str, path: str, content: bytes | None, status: int, named: str
) -> None:
    response = await client.request(method, path, content=content, headers={"content-type": "application/json"})

    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert problem["status"] == status
    assert named in problem["detail"]


async def test_openapi_shows_examples(client: httpx.AsyncClient) -> None:
    document = (await client.get("/openapi.json")).json()

    assert set(document["paths"]["/search"]) == {"get", "post"}
    assert document["components"]["schemas"]["SearchRequest"]["examples"]
    assert document["components"]["schemas"]["SearchAnswer"]["examples"]
    responses = document["paths"]["/search"]["post"]["responses"]
    assert set(responses) == {"200", "410", "422", "503"}
    assert list(responses["422"]["content"]) == ["application/problem+json"]


async def test_every_reference_of_the_openapi_document_leads_somewhere(client: httpx.AsyncClient) -> None:
    text = (await client.get("/openapi.json")).text
    document = json.loads(text)

    references = set(re.findall(r'"\$ref":"([^"]+)"', text.replace(" ", "")))
    assert references
    for reference in references:
        place = document
        for step in reference.removeprefix("#/").split("/"):
            assert step in place, reference
            place = place[step]


@pytest.mark.parametrize("path", ["/", "/search?q=", "/page/page.js", "/nothing", "/openapi.json"])
async def test_browsers_run_only_our_own_scripts(client: httpx.AsyncClient, path: str) -> None:
    headers = (await client.get(path)).headers

    assert "default-src 'none'" in headers["content-security-policy"]
    assert "script-src 'self'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"


class References(HTMLParser):
    """The addresses that a page loads, and whether it holds what the policy forbids."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.inline: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect one element."""
        named = dict(attrs)
        self.addresses += [
            value for name in ("src", "href") if (value := named.get(name)) and not value.startswith("#")
        ]
        if tag == "style" or (tag == "script" and "src" not in named):
            self.inline.append(tag)
        self.inline += [name for name in named if name.startswith("on") or name == "style"]


async def test_the_page_is_served_whole_and_from_here(client: httpx.AsyncClient) -> None:
    page = References()
    page.feed((await client.get("/")).text)

    assert page.inline == []
    assert len(page.addresses) >= 4
    for address in page.addresses:
        assert address.startswith("/"), "the page works without internet"
        assert (await client.get(address)).status_code == 200


async def test_the_page_never_makes_markup_of_text(client: httpx.AsyncClient) -> None:
    scripts = sorted(path.name for path in PAGE.glob("*.js"))
    assert "page.js" in scripts
    for script in scripts:
        source = (await client.get(f"/page/{script}")).text
        assert not re.search(
            r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|https?://(?!www\.w3\.org/)", source
        )


async def test_browsers_ask_whether_the_page_changed(client: httpx.AsyncClient) -> None:
    for path in ("/", "/page/page.js", "/page/style.css"):
        response = await client.get(path)
        assert response.headers["cache-control"] == "no-cache"
        again = await client.get(path, headers={"if-none-match": response.headers["etag"]})
        assert again.status_code in (200, 304) and again.headers["cache-control"] == "no-cache"
