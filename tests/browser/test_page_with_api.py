"""The page on the API's own routes for videos, with stand-ins behind them: what both promise each other."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from browsing import plays_from
from flow import until
from media import Video, make
from playwright.sync_api import Browser, Page, expect
from video_fakes import NOWHERE, VideoWorld, ledger_document, moment

from infra.ports import free_ports
from search_api.app import create_app
from search_api.settings import SearchSettings
from stream.events import video_id


@pytest.fixture
def world() -> VideoWorld:
    """The API's videos, without services."""
    return VideoWorld()


@pytest.fixture
def page(chromium: Browser, world: VideoWorld) -> Iterator[Page]:
    """The page that the API serves."""
    (port,) = free_ports(1)
    app = create_app(SearchSettings(opensearch_url=NOWHERE, encoder_url=NOWHERE))
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until(lambda: server.started, "the API to start")
    app.state.videos = world.services
    context = chromium.new_context(locale="en")
    page = context.new_page()
    page.goto(f"http://127.0.0.1:{port}/")
    yield page
    context.close()
    server.should_exit = True
    thread.join(20)


def test_an_upload_is_followed_and_played_from_a_linked_second(page: Page, world: VideoWorld, tmp_path: Path) -> None:
    film = make(tmp_path / "film.mp4", Video(shot_seconds=(5.0, 5.0), rate=5, width=160, height=90, gop=5))
    page.locator("#upload").click()
    page.set_input_files("dialog input[type=file]", film)
    page.fill("dialog input[name=title]", "Мой фильм")
    page.locator("dialog button[type=submit]").click()
    line = page.locator(".upload-line")
    expect(line).to_contain_text("Waiting for a worker")

    (event,) = world.said.events
    name = video_id(event.bucket, event.key)
    assert world.bucket.objects[event.key] == film.read_bytes()
    spans = {"spans_total": 2, "spans_done": 1, "status": "indexing"}
    document = ledger_document(name, film.stat().st_size, key=event.key, bucket=event.bucket, title="Мой фильм")
    world.engine.videos[name] = document | spans
    expect(line).to_contain_text("Indexing, 1 of 2 parts")
    world.engine.moments = [moment(5.0, "two", video_id=name)]
    world.engine.videos[name] = document
    expect(line).to_contain_text("Ready: it can be found")

    page.goto(f"{page.url}?v={name}&t=6.5")
    plays_from(page, 6.5)
    expect(page.locator(".card h2")).to_have_text("Мой фильм")
    expect(page.locator(".speech")).to_have_text("two")


def test_a_search_that_opensearch_does_not_answer_is_told(page: Page) -> None:
    page.fill("#q", "frog")
    page.press("#q", "Enter")

    expect(page.locator("#plate")).to_contain_text("The search did not work.")
    expect(page.locator("#plate")).to_contain_text("OpenSearch")


def test_a_file_that_is_no_video_is_refused_in_words(page: Page, tmp_path: Path) -> None:
    notes = tmp_path / "notes.mp4"
    notes.write_text("only some notes, and nothing that moves")
    page.locator("#upload").click()
    page.set_input_files("dialog input[type=file]", notes)
    page.locator("dialog button[type=submit]").click()

    expect(page.locator(".upload-line.failed")).to_contain_text("The file is a text, not a video.")
