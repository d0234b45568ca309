"""Every view, in light and wide and in dark and narrow, as a screen reader and a keyboard have it."""

import gzip
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, expect

from local.endpoint import Endpoint
from tests.browser.console.desk import NARROW, WIDE, Desk, opened
from tests.cloud import Api
from tests.e2e.test_jobs import ended, order, upload

AXE = Path(__file__).parents[1] / "vendor/axe.min.js.gz"
SEEN: dict[str, dict[str, Any]] = {
    "light-wide": WIDE | {"color_scheme": "light", "reduced_motion": "reduce"},
    "dark-narrow": NARROW | {"color_scheme": "dark", "reduced_motion": "reduce", "has_touch": True},
}
"""Colours do not depend on the width, nor places on the colours: each of both once."""
WIDER = """
() => [...document.querySelectorAll("body *")].filter((element) => {
  const right = element.getBoundingClientRect().right;
  const inside = element.closest(".scrolls, pre, .offscreen, svg, [role=log]");
  return right > innerWidth + 1 && element.checkVisibility() && !inside;
}).map((element) => `${element.tagName.toLowerCase()}.${element.className}`).slice(0, 5)
"""


@pytest.fixture(scope="module")
def job(api: Api) -> str:
    """A job that is over, with refused rows."""
    ticket = order(api, "beds-with-a-rather-long-name-of-the-file-that-was-sent.csv")
    rows = "sepal_length,sepal_width,petal_length,petal_width\n5,3,4,1\nlong,3,4,1\n5,3,4,400\n"
    assert upload(ticket, rows.encode()).status_code == 204
    found: str = ticket["id"]
    assert ended(api, found)["state"] == "done"
    return found


@pytest.fixture(scope="module", params=SEEN)
def seen(request: pytest.FixtureRequest, browser: Browser, service: Endpoint) -> Iterator[Desk]:
    """A page in one of both ways, with axe at hand."""
    with opened(browser, service, **SEEN[request.param]) as found:
        found.page.add_init_script(gzip.decompress(AXE.read_bytes()).decode())
        found.open()
        yield found


def check(desk: Desk, name: str) -> None:
    """No rule of axe is broken, nothing is wider than the page, and there is one main heading."""
    desk.page.wait_for_load_state("networkidle")
    expect(desk.page.locator(".spinner, [aria-busy=true]")).to_have_count(0)
    desk.page.evaluate("Promise.allSettled(document.getAnimations().map((each) => each.finished))")
    found: Any = desk.page.evaluate("axe.run()")
    assert found["passes"]
    broken = [(each["id"], [node["html"][:300] for node in each["nodes"]]) for each in found["violations"]]
    width = desk.page.viewport_size["width"] if desk.page.viewport_size else 0
    desk.shot(f"seen-{width}-{name}")
    assert broken == [], json.dumps(broken, indent=1)
    assert desk.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), desk.page.evaluate(WIDER)
    assert desk.page.get_by_role("heading", level=1).count() == 1 or desk.page.get_by_role("dialog").count() == 1


def trial(model: str, *buttons: str) -> Callable[[Desk], None]:
    def walk(desk: Desk) -> None:
        desk.try_out(model)
        for button in buttons:
            desk.press(button)
            expect(desk.page.locator(".answer .headline, .answer .ranking").first).to_be_visible()
        if "Explain" in buttons:
            expect(desk.page.locator(".why")).to_be_visible()

    return walk


def talk(desk: Desk) -> None:
    desk.try_out("support-answers")
    desk.page.get_by_label("Your question").fill("How long does delivery take?")
    desk.page.keyboard.press("Enter")
    desk.page.get_by_role("log").get_by_role("button", name="Why").click()
    expect(desk.page.get_by_role("log").locator("mark").first).to_be_visible()


def refusal(desk: Desk) -> None:
    desk.try_out("iris-svm")
    desk.page.get_by_role("spinbutton", name="Petal width").fill("400")
    with desk.refused("400"):
        desk.press("Predict")
        expect(desk.page.get_by_role("alert")).to_be_visible()


def missing(route: str, times: int) -> Callable[[Desk], None]:
    def walk(desk: Desk) -> None:
        if not times:
            desk.go(route)
            expect(desk.failure).to_be_visible()
            return
        with desk.refused("404", times):
            desk.go(route)
            expect(desk.failure).to_be_visible()

    return walk


def model(desk: Desk) -> None:
    desk.go("#/models/chinese-classics")
    expect(desk.page.get_by_role("heading", name="Size, time and quality")).to_be_visible()


def listed(route: str, title: str) -> Callable[[Desk], None]:
    def walk(desk: Desk) -> None:
        desk.go(route)
        expect(desk.page.get_by_role("heading", level=1)).to_have_text(title)

    return walk


