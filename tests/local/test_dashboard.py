"""The picture of a dashboard: which metrics it asks for, what it draws, and what it says where there are none."""

import re
from typing import Any

import pytest

from local.dashboard import chart
from local.dashboard.board import Ask, widgets
from local.dashboard.kept import MISSING, is_kept
from local.dashboard.page import render
from local.dashboard.picture import document, read
from local.dashboard.readings import Reading, Series
from local.errors import NotUp
from tests.local.laptop import Laptop

MINUTE = 1_800_000_000
SEARCH = "SEARCH('{\"ortless/local\",Model,Version} MetricName=\"Run\"', 'Average', 300)"


def body(*metrics: list[Any], **properties: Any) -> dict[str, Any]:
    """A dashboard of one graph below a header."""
    header = {"type": "text", "x": 0, "y": 0, "width": 24, "height": 2, "properties": {"markdown": "## A\nb `c`"}}
    shown = {"title": "T", "period": 60, "metrics": list(metrics), "yAxis": {"left": {"label": "calls"}}}
    graph = {"type": "metric", "x": 0, "y": 2, "width": 8, "height": 6, "properties": shown | properties}
    return {"widgets": [graph, header]}


def reading(*series: Series, **properties: Any) -> Reading:
    _, widget = widgets(body(["N", "M", {"stat": "Sum"}], **properties))
    return Reading(widget, MINUTE, MINUTE + 600, series)


def test_a_metric_is_asked_for_by_its_dimensions_and_a_search_by_theirs() -> None:
    options = {"expression": SEARCH, "label": "${PROP('Dim.Model')} ${PROP('Dim.Version')} run", "period": 300}
    header, graph = widgets(body(["AWS/Lambda", "Errors", "FunctionName", "f", {"stat": "Sum"}], [options]))
    assert (header.kind, header.markdown) == ("text", "## A\nb `c`")
    named, searched = graph.asks
    assert named == Ask("AWS/Lambda", "Errors", {"FunctionName": "f"}, "Sum", "Errors")
    assert (searched.namespace, searched.metric, searched.statistic) == ("ortless/local", "Run", "Average")
    assert (searched.searches, list(searched.dimensions)) == (True, ["Model", "Version"])
    assert searched.named({"Model": "iris", "Version": "2"}) == "iris 2 run"


def test_an_expression_that_is_no_search_is_refused() -> None:
    with pytest.raises(ValueError, match=r"Expected SEARCH of metrics by name - got 'm1 \* 2'"):
        list(widgets(body([{"expression": "m1 * 2", "label": ""}])))


def test_values_that_follow_each_other_are_joined_and_a_gap_stays_one() -> None:
    picture = chart.draw(reading(Series("calls", "Sum", tuple((MINUTE + 60 * at, 2.0) for at in (0, 1, 4)))))
    lines = re.findall(r'<polyline points="([^"]+)"', picture)
    assert [len(line.split()) for line in lines] == [2, 1]
    assert "calls: 2 at" in picture
    assert "<b>6</b>" in picture


def test_layers_stand_upon_each_other() -> None:
    layers = [
        Series(name, "Average", ((MINUTE, value), (MINUTE + 60, value))) for name, value in (("a", 1.0), ("b", 3.0))
    ]
    picture = chart.draw(reading(*layers, stacked=True))
    lower, upper = (
        [pair.split(",")[1] for pair in it.split()] for it in re.findall(r'<polygon [^>]*points="([^"]+)"', picture)
    )
    assert lower[:2] == list(reversed(upper[2:]))


def test_a_limit_is_a_line_where_values_come_near_and_else_words() -> None:
    limits = [{"label": "alarm near", "value": 5}, {"label": "alarm far", "value": 5000}]
    told = reading(Series("calls", "Sum", ((MINUTE, 4.0),)), annotations={"horizontal": limits})
    page = render("ortless-local", [told])
    assert re.findall(r'class="limit"[^>]*>(alarm \w+ [\d,]+)<', page) == ["alarm near 5"]
    assert "alarm far: from 5,000 on" in page


def test_the_page_needs_nothing_from_outside_and_runs_nothing() -> None:
    page = render("<b>", [reading(Series("<script>", "Sum", ((MINUTE, 1.0),)))])
    assert re.findall(r"<script|https?://|src=|@import|url\(", page) == []
    assert "prefers-color-scheme: dark" in page
    assert "&lt;script&gt;" in page


def test_what_is_not_kept_is_said_by_name() -> None:
    assert is_kept("ortless/local", "Anything")
    assert is_kept("AWS/Lambda", "Errors")
    assert not is_kept("AWS/Lambda", "ConcurrentExecutions")
    assert not is_kept("AWS/Lambda", "Errors", of_account=True)
    empty = Reading(reading().widget, MINUTE, MINUTE + 600, note=f"{MISSING} (Gone)")
    assert f"{MISSING} (Gone)" in render("s", [empty])
    assert document([empty])["widgets"][0]["note"] == f"{MISSING} (Gone)"


def test_without_a_cloud_there_is_nothing_to_draw(laptop: Laptop) -> None:
    with pytest.raises(NotUp):
        read(None, 60)
    run = laptop.local("dashboard")
    assert (run.returncode, run.stdout) == (1, "")
    assert run.stderr.startswith("error: No local cloud is up\nhint: `make run` starts one")
