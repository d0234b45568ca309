"""A page in Debian's Chromium that may ask nobody but the origin under test."""

import fcntl
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Route, expect, sync_playwright

HINT = "apt-get install --no-install-recommends chromium fonts-noto-core fonts-noto-cjk"
ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
ERRORS = ("error", "warning")
PATIENCE_MS = 20_000
"""That a page may take until it shows what is expected: other processes have the processor, too."""

expect.set_options(timeout=PATIENCE_MS)


class Visit:
    """What a page asked for and said.

    Attributes:
        page: Playwright's.
        allowed: what addresses may begin with; a test adds the origin that it opens.
        foreign: addresses of requests to anybody else; these were not let through.
        said: errors and warnings of the console, and exceptions.
    """

    def __init__(self, page: Page) -> None:
        self.page = page
        self.allowed: list[str] = []
        self.foreign: list[str] = []
        self.said: list[str] = []
        page.on("console", self._listen)
        page.on("pageerror", lambda error: self.said.append(str(error)))
        page.route("**/*", self._guard)

    def _listen(self, message: ConsoleMessage) -> None:
        if message.type in ERRORS:
            self.said.append(message.text)

    def _guard(self, route: Route, request: Request) -> None:
        if request.url.startswith((*self.allowed, "data:", "blob:")):
            route.continue_()
        else:
            self.foreign.append(request.url)
            route.abort()


@pytest.fixture(scope="session")
def chromium() -> str:
    """Debian's; it is installed where that is allowed, and the tests are skipped where it is not."""
    if found := shutil.which("chromium"):
        return found
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        pytest.skip(f"no Chromium here: {HINT}")
    with (Path(tempfile.gettempdir()) / "ortless-chromium.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not shutil.which("chromium"):
            _install()
    found = shutil.which("chromium")
    if not found:
        pytest.skip(f"Chromium could not be installed: {HINT}")
    return found


def _install() -> None:
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in ("apt-get -qq update", HINT.replace("install", "install -qq -y", 1)):
        subprocess.run(command.split(), env=environment, capture_output=True, check=False, timeout=280)


@pytest.fixture(scope="package")
def browser(chromium: str) -> Iterator[Browser]:
    """One for all tests of this folder; Playwright gives each start a profile of its own, and removes it.

    While it runs this thread has an event loop: no test elsewhere could run one of its own.
    """
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield found
        found.close()


@contextmanager
def visiting(browser: Browser, **options: Any) -> Iterator[Visit]:
    """A page of a fresh context; whoever it asked, and whatever it complained of, fails whoever opened it.

    Args:
        options: what Browser.new_context takes.
    """
    with ExitStack() as stack:
        context = browser.new_context(**options)
        stack.callback(context.close)
        found = Visit(context.new_page())
        yield found
        assert found.foreign == [], "requests to third parties"
        assert found.said == [], "the console"


@pytest.fixture
def visit(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Visit]:
    """A visit of one test; a parameter, if there is one, is what Browser.new_context takes."""
    options: dict[str, Any] = getattr(request, "param", {})
    with visiting(browser, **options) as found:
        yield found
