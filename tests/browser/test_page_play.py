"""Playing from the second, why a hit is there, and searching by a moment or a picture."""

from pathlib import Path

import pytest
from browsing import OpenPage, plays_from, send
from fake_api import FakeApi, found, leg, moment, video
from playwright.sync_api import Page, expect

SAYS = {
    "en": {
        "legs": ["spoken words", "picture", "meaning of speech", "title and tags"],
        "like": "Like 0:05 of “Video v1”",
        "picture": "Like this picture",
        "unplayable": "This browser cannot play the file. Download it",
        "replaced": "The file was replaced since it was indexed.",
        "gone": "This video is not here any more.",
        "title": "Askedin the title",
    },
    "ru": {
        "legs": ["слова в речи", "картинка", "смысл речи", "название и теги"],
        "like": "Похоже на 0:05 из «Video v1»",
        "picture": "Похоже на эту картинку",
        "unplayable": "Этот браузер не может показать файл. Скачать",
        "replaced": "Файл заменили после индексации.",
        "gone": "Этого видео больше нет.",
        "title": "Askedв названии",
    },
}


@pytest.fixture
def two(api: FakeApi) -> FakeApi:
    """An API that finds two videos."""
    best = moment(5.0, "ask not what your country", "ask", "not")
    api.answer = lambda asked: found(video("v1", best, moment(10.0, "can do")), video("v2", moment(15.0, "for you")))
    return api


def test_a_click_plays_in_place_from_that_second(two: FakeApi, open_page: OpenPage) -> None:
    page = open_page("/?q=ask")

    page.locator(".play").first.click()

    plays_from(page, 5.0)
    assert page.evaluate("document.querySelector('video').paused") is False
    expect(page.locator(".card").first.locator("video")).to_have_count(1)
    expect(page.locator(".moment.now .play")).to_have_attribute("aria-current", "true")
    assert page.evaluate("new URLSearchParams(location.search).get('v')") == "v1"
    page.locator(".still").nth(2).click()
    plays_from(page, 15.0)
    expect(page.locator("video")).to_have_count(1)
    expect(page.locator(".card").nth(1).locator("video")).to_have_count(1)
    expect(page.locator(".head:visible")).to_have_count(1)


