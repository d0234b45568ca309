"""What a line of the log says to CloudWatch, and that one table has every metric there is."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from functions.core.errors import InvalidSetting
from functions.core.telemetry import (
    CODED,
    COMPARED,
    DETAILS,
    FEATURED,
    FULL,
    METRICS,
    NAMESPACE,
    SUMMED,
    TOTALLED,
    WORST,
    dimensions,
    keep,
    measured,
)
from tests.conftest import ROOT

VALUES = {"Requests": 1, "Errors": 1, "Latency": 2.5, "BytesIn": 7, "EstimatedCost": 1e-6, "LoadFailures": 1}
UNITS = {"Count", "Milliseconds", "Bytes", "None"}
"""Of those that CloudWatch knows (MetricDatum in its API)."""


@pytest.fixture(autouse=True)
def kept() -> Iterator[None]:
    """As a function without settings keeps them, before and after each test."""
    keep(NAMESPACE, FULL)
    yield
    keep(NAMESPACE, FULL)


def told(code: str = "") -> dict[str, list[list[str]]]:
    """The dimensions of each metric that a line of these values is."""
    kinds = orjson.loads(orjson.dumps(measured("m", "2", VALUES, code)))["_aws"]["CloudWatchMetrics"]
    return {metric["Name"]: kind["Dimensions"] for kind in kinds for metric in kind["Metrics"]}


def test_metrics_of_like_dimensions_are_told_together() -> None:
    line = orjson.loads(orjson.dumps(measured("m", "2", {"Requests": 1, "Latency": 2.5, "BytesIn": 7})))
    assert line.pop("_aws")["CloudWatchMetrics"] == [
        {
            "Namespace": "ortless",
            "Dimensions": [["Model", "Version"], ["Model"], []],
            "Metrics": [{"Name": "Requests", "Unit": "Count"}, {"Name": "Latency", "Unit": "Milliseconds"}],
        },
        {
            "Namespace": "ortless",
            "Dimensions": [["Model", "Version"]],
            "Metrics": [{"Name": "BytesIn", "Unit": "Bytes"}],
        },
    ]
    assert line == {"Model": "m", "Version": "2", "Requests": 1, "Latency": 2.5, "BytesIn": 7}


def test_the_code_of_a_failure_is_a_dimension_of_what_counts_failures_only() -> None:
    line = measured("m", "2", {"Requests": 1, "Errors": 1}, "model_failed")
    requests, errors = orjson.loads(orjson.dumps(line))["_aws"]["CloudWatchMetrics"]
    assert requests["Dimensions"] == [["Model", "Version"], ["Model"], []]
    assert errors["Dimensions"] == [["Model", "Version"], ["Model"], [], ["Model", "Version", "Code"]]
    assert (line["Code"], "Code" in measured("m", "2", {"Errors": 0})) == ("model_failed", False)


def test_metrics_are_kept_where_the_stage_says() -> None:
    measured("m", "2", {"Requests": 1})
    keep("ortless/prod", FULL)
    (kind,) = orjson.loads(orjson.dumps(measured("m", "2", {"Requests": 1})))["_aws"]["CloudWatchMetrics"]
    assert kind["Namespace"] == "ortless/prod"


def test_totals_are_of_models_and_the_stage_and_of_versions_what_a_canary_is_held_against() -> None:
    keep(NAMESPACE, "totals")
    versions, model, stage = ["Model", "Version"], ["Model"], list[str]()
    assert told("model_failed") == {
        "Requests": [versions, model, stage],
        "Errors": [versions, model, stage],
        "Latency": [versions, model, stage],
        "EstimatedCost": [model, stage],
        "LoadFailures": [stage],
    }
    assert measured("m", "2", VALUES)["BytesIn"] == 7


def test_without_metrics_a_line_has_the_same_values_and_costs_nothing() -> None:
    full = measured("m", "2", VALUES, "model_failed")
    keep(NAMESPACE, "none")
    assert measured("m", "2", VALUES, "model_failed") == {name: it for name, it in full.items() if name != "_aws"}
    with pytest.raises(KeyError, match="Requestz"):
        measured("m", "2", {"Requestz": 1})


def test_another_detail_than_these_is_refused() -> None:
    with pytest.raises(InvalidSetting, match="full or totals or none - got 'some' - in the environment variable"):
        keep(NAMESPACE, "some")


@pytest.mark.parametrize("metric", METRICS)
def test_less_detail_is_fewer_sets_of_dimensions_and_never_others(metric: str) -> None:
    full, totals, none = ([*dimensions(metric, failed=True, detail=detail)] for detail in DETAILS)
    assert all(names in full for names in totals)
    assert none == []


def test_a_metric_that_the_table_has_not_is_none() -> None:
    with pytest.raises(KeyError, match="Requestz"):
        measured("m", "2", {"Requestz": 1})


def test_every_metric_has_a_unit_a_meaning_and_dimensions() -> None:
    assert METRICS.keys() >= TOTALLED | CODED | SUMMED | COMPARED
    for name, (unit, meaning) in METRICS.items():
        assert unit in UNITS
        assert re.fullmatch(r"[A-Z].*\.", meaning)
        if name in FEATURED:
            assert dimensions(name) == [["Model", "Version", "Feature"]]
        else:
            assert (["Model"] if name in WORST else ["Model", "Version"]) in dimensions(name)


def test_the_functions_emit_what_the_table_has_and_nothing_in_it_is_idle() -> None:
    """Every string of the table's names stands somewhere in the functions beside it."""
    table = ROOT / "functions" / "core" / "telemetry.py"
    emitters = [path for path in (ROOT / "functions").rglob("*.py") if path != table]
    assert METRICS.keys() <= set().union(*map(_strings, emitters))


def _strings(path: Path) -> set[str]:
    nodes = ast.walk(ast.parse(path.read_text()))
    return {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def test_the_page_on_telemetry_says_what_the_table_costs() -> None:
    page = (ROOT / "docs" / "concepts" / "telemetry.md").read_text()
    of_stage, of_model = (sum(by in dimensions(metric) for metric in METRICS) for by in (list[str](), ["Model"]))
    assert f"| `full` | {of_stage} | {of_model} | 11," in page
    assert f"| `totals` | {of_stage} | {of_model} | {len(COMPARED)}: " in page
    with_all = 11 + 5 + 2 + 1
    assert f"0.30 USD x ({of_stage} + models x {of_model} + versions x {with_all})" in page
    assert f"{0.3 * (of_stage + 10 * (of_model + with_all)):.0f} USD by `full`" in page
    assert f"and {0.3 * (of_stage + 10 * (of_model + len(COMPARED))):.0f} by `totals`" in page
