"""Makes the pictures of the page in docs/, from the content of a running demo.

make demo                                          # in one terminal, and in another:
.venv/bin/python tests/browser/screenshots.py      # http://127.0.0.1:8800 into docs, unless other ones are named
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

sys.path.insert(0, str(Path(__file__).parents[1]))

from browsing import running_chromium
from playwright.sync_api import Browser, Page, expect

DOCS = Path(__file__).parents[2] / "docs"
# The screenshots of the README are seen at half of their size.
PIXELS = 2


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture: how the browser is, what is searched for, and what is done then."""

    name: str
    query: str
    options: dict[str, Any]
    height: int
    act: Callable[[Page], None]


def explain(page: Page) -> None:
    """Open the reasons of the first hit."""
    page.locator(".why-button").first.click()
    page.mouse.move(0, 0)


def play(page: Page) -> None:
    """Play the first hit, and wait for its picture."""
    page.locator(".play").first.click()
    page.wait_for_function(
        "() => { const v = document.querySelector('video'); return v.readyState >= 2 && !v.seeking }"
    )
    page.locator("video").evaluate("video => video.pause()")


SHOTS = (
    Shot("page-light", "boys playing football on the beach", {"locale": "en", "color_scheme": "light"}, 900, explain),
    Shot("page-dark", "красная машина под дождём", {"locale": "ru", "color_scheme": "dark"}, 900, explain),
    Shot("page-phone", "старые маяки на севере", {"locale": "ru", "color_scheme": "light"}, 780, play),
)
WIDTHS = {"page-phone": 360}


def take(browser: Browser, address: str, shot: Shot, folder: Path) -> Path:
    """Take one picture."""
    size = {"width": WIDTHS.get(shot.name, 1100), "height": shot.height}
    context = browser.new_context(viewport=size, device_scale_factor=PIXELS, reduced_motion="reduce", **shot.options)
    page = context.new_page()
    page.goto(f"{address}/?{urlencode({'q': shot.query})}")
    expect(page.locator(".card").first).to_be_visible(timeout=30_000)
    page.wait_for_load_state("networkidle")
    shot.act(page)
    page.evaluate("scrollTo(0, 0)")
    path = folder / f"{shot.name}.png"
    page.screenshot(path=path)
    context.close()
    return path


def main(address: str = "http://127.0.0.1:8800", folder: str = str(DOCS)) -> None:
    """Take all pictures."""
    with running_chromium() as browser:
        for shot in SHOTS:
            print(take(browser, address.rstrip("/"), shot, Path(folder)))


if __name__ == "__main__":
    main(*sys.argv[1:])
