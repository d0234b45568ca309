"""The language and the theme follow the browser until somebody chooses, and then the choice."""

import pytest
from playwright.sync_api import Browser, expect

from local.endpoint import Endpoint
from tests.browser.console.desk import Desk, opened


def test_a_language_is_chosen_and_kept(desk: Desk) -> None:
    desk.open()
    expect(desk.page.locator("html")).to_have_attribute("lang", "en")
    expect(desk.page.get_by_role("heading", level=1)).to_have_text("Playground")
    desk.page.get_by_role("button", name="中文").click()
    expect(desk.page.locator("html")).to_have_attribute("lang", "zh-Hans")
    expect(desk.page.get_by_role("heading", level=1)).not_to_have_text("Playground")
    desk.shot("chinese")
    desk.page.reload()
    expect(desk.page.locator("html")).to_have_attribute("lang", "zh-Hans")
    desk.page.get_by_role("button", name="English").click()
    expect(desk.page.get_by_role("heading", level=1)).to_have_text("Playground")


def test_a_browser_in_chinese_gets_every_view_in_chinese(browser: Browser, service: Endpoint) -> None:
    with opened(browser, service, locale="zh-CN") as desk:
        desk.open()
        titles = []
        for route in ("#/", "#/jobs", "#/models", "#/activity"):
            desk.go(route)
            expect(desk.page.locator(f'nav a[href="{route}"]')).to_have_attribute("aria-current", "page")
            heading = desk.page.get_by_role("heading", level=1)
            expect(heading).to_be_visible()
            desk.page.wait_for_load_state("networkidle")
            titles.append(heading.inner_text())
            text = desk.page.locator("main").inner_text()
            assert "{" not in text, "a value that was not filled in"
        assert len(set(titles)) == len(titles)
        assert all("\u4e00" <= title[0] <= "\u9fff" for title in titles), titles


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_theme_follows_the_system_until_one_is_chosen(browser: Browser, service: Endpoint, scheme: str) -> None:
    other = {"light": "dark", "dark": "light"}[scheme]
    with opened(browser, service, color_scheme=scheme) as desk:
        desk.open(key=False)
        ground = ground_of(desk)
        assert (ground > 127) == (scheme == "light")
        switch = desk.page.get_by_role("button", name="Theme")
        while other not in (switch.get_attribute("aria-label") or ""):
            switch.click()
        assert (ground_of(desk) > 127) == (other == "light")
        desk.shot(f"theme-{other}")
        desk.page.reload()
        expect(switch).to_have_attribute("aria-label", f"Theme: {other}")
        assert (ground_of(desk) > 127) == (other == "light")


def ground_of(desk: Desk) -> float:
    """The lightness of the page's ground, from 0 to 255."""
    colour: str = desk.page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    red, green, blue = (float(part) for part in colour[colour.index("(") + 1 : -1].split(",")[:3])
    return (red + green + blue) / 3
