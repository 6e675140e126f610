"""Uploads on the page: chosen or dropped, sent, followed, and what goes wrong."""

import re
from pathlib import Path

import pytest
from browsing import OpenPage, send
from fake_api import FakeApi, found, moment, problem, video
from playwright.sync_api import Page, expect

SAYS = {
    "en": {"waiting": "Waiting for a worker", "indexing": "Indexing, 1 of 4 parts", "ready": "Ready: it can be found"},
    "ru": {"waiting": "Ждёт обработки", "indexing": "Индексируется, 1 из 4 частей", "ready": "Готово: уже находится"},
}
REFUSED = {"en": "The upload did not work. The file is a text, not a video.", "ru": "Загрузить не удалось. The file is"}


@pytest.fixture
def film(tmp_path: Path) -> Path:
    path = tmp_path / "Моё кино.mp4"
    path.write_bytes(b"\x00\x00\x00\x20ftypisom" + bytes(1000))
    return path


def upload(page: Page, *files: Path) -> None:
    page.locator("#upload").click()
    expect(page.locator("dialog")).to_be_visible()
    page.set_input_files("dialog input[type=file]", list(files))


def test_an_upload_is_followed_until_it_can_be_found(
    api: FakeApi, open_page: OpenPage, film: Path, language: str
) -> None:
    page = open_page()
    upload(page, film)
    page.fill("dialog input[name=title]", "Мой фильм")
    page.select_option("dialog select", "ru")
    page.locator("dialog button[type=submit]").click()
    line = page.locator(".upload-line")
    expect(page.locator("dialog")).to_have_count(0)

    api.tell("waiting")
    expect(line).to_contain_text(SAYS[language]["waiting"])
    api.tell("indexing", 1, 4)
    expect(line).to_contain_text(SAYS[language]["indexing"])
    expect(line.locator("progress")).to_have_js_property("value", 0.25)
    api.tell("ready", 4, 4)
    expect(line).to_contain_text(SAYS[language]["ready"])

    assert api.uploads == [{"title": "Мой фильм", "language": "ru", "file": film.name}]
    line.locator("button").nth(1).click()
    expect(page.locator("#q")).to_be_focused()
    api.answer = lambda asked: found(video("new", moment(5.0, "frog")))
    page.keyboard.type("frog")
    page.keyboard.press("Enter")
    expect(page.locator(".card")).to_have_count(1)
    assert api.asked[-1]["filters"] == {"video_id": ["new"]}
    line.locator("button").last.click()
    expect(page.locator("#uploads")).to_be_hidden()


def test_what_is_uploaded_can_be_played(api: FakeApi, open_page: OpenPage, film: Path) -> None:
    api.detail = video("new")
    page = open_page()
    upload(page, film)
    page.locator("dialog button[type=submit]").click()
    api.tell("ready", 1, 1)

    page.locator(".upload-line button").first.click()

    page.wait_for_function("() => document.querySelector('video')?.readyState >= 2")
    expect(page).to_have_url(re.compile(r"[?&]v=new"))


def test_a_refused_upload_says_why(api: FakeApi, open_page: OpenPage, film: Path, language: str) -> None:
    api.upload_answer = problem(415, "The file is a text, not a video.")
    page = open_page()
    upload(page, film)
    page.locator("dialog button[type=submit]").click()

    expect(page.locator(".upload-line.failed")).to_contain_text(REFUSED[language])


def test_a_failed_video_says_why(api: FakeApi, open_page: OpenPage, film: Path) -> None:
    page = open_page()
    upload(page, film)
    page.locator("dialog button[type=submit]").click()
    api.tell("failed", reason="no picture and no sound")

    expect(page.locator(".upload-line.failed")).to_contain_text("no picture and no sound")


def test_dropped_videos_are_offered_for_upload(api: FakeApi, open_page: OpenPage, film: Path) -> None:
    page = open_page()

    send(page, "drop", film, "video/mp4")

    expect(page.locator("dialog .chosen")).to_have_text(film.name)
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_have_count(0)
    assert api.uploads == []
