"""Searching on the page: what is asked, what is shown, and what the address holds."""

from typing import Any

import pytest
from browsing import OpenPage
from fake_api import FakeApi, found, moment, problem, video
from playwright.sync_api import Page, expect

SAYS = {
    "en": {
        "found": "2 videos · 21 ms",
        "nothing": "Nothing found for “snow”.",
        "without": "Search without the 2 filters",
        "unsure": "Show what is uncertain, too",
        "warning": "The encoder server does not answer; left out of this search: meaning of speech, picture.",
        "failed": "The search did not work.",
        "offline": "The server cannot be reached.",
        "more": "Show more",
        "end": "That is all.",
        "copies": "and 2 copies of the same film",
        "then": "then, 3 s later",
    },
    "ru": {
        "found": "2 видео · 21 мс",
        "nothing": "По запросу «snow» ничего не найдено.",
        "without": "Искать без фильтров (2)",
        "unsure": "Показать и сомнительное",
        "warning": "Сервер моделей не отвечает; в этом поиске не участвует: смысл речи, картинка.",
        "failed": "Поиск не сработал.",
        "offline": "Сервер недоступен.",
        "more": "Показать ещё",
        "end": "Это всё.",
        "copies": "и 2 копии того же фильма",
        "then": "затем, через 3 с",
    },
}
HOSTILE = "<img src=x onerror='window.harmed=1'><script>window.harmed=1</script>"


def address_of(page: Page) -> str:
    address: str = page.evaluate("location.pathname + decodeURIComponent(location.search)")
    return address


def search(page: Page, text: str) -> None:
    page.fill("#q", text)
    page.press("#q", "Enter")


def test_hits_are_cards_with_pictures_on_a_timeline_and_marked_words(
    api: FakeApi, open_page: OpenPage, language: str
) -> None:
    best = moment(5.0, "ask not what your country", "ask", "country")
    hits = [video("v1", best, moment(0.0, "And so"), copies=["v8", "v9"], external_id="no-7"), video("v2", moment(3.0))]
    api.answer = lambda asked: found(*hits)
    page = open_page()

    search(page, "ask country")

    expect(page.locator("#status")).to_have_text(SAYS[language]["found"])
    first = page.locator(".card").first
    expect(first.locator("h2")).to_have_text("Video v1")
    expect(first.locator("mark")).to_have_text(["ask", "country"])
    expect(first.locator(".place")).to_contain_text(SAYS[language]["copies"])
    expect(first.locator(".moment .play")).to_have_text(["0:05", "0:00"])
    # Rows are in the order of the hits, pictures and marks in that of time.
    expect(first.locator(".still .stamp")).to_have_text(["0:00", "0:05"])
    lefts = [mark.evaluate("mark => mark.style.left") for mark in first.locator(".mark").all()]
    assert lefts == ["0%", "25%"]
    picture = first.locator(".still img").first
    expect(picture).to_have_js_property("naturalWidth", 320)
    assert api.asked[-1]["query"] == "ask country"
    assert address_of(page) == "/?q=ask+country"


def test_titles_and_speech_never_become_markup(api: FakeApi, open_page: OpenPage) -> None:
    hostile = moment(0.0, HOSTILE, "onerror='window.harmed=1'><script>window.harmed=1</script>", thumbnail=None)
    hit = video("v1", hostile, title=HOSTILE, external_id=HOSTILE, key=f"x/{HOSTILE}", bucket=HOSTILE)
    understood = {"text": HOSTILE, "phrases": [HOSTILE], "without": [HOSTILE]}
    warning = {"code": "new", "message": HOSTILE, "legs": [HOSTILE]}
    facets = {"videos": 1, "approximate": False, "fields": {"categories": [{"value": HOSTILE, "videos": 1}]}}
    api.answer = lambda asked: found(hit, understood=understood, warnings=[warning], facets=facets)
    api.suggestions = [{"text": HOSTILE, "kind": "title"}]
    page = open_page()

    search(page, HOSTILE)
    expect(page.locator(".card h2")).to_have_text(HOSTILE)
    page.locator(".why-button").click()
    page.locator("[data-chip=category]").click()
    page.locator("#menu-category input").check()
    page.locator("#q").press_sequentially("x")
    expect(page.locator("#suggestions li")).to_be_visible()

    assert page.evaluate("window.harmed") is None
    assert page.locator("main script, main img[src='x']").count() == 0


