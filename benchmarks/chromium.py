"""Pages of headless Chromium, driven by Playwright: what a page asked for and what failed in it is kept.

The Chromium is that of the system; Playwright never fetches one of its own.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Response, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
POLL_MS = 50
REFUSED = "Content Security Policy"


def find_chromium() -> str | None:
    """Return the path of Chromium, None where it is not installed."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


@contextmanager
def started(language: str = "zh-CN") -> Iterator[Browser]:
    """Give a Chromium of its own; it and Playwright end with the block, whose thread has no other event loop.

    The language is the browser's: that of a context does not reach the handshake of a websocket.
    """
    with sync_playwright() as playwright:
        flags = [*FLAGS, f"--lang={language}", f"--accept-lang={language}"]
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=flags)
        try:
            yield browser
        finally:
            browser.close()


class Visit:
    """A page in a context of its own: no cookie, cache or storage is shared with another visit.

    Attributes
    ----------
    page : playwright.sync_api.Page
    requests : list of str
        Addresses that the page asked for, those of websockets among them.
    failures : list of str
        Answers of 400 and more, errors of scripts, and what the page's own rules forbade.
    """

    def __init__(self, browser: Browser, width: int, height: int):
        self._context = browser.new_context(viewport={"width": width, "height": height}, accept_downloads=True)
        self.page = self._context.new_page()
        self.requests: list[str] = []
        self.failures: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("websocket", lambda socket: self.requests.append(socket.url))
        self.page.on("response", self._answered)
        self.page.on("pageerror", lambda error: self.failures.append(str(error)))
        self.page.on("console", self._said)

    def _answered(self, response: Response) -> None:
        if response.status >= 400:
            self.failures.append(f"{response.status} {response.url}")

    def _said(self, message: ConsoleMessage) -> None:
        if message.type == "error" and REFUSED in message.text:
            self.failures.append(message.text)

    def go(self, url: str) -> None:
        """Open an address."""
        self.page.goto(url)

    def run(self, script: str) -> Any:
        """Return the value of an expression."""
        return self.page.evaluate(script)

    def until(self, script: str, seconds: float = 60.0) -> Any:
        """Wait until an expression is true and return it."""
        return self.page.wait_for_function(script, timeout=1000.0 * seconds, polling=POLL_MS).json_value()

    def resize(self, width: int, height: int) -> None:
        """Give the window another size."""
        self.page.set_viewport_size({"width": width, "height": height})

    def picture(self, path: Path) -> None:
        """Write what the window shows as PNG."""
        self.page.screenshot(path=path)

    def close(self) -> None:
        """End the visit."""
        self._context.close()
