"""Debian's Chromium, for the tests of the page: it plays H.264, which Playwright's own build does not."""

import base64
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

OpenPage = Callable[..., Page]

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
MISSING = (
    "The tests of the page need Chromium, and none of "
    f"{', '.join(NAMES)} is on the PATH: install one, on Debian with `apt-get install chromium`."
)


class MissingChromium(Exception):
    """There is no browser; the message says how to get one."""


def find_chromium() -> str:
    """Returns the path of an installed Chromium.

    Raises:
        MissingChromium: There is none.
    """
    for name in NAMES:
        if path := shutil.which(name):
            return path
    raise MissingChromium(MISSING)


@contextmanager
def running_chromium() -> Iterator[Browser]:
    """A browser without a window. Its sandbox needs rights that containers lack; it only sees the tests' own pages.

    Playwright's synchronous side keeps an event loop in this thread: leave the block before asynchronous tests run.
    """
    try:
        path = find_chromium()
    except MissingChromium as error:
        pytest.fail(str(error), pytrace=False)
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--autoplay-policy=no-user-gesture-required"]
        browser = playwright.chromium.launch(executable_path=path, args=arguments)
        yield browser
        browser.close()


def send(page: Page, event: str, file: Path, kind: str = "image/png") -> None:
    """Drop or paste a file, as the browser tells it."""
    page.evaluate(
        """([event, name, kind, coded]) => {
          const bytes = Uint8Array.from(atob(coded), (letter) => letter.charCodeAt(0));
          const data = new DataTransfer();
          data.items.add(new File([bytes], name, { type: kind }));
          const options = { bubbles: true, cancelable: true };
          dispatchEvent(event === "paste" ? new ClipboardEvent("paste", { ...options, clipboardData: data })
            : new DragEvent(event, { ...options, dataTransfer: data }));
        }""",
        [event, file.name, kind, base64.b64encode(file.read_bytes()).decode()],
    )


def plays_from(page: Page, seconds: float) -> None:
    """Wait until the video plays at a second, or just after it."""
    page.wait_for_function(
        "start => { const v = document.querySelector('video'); "
        "return v && v.readyState >= 2 && !v.seeking && v.currentTime >= start - 0.05 && v.currentTime < start + 5 }",
        arg=seconds,
    )
