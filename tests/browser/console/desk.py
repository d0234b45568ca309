"""The console in a browser, as somebody uses it: by what is written on its controls."""

import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Locator, Page, expect

from local.endpoint import Credentials, Endpoint
from local.presentation import address
from tests.browser.conftest import PATIENCE_MS, Visit, visiting
from tests.cloud import Api, api_of
from tests.conftest import ROOT

VARIABLE = "ORTLESS_SCREENSHOTS"
"""The folder for screenshots; build/screenshots if it is not set."""
REFUSED = "Failed to load resource"
"""What the browser says of every answer that is no success, however well the page takes it."""
WIDE: dict[str, Any] = {"viewport": {"width": 1280, "height": 900}, "locale": "en-GB"}
NARROW: dict[str, Any] = {"viewport": {"width": 360, "height": 740}, "locale": "en-GB"}


class Desk:
    """A page of the console, and the service behind it."""

    def __init__(self, visit: Visit, service: Endpoint) -> None:
        self.visit = visit
        self.page: Page = visit.page
        self.service = service
        self.api: Api = api_of(service)
        self.page.set_default_timeout(PATIENCE_MS)
        visit.allowed.append(f"{service.endpoint_url}/")

    @property
    def address(self) -> str:
        """Where the service says that its console is."""
        (line,) = (line for line in address(self.service).splitlines() if line.startswith("Console"))
        return line.split()[1]

    def open(self, route: str = "#/", *, key: bool = True) -> None:
        """The page anew, at a route; with the key remembered, or else at the question for it."""
        if key:
            kept = [f"ortless {self.api.url}/ key", self.api.key]
            self.page.add_init_script(f"localStorage.setItem(...{json.dumps(kept)})")
        self.page.goto(f"{self.address}{route}")
        expect(self.page.get_by_role("heading", level=1)).to_be_visible()

    def go(self, route: str) -> None:
        """Another route of the page that is open."""
        self.page.evaluate("(route) => { location.hash = route; }", route)

    def enter_key(self, key: str) -> None:
        """Fill in the form for the key, which is open, and send it by Enter."""
        self.page.get_by_role("textbox", name="API key").or_(self.page.locator("input[name=api-key]")).first.fill(key)
        self.page.keyboard.press("Enter")

    def enter_credentials(self, credentials: Credentials) -> None:
        """Fill in the form for AWS credentials, which is open, and send it."""
        form = self.page.get_by_role("dialog")
        form.get_by_label("Access key ID").fill(credentials.access_key_id)
        form.get_by_label("Secret access key").fill(credentials.secret_access_key)
        form.get_by_role("button", name="Use these credentials").click()
        expect(form).to_be_hidden()

    def try_out(self, model: str) -> None:
        """The page on which a model is tried."""
        self.go(f"#/models/{model}/try")
        expect(self.page.locator("main").get_by_text(model, exact=True).first).to_be_visible()
        expect(self.page.locator(".bench")).to_be_visible()

    def press(self, name: str) -> None:
        """Press the button with that name, of the content."""
        self.page.locator("main").get_by_role("button", name=name, exact=True).click()

    def predict(self) -> Locator:
        """Send the form; the headline of the answer to it."""
        with self.page.expect_response(re.compile(r":predict$|/infer$")):
            self.press("Predict")
        return self.page.locator(".answer .headline")

    @property
    def failure(self) -> Locator:
        """The state that says what went wrong."""
        return self.page.locator("[role=alert][data-kind]")

    @contextmanager
    def refused(self, word: str, times: int = 1) -> Iterator[None]:
        """Something inside is refused so often, as "403" or "ERR_FAILED": the browser notes that on its console."""
        before = len(self.visit.said)
        yield
        while len(self.visit.said) < before + times:
            self.page.wait_for_event("console")
        assert all(text.startswith(REFUSED) and word in text for text in self.visit.said[before:])
        del self.visit.said[before:]

    def shot(self, name: str) -> None:
        """Keep what is to be seen."""
        folder = Path(os.environ.get(VARIABLE) or ROOT / "build/screenshots")
        folder.mkdir(parents=True, exist_ok=True)
        self.page.evaluate("scrollTo(0, 0)")
        self.page.screenshot(path=folder / f"console-{name}.png", full_page=True)


@contextmanager
def opened(browser: Browser, service: Endpoint, **options: Any) -> Iterator[Desk]:
    """A desk for a while; its page's complaints fail whoever opened it."""
    with visiting(browser, **(WIDE | options)) as visit:
        yield Desk(visit, service)
