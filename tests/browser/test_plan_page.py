"""The page of a plan as somebody sees it who opens it: in light and dark, wide and narrow, by keyboard."""

import gzip
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import Visit
from tests.browser.test_report import HERE, LEAST_CONTRAST, SEEN, SHOTS, opened
from tests.toolchain.planning.test_plan_page import planned, replayed
from toolchain.planning import page

PLANS = {"steady": planned, "trace": replayed}


@pytest.fixture(params=PLANS)
def shown(request: pytest.FixtureRequest, visit: Visit, tmp_path: Path) -> Any:
    """Both plans, one after the other."""
    path = tmp_path / "plan.html"
    path.write_text(page.render(PLANS[request.param](), "ortless plan --rps 10 --html plan.html"), encoding="utf-8")
    return opened(visit, path)


@pytest.mark.parametrize("visit", SEEN, indirect=True)
def test_everything_can_be_read(shown: Any, request: pytest.FixtureRequest) -> None:
    SHOTS.mkdir(parents=True, exist_ok=True)
    shown.screenshot(path=SHOTS / f"plan-{request.node.callspec.id}.png", full_page=True)
    assert shown.evaluate(f"looks.contrasts({LEAST_CONTRAST})") == []
    assert shown.evaluate("looks.plots()") == []
    assert shown.evaluate("looks.clipped()") == []
    assert shown.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the page scrolls sideways"
    assert shown.evaluate("looks.tables()") == []


@pytest.mark.parametrize("visit", SEEN, indirect=True)
def test_rules_of_accessibility_hold(shown: Any) -> None:
    shown.add_script_tag(content=gzip.decompress((HERE / "vendor/axe.min.js.gz").read_bytes()).decode())
    found = shown.evaluate("axe.run()")
    assert found["passes"]
    assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found["violations"]] == []
