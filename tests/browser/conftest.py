"""The page in Chromium, in both languages, with an API behind it that answers what the test wants."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browsing import OpenPage, running_chromium
from fake_api import FakeApi
from media import Video, make
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, expect

expect.set_options(timeout=30_000)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A browser for the tests of a module."""
    with running_chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def served_api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeApi]:
    """The API, on a port."""
    film = Video(shot_seconds=(5.0,) * 4, rate=5, width=160, height=90, gop=5, sound_codec=None)
    api = FakeApi(make(tmp_path_factory.mktemp("film") / "film.mp4", film))
    with api.served():
        yield api


@pytest.fixture
def api(served_api: FakeApi) -> FakeApi:
    """The API as if nothing had been asked yet."""
    served_api.reset()
    return served_api


@pytest.fixture(params=["en", "ru"])
def language(request: pytest.FixtureRequest) -> str:
    """The language of the browser, and so of the page."""
    return str(request.param)


@pytest.fixture
def open_page(chromium: Browser, api: FakeApi, language: str) -> Iterator[OpenPage]:
    """Open an address of the page. In the end nothing was loaded from elsewhere, and nothing was refused or thrown."""
    wrong: list[str] = []
    contexts: list[BrowserContext] = []

    def note_refusal(said: ConsoleMessage) -> None:
        if "Content Security Policy" in said.text:
            wrong.append(said.text)

    def note_stranger(sent: Request) -> None:
        if not sent.url.startswith((f"{api.address}/", "data:", "blob:")):
            wrong.append(sent.url)

    def opened(address: str = "/", *, width: int = 1200, **options: Any) -> Page:
        options = {"reduced_motion": "reduce", "locale": language, **options}
        context = chromium.new_context(viewport={"width": width, "height": 900}, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(f"thrown: {error}"))
        page.on("console", note_refusal)
        page.on("request", note_stranger)
        page.goto(api.address + address)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert wrong == []


@pytest.fixture(scope="session")
def picture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A picture file."""
    path = tmp_path_factory.mktemp("picture") / "lake.png"
    Image.new("RGB", (64, 36), "navy").save(path)
    return path