def test_the_keyboard_finds_plays_and_closes(two: FakeApi, open_page: OpenPage) -> None:
    page = open_page("/?q=ask")
    expect(page.locator(".card")).to_have_count(2)

    page.locator(".brand").focus()
    page.keyboard.press("/")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.locator(".play").nth(1)).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    plays_from(page, 5.0)
    page.keyboard.press("Escape")

    expect(page.locator("video")).to_have_count(0)
    expect(page.locator(".play").first).to_be_focused()
    assert "v=" not in page.url
    page.locator("[data-chip=date]").click()
    page.keyboard.press("Escape")
    expect(page.locator("#menu-date")).to_be_hidden()
    expect(page.locator("[data-chip=date]")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#q")).to_be_focused()


def test_an_address_reproduces_the_second(two: FakeApi, open_page: OpenPage) -> None:
    page = open_page("/?q=ask&v=v1&t=11.5")

    plays_from(page, 11.5)
    expect(page.locator(".card").first.locator("video")).to_have_count(1)
    two.answer = lambda asked: found()
    two.detail = video("v3", title="Alone")
    two.moments = [moment(0.0, "one"), moment(5.0, "two"), moment(10.0, "three"), moment(15.0, "four")]
    page = open_page("/?v=v3&t=12")
    plays_from(page, 12.0)
    expect(page.locator(".card h2")).to_have_text("Alone")
    expect(page.locator(".moment .speech")).to_have_text(["two", "three", "four"])


def test_a_converted_video_is_asked_for_from_its_second(two: FakeApi, open_page: OpenPage) -> None:
    two.converted = True
    page = open_page("/?q=ask")

    page.locator(".play").first.click()
    plays_from(page, 0.0)
    assert two.played[-1] == {"start": "5"}
    page.locator(".play").nth(1).click()
    expect(page.locator("video")).to_have_attribute("src", "/videos/v1/stream?start=10")
    plays_from(page, 0.0)
    page.locator("video").evaluate("video => video.pause()")

    # The address and the timeline go on in the video's own time.
    page.wait_for_function("() => Number(new URLSearchParams(location.search).get('t')) >= 10")
    expect(page.locator(".moment.now .play")).to_have_text("0:10")


def test_a_link_to_a_video_that_is_gone_says_so(two: FakeApi, open_page: OpenPage, language: str) -> None:
    page = open_page("/?q=ask&v=gone&t=3")
    expect(page.locator("#toast")).to_have_text(SAYS[language]["gone"])
    expect(page.locator(".card")).to_have_count(2)

    page = open_page("/?v=gone&t=3")
    expect(page.locator("#plate")).to_contain_text("kadr knows no video gone.")


def test_why_says_rank_score_share_confidence_and_words_with_their_times(
    two: FakeApi, open_page: OpenPage, language: str
) -> None:
    best = moment(2.0, "ask not what your country", "ask", "country")
    legs = {**best["legs"], "metadata_text": leg(3, 0.001, 4.2)}
    best["terms"].append({"text": "asks", "field": "speech", "start_seconds": 3.0, "precision": "moment"})
    title = {"text": "Asked", "field": "title", "start_seconds": None, "stop_seconds": None, "precision": None}
    two.answer = lambda asked: found(video("v1", best, legs=legs, terms=[title]))
    page = open_page("/?q=ask")
    why = page.locator(".why-button")

    why.click()

    expect(why).to_have_attribute("aria-expanded", "true")
    expect(page.locator(".why tbody th")).to_have_text(SAYS[language]["legs"])
    first = page.locator(".why tbody tr").first.locator("td").all_text_contents()
    assert [text.replace("\xa0", " ").replace(" %", "%").replace(",", ".") for text in first] == [
        "1",
        "12.25",
        "43%",
        "–",
    ]
    sure = page.locator(".why tbody tr").nth(2).locator("td").last
    expect(sure).to_have_text({"en": "> 99%", "ru": "> 99 %"}[language])
    expect(page.locator(".why .terms button")).to_have_text(["ask0:02", "country0:04", "asks≈ 0:03"])
    expect(page.locator(".why .terms span.term")).to_have_text([SAYS[language]["title"]])
    page.locator(".why .terms button").nth(1).click()
    plays_from(page, 4.0)
    why.click()
    expect(page.locator(".why")).to_have_count(0)


def asks(page: Page, api: FakeApi, **wanted: object) -> None:
    """Wait until the last request has this in it: the page may show what it is about to ask."""
    for _ in range(200):
        if wanted.items() <= api.asked[-1].items():
            return
        page.wait_for_timeout(50)
    assert {name: api.asked[-1].get(name) for name in wanted} == wanted


def test_similar_searches_from_the_moment(two: FakeApi, open_page: OpenPage, language: str) -> None:
    page = open_page("/?q=ask&language=ru")

    page.locator(".moment").first.locator(".actions button").last.click()

    expect(page.locator(".picked")).to_have_text(SAYS[language]["like"])
    expect(page.locator(".card")).to_have_count(2)
    asks(page, two, similar="m:5.0")
    page.locator("[data-chip=duration]").click()
    page.locator("#menu-duration input").nth(1).check()
    expect(page.locator(".chip.on")).to_have_count(1)
    asks(page, two, filters='{"duration_seconds":{"lt":60}}')
    expect(page.locator(".picked")).to_have_text(SAYS[language]["like"])
    page.reload()
    expect(page.locator(".picked")).to_have_text(SAYS[language]["like"])
    page.locator(".picked button").click()
    expect(page.locator("#q")).to_be_visible()


@pytest.mark.parametrize("way", ["choose", "drop", "paste"])
def test_a_picture_is_searched_by(two: FakeApi, open_page: OpenPage, picture: Path, language: str, way: str) -> None:
    page = open_page("/?q=ask")
    expect(page.locator(".card")).to_have_count(2)

    if way == "choose":
        page.set_input_files("#picture-file", picture)
    else:
        send(page, way, picture)

    expect(page.locator(".picked")).to_have_text(SAYS[language]["picture"])
    expect(page.locator("#q")).to_be_hidden()
    asks(page, two, image=picture.read_bytes())
    page.locator(".segment").nth(1).click()
    expect(page.locator("#results")).to_have_class("moment-grid")
    asks(page, two, image=picture.read_bytes(), group_by="moment")
    page.go_back()
    page.go_back()
    expect(page.locator("#q")).to_have_value("ask")


def test_what_is_dropped_is_announced_and_others_are_refused(two: FakeApi, open_page: OpenPage, tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("notes")
    page = open_page("/?q=ask")

    send(page, "dragenter", text)
    expect(page.locator("#drop")).to_be_visible()
    send(page, "drop", text, "text/plain")

    expect(page.locator("#drop")).to_be_hidden()
    expect(page.locator("#toast")).not_to_be_empty()


@pytest.mark.parametrize(("status", "said"), [(409, "replaced"), (410, "gone"), (200, "unplayable")])
def test_what_cannot_be_played_is_said(
    two: FakeApi, open_page: OpenPage, picture: Path, language: str, status: int, said: str
) -> None:
    page = open_page("/?q=ask")
    two.stream_status, film = status, two.film
    two.film = picture
    page.locator(".play").first.click()

    try:
        expect(page.locator(".stage .problem")).to_have_text(SAYS[language][said])
    finally:
        two.film = film