def test_filters_are_chips_that_ask_and_stay_in_the_address(api: FakeApi, open_page: OpenPage) -> None:
    fields = {
        "language": [{"value": "ru", "videos": 3}, {"value": "de", "videos": 1}],
        "bucket": [{"value": "news", "videos": 2}],
        "duration_seconds": [{"gte": 60.0, "lt": 300.0, "videos": 2}],
    }
    counted = {"videos": 4, "approximate": True, "fields": fields}
    api.answer = lambda asked: found(video("v1", moment(0.0, "frog")), facets=counted)
    page = open_page("/?q=frog")

    page.locator("[data-chip=language]").click()
    expect(page.locator("#menu-language label")).to_have_count(3)
    expect(page.locator("#menu-language .count").first).to_have_text("≈ 3")
    page.locator("#menu-language input").first.check()
    expect(page.locator(".chip.on")).to_have_count(1)
    expect(page.locator("#menu-language input").first).to_be_focused()
    page.locator("[data-chip=duration]").click()
    expect(page.locator("#menu-duration .count")).to_have_text("≈ 2")
    page.locator("#menu-duration input").nth(2).check()
    page.locator("[data-chip=date]").click()
    page.locator("#menu-date input").first.fill("2024-01-01")
    page.locator("[data-chip=bucket]").click()
    page.locator("#menu-bucket input").check()
    expect(page.locator(".chip.on")).to_have_count(4)
    page.locator(".only").click()
    expect(page.locator(".chip.on")).to_have_count(5)

    assert api.asked[-1]["filters"] == {
        "language": ["ru"],
        "bucket": ["news"],
        "video_id": ["v1"],
        "duration_seconds": {"gte": 60, "lt": 300},
        "published_at": {"gte": "2024-01-01"},
    }
    wanted = "/?q=frog&duration=60-300&from=2024-01-01&language=ru&bucket=news&video=v1"
    assert address_of(page) == wanted
    page.locator(".chip-clear").nth(0).click()
    expect(page.locator(".chip.on")).to_have_count(4)
    assert "language" not in api.asked[-1]["filters"]
    page.go_back()
    expect(page.locator(".chip.on")).to_have_count(5)
    assert address_of(page) == wanted


def test_an_address_reproduces_a_search_with_everything_that_was_set(api: FakeApi, open_page: OpenPage) -> None:
    dates = "from=2024-01-01&to=2024-12-31"
    address = f"/?q=green+frog&duration=300-1200&{dates}&language=ru&language=en&sort=newest&group=moment"
    api.answer = lambda asked: found(video("v1", moment(0.0, "frog")))
    page = open_page(f"{address}&unsure=1")

    expect(page.locator(".card")).to_have_count(1)
    expect(page.locator("#q")).to_have_value("green frog")
    (asked,) = api.asked
    assert asked["query"] == "green frog"
    assert (asked["sort"], asked["group_by"], asked["min_confidence"]) == ("newest", "moment", 0)
    assert asked["filters"] == {
        "language": ["ru", "en"],
        "duration_seconds": {"gte": 300, "lt": 1200},
        "published_at": {"gte": "2024-01-01", "lte": "2024-12-31"},
    }
    expect(page.locator("#sort")).to_have_value("newest")
    expect(page.locator(".segment[aria-pressed=true]")).to_have_count(1)
    page.locator(".segment").first.click()
    expect(page.locator("#results")).not_to_have_class("moment-grid")
    assert api.asked[-1]["group_by"] == "video"


def test_nothing_found_says_what_to_try(api: FakeApi, open_page: OpenPage, language: str) -> None:
    says = SAYS[language]
    page = open_page("/?q=snow&language=ru&duration=60-300")

    expect(page.locator("#plate h2")).to_have_text(says["nothing"])
    expect(page.locator("#plate .hints li")).to_have_count(3)
    page.get_by_role("button", name=says["without"]).click()
    expect(page.get_by_role("button", name=says["without"])).to_have_count(0)
    assert "filters" not in api.asked[-1]
    page.get_by_role("button", name=says["unsure"]).click()
    expect(page.locator("#notes .understood")).to_be_visible()
    assert api.asked[-1]["min_confidence"] == 0
    page.fill("#q", '"green snow"')
    page.press("#q", "Enter")
    page.locator(".tries button").first.click()
    expect(page.locator("#q")).to_have_value("green snow")


def test_degraded_answers_and_what_was_understood_are_said(api: FakeApi, open_page: OpenPage, language: str) -> None:
    warnings = [
        {"code": "encoder_unavailable", "message": "Gave no vector.", "legs": ["speech_vector", "picture_vector"]},
        {"code": "new", "message": "Something that this page does not know.", "legs": []},
    ]
    understood = {"text": "cat", "phrases": ["on the roof"], "without": ["snow"]}
    api.answer = lambda asked: found(video("v1", moment(0.0, "cat")), warnings=warnings, understood=understood)
    page = open_page("/?q=cat")

    expect(page.locator(".warning p")).to_have_text(
        [SAYS[language]["warning"], "Something that this page does not know."]
    )
    expect(page.locator(".understood .term")).to_have_text(["snow", "on the roof"])


