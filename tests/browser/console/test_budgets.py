"""What the page costs whoever opens it: bytes, requests, time; and what it lets a browser do."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, CDPSession, Page, expect

from tests.browser.console.desk import WIDE
from tests.cloud import Api

BYTES, REQUESTS = 150_000, 25
"""Of the first view, as the product's owner has it."""
SECONDS = 20
"""From the address to the first prediction, on a machine that does other things as well."""


class Meter:
    """What a page loads by the network; nothing is intercepted, as that would have the browser keep nothing."""

    def __init__(self, session: CDPSession) -> None:
        self.loaded: dict[str, float] = {}
        self._urls: dict[str, str] = {}
        self._kept: set[str] = set()
        session.on("Network.requestWillBeSent", self._begun)
        session.on("Network.requestServedFromCache", lambda event: self._kept.add(event["requestId"]))
        session.on("Network.responseReceived", self._answered)
        session.on("Network.loadingFinished", self._ended)
        session.send("Network.enable")

    def _begun(self, event: dict[str, Any]) -> None:
        self._urls[event["requestId"]] = event["request"]["url"]

    def _answered(self, event: dict[str, Any]) -> None:
        if event["response"].get("fromDiskCache"):
            self._kept.add(event["requestId"])

    def _ended(self, event: dict[str, Any]) -> None:
        if event["requestId"] not in self._kept:
            self.loaded[self._urls[event["requestId"]]] = event["encodedDataLength"]


@contextmanager
def metered(browser: Browser) -> Iterator[tuple[Page, Meter]]:
    context = browser.new_context(**WIDE)
    try:
        page = context.new_page()
        yield page, Meter(context.new_cdp_session(page))
    finally:
        context.close()


def settled(page: Page) -> None:
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.wait_for_load_state("networkidle")


def test_the_first_view_is_small_and_its_files_are_kept_for_good(
    browser: Browser, api: Api, capsys: pytest.CaptureFixture[str]
) -> None:
    with metered(browser) as (page, meter):
        page.goto(f"{api.url}/console")
        settled(page)
        total, count = sum(meter.loaded.values()), len(meter.loaded)
        with capsys.disabled():
            print(f"\nfirst view: {total:,.0f} bytes in {count} requests")  # noqa: T201
        assert total < BYTES
        assert count <= REQUESTS
        meter.loaded.clear()
        page.goto("about:blank")
        page.goto(f"{api.url}/console")
        settled(page)
        assert list(meter.loaded) == [f"{api.url}/console"]


def test_the_first_view_with_a_key_is_small(browser: Browser, api: Api, capsys: pytest.CaptureFixture[str]) -> None:
    with metered(browser) as (page, meter):
        page.goto(f"{api.url}/console")
        page.locator("input[name=api-key]").fill(api.key or "")
        page.keyboard.press("Enter")
        expect(page.get_by_role("link", name="iris-svm")).to_be_visible()
        page.wait_for_load_state("networkidle")
        total, count = sum(meter.loaded.values()), len(meter.loaded)
        with capsys.disabled():
            print(f"\nwith the key and the list of models: {total:,.0f} bytes in {count} requests")  # noqa: T201
        assert total < BYTES


def test_the_first_prediction_comes_soon(browser: Browser, api: Api, capsys: pytest.CaptureFixture[str]) -> None:
    with metered(browser) as (page, _):
        begun = time.monotonic()
        page.goto(f"{api.url}/console#/models/iris-svm/try")
        page.locator("input[name=api-key]").fill(api.key or "")
        page.keyboard.press("Enter")
        page.get_by_role("button", name="Predict", exact=True).click()
        expect(page.locator(".answer .headline")).to_be_visible()
        spent = time.monotonic() - begun
        with capsys.disabled():
            print(f"\nfrom the address to the first prediction: {spent:.1f} s")  # noqa: T201
        assert spent < SECONDS


def test_the_page_lets_a_browser_do_nothing_that_it_does_not_need(api: Api) -> None:
    answered = httpx.get(f"{api.url}/console")
    parts = (part.strip().partition(" ") for part in answered.headers["content-security-policy"].split(";"))
    policy = {name: rest.split() for name, _, rest in parts}
    assert "unsafe" not in answered.headers["content-security-policy"]
    assert (policy["default-src"], policy["script-src"], policy["style-src"]) == (["'none'"], ["'self'"], ["'self'"])
    assert policy["frame-ancestors"] == ["'none'"]
    origin = api.url[: api.url.index("/_aws")]
    assert set(policy["connect-src"]) <= {"'self'", origin}
    assert answered.headers["x-content-type-options"] == "nosniff"
    assert answered.headers["referrer-policy"] == "no-referrer"
    assert api.key
    assert api.key not in answered.text
