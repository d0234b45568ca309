"""A file is dropped, followed and its answers downloaded; bad rows have their reasons; a reload loses nothing."""

import csv
import json
import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.console.desk import Desk

MODEL = "iris-svm"
COLUMNS = ["sepal_length", "sepal_width", "petal_length", "petal_width"]
DROP = """
([type, name, content]) => {
  const transfer = new DataTransfer();
  transfer.items.add(new File([content], name, { type }));
  return transfer;
}
"""
MANY = 25_000
"""Rows whose explanations take longer than a reload of the page."""


def flowers(count: int) -> list[list[float]]:
    """Rows that differ."""
    return [
        [4.3 + 0.1 * (row % 30), 2 + 0.1 * (row % 7), 1 + 0.1 * (row % 53), 0.1 + 0.1 * (row % 23)]
        for row in range(count)
    ]


def table(rows: list[list[float]]) -> str:
    """The same as a CSV file."""
    return "\n".join([",".join(COLUMNS), *(",".join(f"{value:.1f}" for value in row) for row in rows), ""])


def drop(desk: Desk, name: str, content: str, *wishes: str) -> None:
    """Drop a file onto the page for jobs, wish for something, and send it."""
    desk.go(f"#/jobs?model={MODEL}")
    zone = desk.page.get_by_text("Drop a file here")
    expect(zone).to_be_visible()
    transfer = desk.page.evaluate_handle(DROP, ["text/csv", name, content])
    zone.dispatch_event("drop", {"dataTransfer": transfer})
    expect(desk.page.get_by_text(f"{name},")).to_be_visible()
    for wish in wishes:
        desk.page.get_by_text("Options of the results").click()
        desk.page.get_by_label(wish).check()
    desk.press("Send the file")
    desk.page.wait_for_url(re.compile(r"#/jobs/[0-9a-f]{32}$"))


def ended(desk: Desk) -> None:
    """The job that is open is over."""
    expect(desk.page.get_by_role("status").filter(has_text="done").first).to_be_attached(timeout=60_000)


def downloaded(desk: Desk, name: str | re.Pattern[str]) -> str:
    """The text of a file behind a link."""
    with desk.page.expect_download() as found:
        desk.page.get_by_role("link", name=name).click()
    return found.value.path().read_text()


def test_a_dropped_file_comes_back_with_the_answers_of_the_api(tour: Desk) -> None:
    rows = flowers(120)
    drop(tour, "garden.csv", table(rows))
    ended(tour)
    answered = list(csv.DictReader(downloaded(tour, "garden.results.csv").splitlines()))
    instances = [[round(value, 1) for value in row] for row in rows]
    expected = tour.api.predict(MODEL, *instances).json()["predictions"]
    assert [labelled(row) for row in answered] == [prediction["label"] for prediction in expected]
    tour.shot("job-done")


def labelled(row: dict[str, Any]) -> str:
    (label,) = (value for name, value in row.items() if name.split(".")[-1] == "label")
    return str(label)


def test_rows_that_are_refused_have_their_reasons(tour: Desk) -> None:
    content = table(flowers(5)) + "long,3,4,1\n5,3,4,400\n"
    drop(tour, "weeds.csv", content)
    ended(tour)
    refused = tour.page.get_by_role("region", name="2 rows were refused")
    expect(refused.get_by_role("row")).to_have_count(3)
    expect(refused).to_contain_text("sepal_length")
    expect(refused).to_contain_text("Expected a number from 0 to 30 - got 400")
    reasons = [json.loads(line) for line in downloaded(tour, re.compile("errors")).splitlines()]
    assert [reason["line"] for reason in reasons] == [7, 8]
    for reason in reasons:
        expect(refused.get_by_role("row").filter(has_text=str(reason["line"]))).to_contain_text(reason["error"])
    tour.shot("job-refusals")


def test_a_job_survives_a_reload_of_the_page(tour: Desk) -> None:
    drop(tour, "meadow.csv", table(flowers(MANY)), "Explain every answer")
    expect(tour.page.get_by_text(re.compile("^(The file has arrived|Progress)"))).to_be_visible(timeout=20_000)
    route = tour.page.url
    tour.page.reload()
    assert tour.page.url == route
    expect(tour.page.get_by_role("heading", level=1)).to_have_text("meadow.csv")
    running = tour.page.locator("main").get_by_text(re.compile("^(waiting|running)$")).first
    expect(running).to_be_visible()
    tour.shot("job-running")
    ended(tour)
    expect(tour.page.get_by_role("term").filter(has_text="Answered").locator("..")).to_contain_text(f"{MANY:,}")
    tour.go("#/jobs")
    row = tour.page.get_by_role("row").filter(has_text="meadow.csv").first
    expect(row).to_contain_text("done")
    tour.shot("jobs")


def test_a_file_of_the_wrong_kind_and_none_at_all_are_said_at_the_file(tour: Desk) -> None:
    tour.go(f"#/jobs?model={MODEL}")
    tour.press("Send the file")
    expect(tour.page.get_by_role("alert")).to_have_text("Choose a file first.")
    tour.page.locator("input[type=file]").set_input_files({"name": "a.txt", "mimeType": "text/plain", "buffer": b"1"})
    with tour.refused("400"):
        tour.press("Send the file")
        expect(tour.page.get_by_role("alert")).to_contain_text("a.txt")
    expect(tour.page.locator("input[type=file]")).to_have_attribute("aria-invalid", "true")


def test_a_job_of_nobody_is_not_found(tour: Desk) -> None:
    with tour.refused("404"):
        tour.go(f"#/jobs/{'0' * 32}")
        expect(tour.failure).to_have_attribute("data-kind", "missing")


@pytest.fixture(autouse=True)
def _elsewhere(tour: Desk) -> None:
    """Each test comes to the jobs from another view."""
    tour.go("#/models")
