"""The page in Chromium on the real services: from a video's upload to its second, and to a link that leads there."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from browsing import plays_from, running_chromium
from flow import Flow
from playwright.sync_api import Page, expect
from services import Scope
from serving import served

from infra.demo_catalogue import films
from infra.demo_film import render
from search_api.settings import SearchSettings

READY_MILLISECONDS = 240_000


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """Five seconds of one scene and sentence, and then of another."""
    return render(next(film for film in films() if "football" in film.name), tmp_path)


@pytest.fixture
def page(ready_scope: Scope) -> Iterator[Page]:
    """The page of an API on this test's indices, with a worker behind it."""
    settings = ready_scope.read(SearchSettings, deadline_seconds=30.0, encoder_deadline_seconds=20.0)
    with (
        Flow(ready_scope).worker(),
        served(settings) as address,
        running_chromium() as browser,
    ):
        page = browser.new_page(locale="en")
        page.set_default_timeout(60_000)
        page.goto(address)
        yield page


def test_upload_progress_search_play_why_and_link(page: Page, film: Path) -> None:
    page.locator("#upload").click()
    page.set_input_files("dialog input[type=file]", film)
    page.fill("dialog input[name=title]", "A game <b>at</b> the sea")
    page.locator("dialog button[type=submit]").click()
    line = page.locator(".upload-line")
    expect(line).to_contain_text("Ready: it can be found", timeout=READY_MILLISECONDS)

    page.fill("#q", "the ball rolled into the water")
    page.press("#q", "Enter")
    card = page.locator(".card")
    expect(card.locator("h2")).to_have_text("A game <b>at</b> the sea")
    expect(card.locator("mark").first).to_be_visible()
    expect(card.locator(".still img").first).to_have_js_property("complete", True)
    assert card.locator(".still img").first.evaluate("picture => picture.naturalWidth") > 0

    best = card.locator(".play").first
    minutes, seconds = best.inner_text().split(":")
    start = 60.0 * int(minutes) + int(seconds)
    assert start >= 4, "the second sentence is said in the second scene"
    best.click()
    plays_from(page, start)

    card.locator(".why-button").first.click()
    expect(card.locator(".why tbody th").filter(has_text="spoken words")).to_have_count(1)
    term = card.locator(".why .terms button").first
    expect(term).to_be_visible()

    page.locator("video").evaluate("video => video.pause()")
    page.wait_for_function("() => Number(new URLSearchParams(location.search).get('t')) > 0")
    link, second = page.url, page.locator("video").evaluate("video => video.currentTime")
    page.goto("about:blank")
    page.goto(link)
    expect(page.locator("#q")).to_have_value("the ball rolled into the water")
    plays_from(page, second - 0.1)
