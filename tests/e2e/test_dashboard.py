"""The dashboard of a deployed service: drawn from the same metrics that its functions wrote, and nothing made up."""

from typing import Any

import pytest

from local.dashboard.kept import MISSING, NO_QUERY
from local.dashboard.page import render
from local.dashboard.picture import document, read
from local.endpoint import Endpoint
from tests.e2e.conftest import Api

MODEL = "iris-svm"
FLOWER = {"sepal_length": 5.1, "sepal_width": 3.5, "petal_length": 1.4, "petal_width": 0.2}


def drawn(service: Endpoint) -> dict[tuple[str, str], dict[str, Any]]:
    """Widgets by section and title."""
    return {(it["section"], it["title"]): it for it in document(read(service, 60))["widgets"]}


def total(widget: dict[str, Any], label: str) -> float:
    return float(sum(value for it in widget["series"] if it["label"] == label for _, value in it["points"]))


def test_what_is_asked_is_drawn_as_often_as_it_was(service: Endpoint, api: Api) -> None:
    assert api.predict(MODEL, FLOWER).status_code == 200
    places = {
        ("Traffic", "Requests at the gateway"): "requests",
        ("Traffic", "What models answered"): "requests",
        ("Models", "Requests"): MODEL,
        ("Functions", "Calls"): "Predict",
    }
    before = drawn(service)
    for _ in range(3):
        assert api.predict(MODEL, FLOWER).status_code == 200
    assert api.call("POST", f"/v1/models/{MODEL}:predict", json={"instances": []}).status_code == 400
    after = drawn(service)
    more = [total(after[place], label) - total(before[place], label) for place, label in places.items()]
    assert more == [4, 3, 3, 4]
    refusals = after["Errors by code", "Refusals"]
    assert [it for it in refusals["series"] if it["label"].startswith(MODEL) and it["label"].endswith("invalid_input")]
    percentiles = after["Latency", "From event to answer, in the function"]["series"]
    assert [it["label"] for it in percentiles] == ["p50", "p95", "p99"]
    assert 0 < total(after["Cost", "A day"], "all models") < 1


def test_a_widget_shows_something_or_says_why_not(service: Endpoint, api: Api) -> None:
    api.predict(MODEL, FLOWER)
    widgets = drawn(service)
    notes = {it["note"] for it in widgets.values() if "note" in it}
    assert all(note.startswith(MISSING) or note == NO_QUERY for note in notes)
    assert {section for section, _ in widgets} >= {"Traffic", "Latency", "Cold starts", "Models", "Files", "Cost"}
    alarms = widgets["ortless-local", "Alarms"]["alarms"]
    assert {"api-errors", "dead-letters-batch-files", "daily-cost"} <= alarms.keys()


def test_the_page_has_all_of_them(service: Endpoint) -> None:
    readings = read(service, 60)
    page = render("ortless-local", readings)
    assert [it.widget.title for it in readings if it.widget.title not in page and it.widget.kind == "metric"] == []


@pytest.mark.parametrize("name", ["page", "api-errors"])
def test_an_alarm_of_the_stack_is_told_to_the_topic(name: str, service: Endpoint, api: Api) -> None:
    watch = api.account.session.client("cloudwatch", **api.account.options)
    found = watch.describe_alarms(AlarmNames=[f"ortless-local-{name}"])
    alarms = found["MetricAlarms"]
    # The one over all of them is not made here: each tells by itself.
    assert [alarm["AlarmActions"] for alarm in alarms] == (
        [] if name == "page" else [[service.outputs["AlarmTopicArn"]]]
    )
    assert found.get("CompositeAlarms", []) == []
