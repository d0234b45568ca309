"""What a line of the log says to CloudWatch, and that one table has every metric there is."""

import ast
import re
from pathlib import Path

import orjson
import pytest

from functions.core.telemetry import CODED, FEATURED, METRICS, TOTALLED, WORST, dimensions, measured
from tests.conftest import ROOT

UNITS = {"Count", "Milliseconds", "Bytes", "None"}
"""Of those that CloudWatch knows (MetricDatum in its API)."""


def test_metrics_of_like_dimensions_are_told_together() -> None:
    line = orjson.loads(orjson.dumps(measured("m", "2", {"Requests": 1, "Latency": 2.5, "BytesIn": 7})))
    assert line.pop("_aws")["CloudWatchMetrics"] == [
        {
            "Namespace": "ortless",
            "Dimensions": [["Model", "Version"], ["Model"]],
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
    assert requests["Dimensions"] == [["Model", "Version"], ["Model"]]
    assert errors["Dimensions"] == [["Model", "Version"], ["Model"], ["Model", "Version", "Code"]]
    assert (line["Code"], "Code" in measured("m", "2", {"Errors": 0})) == ("model_failed", False)


def test_a_metric_that_the_table_has_not_is_none() -> None:
    with pytest.raises(KeyError, match="Requestz"):
        measured("m", "2", {"Requestz": 1})


def test_every_metric_has_a_unit_a_meaning_and_dimensions() -> None:
    assert METRICS.keys() >= TOTALLED | CODED
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
