"""The report of a compression as somebody sees it who opens it: in light and dark, wide and narrow, by keyboard."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from functions.packaging import compressed, source
from functions.packaging.gate import Gate
from tests.browser.conftest import Visit
from tests.conftest import ROOT
from tests.toolchain.compression.evaluation import folders
from toolchain.compression.compressing import compress
from toolchain.compression.report import page
from toolchain.compression.report.document import Run

SHOTS = ROOT / "build/screenshots"
HERE = Path(__file__).parent
SAMPLES = ("trip-mode", "chinese-classics", "linear-regression")
NAMES = ("net", *SAMPLES)
SEEN = [
    pytest.param({"viewport": {"width": 1100, "height": 900}, "color_scheme": "light"}, id="light-wide"),
    pytest.param({"viewport": {"width": 360, "height": 740}, "color_scheme": "dark"}, id="dark-narrow"),
]
"""Colours do not depend on the width, nor places on the colours: each of both once."""
LEAST_CONTRAST = 4.5
"""WCAG 2.2, 1.4.3."""


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """What a compression of a small model writes, and the committed reports of samples as they would be written now."""
    folder = folders.classifier(tmp_path_factory.mktemp("report"))
    gate = (source.read(folder).compress or Gate())._replace()
    compress(folder, Run("ortless compress net", gate, ("dynamic-int8", "compact"), None, 0), None, rounds=1)
    found = {"net": folder / compressed.PAGE}
    for name in SAMPLES:
        report = json.loads((ROOT / "model_artifacts" / name / compressed.REPORT).read_bytes())
        found[name] = folder / f"{name}.html"
        found[name].write_text(page.render(report), encoding="utf-8")
    return found


def opened(visit: Visit, path: Path) -> Any:
    """The page, with the measurements at hand."""
    visit.allowed.append(path.as_uri())
    visit.page.goto(path.as_uri())
    visit.page.evaluate((HERE / "looks.js").read_text())
    return visit.page


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("visit", SEEN, indirect=True)
def test_everything_can_be_read(
    visit: Visit, pages: dict[str, Path], name: str, request: pytest.FixtureRequest
) -> None:
    shown = opened(visit, pages[name])
    SHOTS.mkdir(parents=True, exist_ok=True)
    shown.screenshot(path=SHOTS / f"report-{request.node.callspec.id}.png", full_page=True)
    shown.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true })")
    assert shown.evaluate(f"looks.contrasts({LEAST_CONTRAST})") == []
    assert shown.evaluate("looks.plots()") == []
    assert shown.evaluate("looks.clipped()") == []
    assert shown.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the page scrolls sideways"


@pytest.mark.parametrize("name", NAMES)
def test_tables_have_captions_and_heads(visit: Visit, pages: dict[str, Path], name: str) -> None:
    shown = opened(visit, pages[name])
    assert shown.locator("table").count() >= 3
    assert shown.evaluate("looks.tables()") == []


def test_both_plots_show_the_original_and_what_ships(visit: Visit, pages: dict[str, Path]) -> None:
    shown = opened(visit, pages["trip-mode"])
    for plot in (shown.locator("svg[role=img]").nth(index) for index in range(2)):
        assert plot.locator("rect.original").count() == plot.locator("circle.chosen").count() == 1


def test_what_can_be_reached_by_keyboard_shows_its_focus(visit: Visit, pages: dict[str, Path]) -> None:
    shown = opened(visit, pages["trip-mode"])
    stops = shown.locator("[tabindex]:not(details:not([open]) *), summary").count()
    reached = []
    for _ in range(stops):
        shown.keyboard.press("Tab")
        reached.append(
            shown.evaluate(
                "(({ tagName }, { outlineStyle, outlineWidth }) => [tagName, outlineStyle, outlineWidth])"
                "(document.activeElement, getComputedStyle(document.activeElement))"
            )
        )
    assert {"DIV", "SUMMARY", "PRE"} == {tag for tag, _, _ in reached}
    assert {(style, width) for _, style, width in reached} == {("solid", "2px")}


def test_what_was_given_up_opens_by_keyboard(visit: Visit, pages: dict[str, Path]) -> None:
    shown = opened(visit, pages["trip-mode"])
    hidden = shown.get_by_text("no ensemble of trees").first
    assert not hidden.is_visible()
    shown.locator("summary").focus()
    shown.keyboard.press("Enter")
    assert hidden.is_visible()


@pytest.mark.parametrize("name", ["net", "trip-mode"])
@pytest.mark.parametrize("visit", SEEN, indirect=True)
def test_rules_of_accessibility_hold(visit: Visit, pages: dict[str, Path], name: str) -> None:
    shown = opened(visit, pages[name])
    shown.add_script_tag(content=gzip.decompress((HERE / "vendor/axe.min.js.gz").read_bytes()).decode())
    shown.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true })")
    found = shown.evaluate("axe.run()")
    assert found["passes"]
    assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found["violations"]] == []