def test_errors_can_be_read_and_tried_again(api: FakeApi, open_page: OpenPage, language: str) -> None:
    api.answer = lambda asked: problem(503, "OpenSearch does not answer.")
    page = open_page("/?q=cat")

    expect(page.locator("#plate h2")).to_have_text(SAYS[language]["failed"])
    expect(page.locator("#plate")).to_contain_text("OpenSearch does not answer.")
    page.route("**/search", lambda route: route.abort())
    page.locator("#plate button").click()
    expect(page.locator("#plate")).to_contain_text(SAYS[language]["offline"])
    page.unroute("**/search")
    api.answer = lambda asked: found(video("v1", moment(0.0, "cat")))
    page.locator("#plate button").click()
    expect(page.locator(".card")).to_have_count(1)


def test_more_goes_on_where_the_answer_ended(api: FakeApi, open_page: OpenPage, language: str) -> None:
    pages = {None: (["v1", "v2"], "two"), "two": (["v2", "v3"], None)}

    def answer(asked: dict[str, Any]) -> dict[str, Any]:
        names, following = pages[asked.get("page")]
        return found(*(video(name, moment(0.0, name)) for name in names), next=following)

    api.answer = answer
    page = open_page("/?q=cat&sort=oldest")

    page.get_by_role("button", name=SAYS[language]["more"]).click()

    expect(page.locator(".card h2")).to_have_text(["Video v1", "Video v2", "Video v3"])
    expect(page.locator("#more")).to_have_text(SAYS[language]["end"])
    expect(page.locator(".card").nth(2).locator(".play")).to_be_focused()
    first, second = api.asked
    assert second == {name: value for name, value in first.items() if name != "facets"} | {"page": "two"}


def test_a_query_of_two_steps_shows_the_second_as_well(api: FakeApi, open_page: OpenPage, language: str) -> None:
    def answer(asked: dict[str, Any]) -> Any:
        if "facets" in asked:
            return problem(422, "what is found with a step that follows has one page and no facets")
        return found(video("v1", moment(0.0, "cat", then=moment(8.0, "dog", after_seconds=3.0))))

    api.answer = answer
    page = open_page("/?q=cat+->+dog")

    expect(page.locator(".moment .play")).to_have_text(["0:00", "0:08"])
    expect(page.locator(".moment").nth(1)).to_contain_text(SAYS[language]["then"])
    expect(page.locator(".still")).to_have_count(2)


def test_suggestions_are_chosen_with_the_keyboard(api: FakeApi, open_page: OpenPage) -> None:
    api.suggestions = [{"text": "lighthouse keeper", "kind": "word"}, {"text": "Lighthouse", "kind": "title"}]
    page = open_page()

    page.locator("#q").press_sequentially("ligh")
    expect(page.locator("#suggestions li")).to_have_count(2)
    page.press("#q", "ArrowDown")
    expect(page.locator("#q")).to_have_attribute("aria-activedescendant", "suggestion-0")
    page.press("#q", "Enter")

    expect(page.locator("#plate h2")).to_be_visible()
    expect(page.locator("#suggestions")).to_be_hidden()
    assert api.asked[-1]["query"] == "lighthouse keeper"


def test_the_language_is_the_browsers_until_another_is_chosen(open_page: OpenPage, language: str) -> None:
    other = {"en": "ru", "ru": "en"}[language]
    page = open_page("/?q=snow")
    expect(page.locator("html")).to_have_attribute("lang", language)

    page.locator(f"[data-language={other}]").click()
    expect(page.locator("#plate h2")).to_have_text(SAYS[other]["nothing"])
    page.reload()

    expect(page.locator("html")).to_have_attribute("lang", other)
    expect(page.locator("#plate h2")).to_have_text(SAYS[other]["nothing"])


@pytest.mark.parametrize("language", ["en"], indirect=True)
def test_everything_is_said_in_both_languages(open_page: OpenPage) -> None:
    page = open_page()

    names = page.evaluate(
        """async () => {
          const { labels } = await import("/page/labels.js");
          const names = (value, before) => value && typeof value === "object" && !Array.isArray(value)
            ? Object.entries(value).flatMap(([name, inner]) => names(inner, `${before}.${name}`))
            : [`${before}:${typeof value}:${Array.isArray(value) ? value.length : ""}`];
          return [names(labels.en, ""), names(labels.ru, "")].map((list) => list.sort());
        }"""
    )

    assert names[0] == names[1]
    assert len(names[0]) > 80
