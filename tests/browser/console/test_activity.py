"""What was asked a moment ago is in the charts, and counts against the plan."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.console.desk import Desk
from tests.e2e.batch_desk import eventually

ASKED = 5


@pytest.fixture(scope="module", autouse=True)
def _asked(tour: Desk) -> None:
    for row in range(ASKED):
        assert tour.api.predict("steering-control", [0.1 * row, 0, 0, 10]).status_code == 200
    eventually(lambda: True if counted(tour) >= ASKED else None, 20)


def counted(desk: Desk) -> int:
    """What the service knows by now of the model's last hour."""
    models = desk.api.call("GET", "/console/api/activity?model=steering-control").json()["models"]
    return sum(value or 0 for model in models for value in model["series"]["requests"])


def tile(desk: Desk, name: str) -> int:
    text = desk.page.get_by_role("term").filter(has_text=name).first.locator("..").locator("strong").inner_text()
    return int(text.replace(",", ""))


def test_requests_of_a_model_are_shown(tour: Desk) -> None:
    tour.go("#/activity?model=steering-control")
    row = tour.page.get_by_role("table").filter(has_text="p95").locator("tbody tr").filter(has_text="steering-control")
    expect(row).to_have_count(1)
    assert tile(tour, "Requests") >= ASKED
    assert tile(tour, "Errors") == 0
    for chart in ("Requests", "Latency", "Errors", "Cold starts", "Cache hits"):
        expect(tour.page.locator(".charts").get_by_text(chart).first).to_be_visible()
    expect(tour.page.get_by_role("figure", name="Latency")).to_contain_text("p99")
    expect(tour.page.locator("canvas").first).to_be_visible()
    tour.shot("activity")


def test_the_window_and_the_model_stand_in_the_address(tour: Desk) -> None:
    tour.page.get_by_label("Last day").check(force=True)
    expect(tour.page).to_have_url(re.compile("window=day&model=steering-control$"))
    tour.page.reload()
    expect(tour.page.get_by_label("Last day")).to_be_checked()
    expect(tour.page.get_by_role("combobox", name="Model")).to_have_value("steering-control")


def test_what_the_plan_has_left_is_said(tour: Desk) -> None:
    usage = tour.api.call("GET", "/console/api/usage").json()
    plan = tour.page.get_by_role("region", name="Usage plan")
    expect(plan).to_contain_text("requests left this day")
    expect(plan).to_contain_text(f"of {usage['limit']:,} used")
    expect(plan.get_by_role("meter")).to_be_visible()