VIEWS: dict[str, Callable[[Desk], None]] = {
    "list": listed("#/", "Playground"),
    "features": trial("iris-svm", "Predict", "Explain"),
    "many-features": trial("breast-cancer", "Predict", "Explain"),
    "number": trial("steering-control", "Predict"),
    "drawing": trial("digits-cnn", "Predict", "Explain"),
    "picture": trial("flower-photo", "Predict"),
    "words": trial("chinese-classics", "Predict", "Explain"),
    "items": trial("next-books", "Predict", "Explain"),
    "steps": trial("trip-mode", "Predict", "Explain"),
    "conversation": talk,
    "refused-field": refusal,
    "jobs": listed("#/jobs", "Jobs"),
    "models": listed("#/models", "Models"),
    "model": model,
    "activity": listed("#/activity", "Activity"),
    "nowhere": missing("#/nowhere", 0),
    "no-model-to-try": missing("#/models/nobody/try", 2),
    "no-model": missing("#/models/nobody", 2),
    "no-job": missing(f"#/jobs/{'0' * 32}", 1),
}


@pytest.mark.parametrize("name", VIEWS)
def test_a_view_breaks_no_rule(seen: Desk, name: str) -> None:
    VIEWS[name](seen)
    check(seen, name)


def test_a_job_with_its_results_and_refusals_breaks_no_rule(seen: Desk, job: str) -> None:
    seen.go(f"#/jobs/{job}")
    expect(seen.page.get_by_role("region", name="2 rows were refused").get_by_role("table")).to_be_visible()
    check(seen, "job")


def test_the_dialogs_break_no_rule(seen: Desk) -> None:
    seen.page.get_by_role("banner").get_by_role("button", name="API key").click()
    expect(seen.page.get_by_role("dialog", name="Enter the API key")).to_be_visible()
    check(seen, "key")
    seen.page.keyboard.press("Escape")
    seen.go("#/models/iris-svm")
    seen.press("Enter AWS credentials")
    expect(seen.page.get_by_role("dialog", name="Enter AWS credentials")).to_be_visible()
    check(seen, "credentials")
    seen.page.keyboard.press("Escape")


def test_the_question_for_the_key_breaks_no_rule(seen: Desk) -> None:
    seen.page.get_by_role("banner").get_by_role("button", name="API key").click()
    seen.page.get_by_role("button", name="Forget it").click()
    expect(seen.page.get_by_role("heading", level=1)).to_have_text("Your models, behind your own API")
    check(seen, "gate")


def tab_to(desk: Desk, control: Locator, most: int = 60) -> None:
    """Go on by Tab until a control has the focus, which has to be seen."""
    for _ in range(most):
        desk.page.keyboard.press("Tab")
        if control.evaluate("(element) => element === document.activeElement"):
            break
    expect(control).to_be_focused()


def test_a_prediction_needs_no_mouse(desk: Desk) -> None:
    desk.open(key=False)
    tab_to(desk, desk.page.locator("input[name=api-key]"))
    desk.page.keyboard.type(desk.api.key or "")
    desk.page.keyboard.press("Enter")
    tab_to(desk, desk.page.get_by_role("main").get_by_role("link", name="iris-svm"))
    desk.page.keyboard.press("Enter")
    expect(desk.page.get_by_role("main")).to_be_focused()
    field = desk.page.get_by_role("spinbutton", name="Petal length")
    expect(field).to_be_visible()
    tab_to(desk, field)
    outline = field.evaluate("(element) => getComputedStyle(element)['outline-style']")
    assert outline != "none"
    desk.page.keyboard.press("Control+A")
    desk.page.keyboard.type("6.1")
    desk.page.keyboard.press("Enter")
    expect(desk.page.locator(".answer .headline")).to_contain_text("virginica")
    tab_to(desk, desk.page.get_by_role("button", name="Explain", exact=True))
    desk.page.keyboard.press("Space")
    expect(desk.page.locator(".why")).to_be_visible()


def test_a_dialog_keeps_the_focus_and_gives_it_back(desk: Desk) -> None:
    desk.open()
    opener = desk.page.get_by_role("banner").get_by_role("button", name="API key")
    opener.focus()
    desk.page.keyboard.press("Enter")
    dialog = desk.page.get_by_role("dialog")
    expect(dialog.locator("input[name=api-key]")).to_be_focused()
    for key in ["Tab"] * 8 + ["Shift+Tab"] * 8:
        desk.page.keyboard.press(key)
        inside = "() => document.activeElement === document.body || document.activeElement.closest('dialog') !== null"
        assert desk.page.evaluate(inside)
    desk.page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(opener).to_be_focused()


def test_the_content_can_be_jumped_to(desk: Desk) -> None:
    desk.open()
    desk.page.keyboard.press("Tab")
    expect(desk.page.get_by_role("link", name="Skip to the content")).to_be_focused()
    desk.page.keyboard.press("Enter")
    expect(desk.page.get_by_role("main")).to_be_focused()
