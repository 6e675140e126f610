"""How the page looks: on a phone, in the dark, with the keyboard, without motion, to a screen reader."""

import pytest
from browsing import MISSING, MissingChromium, OpenPage, find_chromium
from fake_api import FakeApi, found, moment, video
from playwright.sync_api import Page, expect

LONG = "Очень длинное название, и в нём " + "словобезединогопробела" * 8
UNNAMED = """() => [...document.querySelectorAll("button, a[href], input, select, video")]
  .filter((node) => node.checkVisibility())
  .filter((node) => !(node.ariaLabel || node.innerText?.trim() || node.labels?.length || node.title))
  .map((node) => node.outerHTML)"""
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture
def full(api: FakeApi) -> FakeApi:
    """An API that finds what is hard to show."""
    moments = [moment(5.0, f"{LONG} ask", "ask"), moment(0.0, None), moment(10.0, "can do", thumbnail=None)]
    hits = [video("v1", *moments, title=LONG, key=f"a/{'x' * 200}.mp4", external_id="y" * 80), video("v2")]
    warnings = [{"code": "leg_timed_out", "message": "The leg speech_text ran out of time.", "legs": ["speech_text"]}]
    understood = {"text": "ask", "phrases": [LONG], "without": [LONG]}
    api.answer = lambda asked: found(*hits, warnings=warnings, understood=understood, next="two")
    api.detail = video("v1")
    return api


@pytest.mark.parametrize("group", ["video", "moment"])
def test_nothing_is_wider_than_a_phone(full: FakeApi, open_page: OpenPage, group: str) -> None:
    filters = "language=ru&language=en&duration=60-300&from=2024-01-01&to=2024-12-31&video=v1&category=" + "x" * 60
    page = open_page(f"/?q=ask&group={group}&{filters}", width=360)
    expect(page.locator(".card")).to_have_count(2)

    for button in page.locator(".why-button").all():
        button.click()
    page.locator(".play").first.click()
    expect(page.locator(".stage")).to_be_visible()
    assert page.evaluate(TOO_WIDE) <= 0
    for chip in ("language", "date", "video"):
        page.locator(f"[data-chip={chip}]").click()
        assert page.evaluate(TOO_WIDE) <= 0, chip
        page.keyboard.press("Escape")
    page.locator("#upload").click()
    assert page.evaluate(TOO_WIDE) <= 0


def test_start_and_nothing_found_fit_a_phone(api: FakeApi, open_page: OpenPage) -> None:
    page = open_page("/", width=360)
    expect(page.locator("#plate h2")).to_be_visible()
    assert page.evaluate(TOO_WIDE) <= 0

    page.fill("#q", "x" * 200)
    page.press("#q", "Enter")
    expect(page.locator(".tries")).to_be_visible()
    assert page.evaluate(TOO_WIDE) <= 0


def brightness(page: Page, property_name: str) -> float:
    """How bright a colour of the page is, 0 to 255."""
    colour = str(page.evaluate(f"getComputedStyle(document.body).{property_name}"))
    numbers = [float(number) for number in colour.removeprefix("rgb(").removesuffix(")").split(",")]
    return sum(numbers) / 3


def test_light_and_dark_follow_the_readers_preference(open_page: OpenPage) -> None:
    light, dark = (open_page(color_scheme=scheme) for scheme in ("light", "dark"))

    assert brightness(light, "backgroundColor") > 200 > 100 > brightness(light, "color")
    assert brightness(dark, "backgroundColor") < 60 < 180 < brightness(dark, "color")


def test_every_control_has_a_name_and_shows_its_focus(full: FakeApi, open_page: OpenPage) -> None:
    page = open_page("/?q=ask&language=ru", width=360)
    expect(page.locator(".card")).to_have_count(2)
    page.locator(".why-button").first.click()
    page.locator(".play").first.click()
    page.locator("[data-chip=date]").click()

    assert page.evaluate(UNNAMED) == []
    page.locator("#q").focus()
    seen = set()
    for _ in range(12):
        page.keyboard.press("Tab")
        outline, name = page.evaluate(
            "() => [getComputedStyle(document.activeElement).outlineStyle, document.activeElement.outerHTML]"
        )
        assert outline != "none", name
        seen.add(name)
    assert len(seen) > 8


def test_motion_only_where_it_is_wanted(full: FakeApi, open_page: OpenPage) -> None:
    moving = "getComputedStyle(document.querySelector('.still')).transitionDuration"
    for motion, expected in (("reduce", "0s"), ("no-preference", "0.12s")):
        page = open_page("/?q=ask", reduced_motion=motion)
        expect(page.locator(".card")).to_have_count(2)
        assert str(page.evaluate(moving)).split(",")[0] == expected


def test_the_skip_link_leads_to_the_first_moment(full: FakeApi, open_page: OpenPage) -> None:
    page = open_page("/?q=ask")
    expect(page.locator(".card")).to_have_count(2)

    page.locator(".skip").focus()
    page.keyboard.press("Enter")

    expect(page.locator(".play").first).to_be_focused()


def test_a_machine_without_chromium_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")

    with pytest.raises(MissingChromium, match="apt-get install chromium"):
        find_chromium()
    assert MISSING.count(".") <= 1
