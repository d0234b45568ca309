"""The dashboard: whole, in order, and every widget says what it shows."""

from typing import Any

import pytest

from tests.infra.assembly import Assembly, shown
from tests.infra.conftest import Synthesized
from tests.infra.monitoring.board import SEARCH, widgets

SECTIONS = [
    "ortless-prod", "Traffic", "Errors by code", "Latency", "Cold starts", "Concurrency", "Models", "Versions", "Drift",
    "Files", "Cost", "Functions",
]  # fmt: skip
MOST_WIDGETS = 500


@pytest.fixture
def assembly(synthesized: Synthesized) -> Assembly:
    return synthesized("prod")


def titled(assembly: Assembly, title: str) -> dict[str, Any]:
    (found,) = (it["properties"] for it in widgets(assembly) if it["properties"].get("title") == title)
    properties: dict[str, Any] = found
    return properties


def test_the_sections_are_those_that_a_person_reads_from_top_to_bottom(assembly: Assembly) -> None:
    texts = [it["properties"]["markdown"] for it in widgets(assembly) if it["type"] == "text"]
    assert [text.partition("\n")[0].lstrip("# ") for text in texts] == SECTIONS
    assert all(text.partition("\n")[2] for text in texts)
    assert len(widgets(assembly)) < MOST_WIDGETS


def test_every_graph_has_a_title_units_a_period_and_names_for_its_lines(assembly: Assembly) -> None:
    found = [it["properties"] for it in widgets(assembly) if it["type"] == "metric"]
    graphs = [it for it in found if it["view"] == "timeSeries"]
    assert all(it["title"] and it["period"] and it["metrics"] and it["region"] for it in found)
    assert all(axis["label"] and axis["min"] == 0 for it in graphs for axis in it["yAxis"].values())
    assert all(metric[-1]["label"] for it in found for metric in it["metrics"])
    periods = {(it["period"], int(SEARCH.fullmatch(metric[-1]["expression"])[5]))  # type: ignore[index]
               for it in found for metric in it["metrics"] if "expression" in metric[-1]}  # fmt: skip
    assert all(asked == searched for asked, searched in periods)


def test_nothing_overlaps_and_nothing_is_wider_than_the_page(assembly: Assembly) -> None:
    cells: set[tuple[int, int]] = set()
    for it in widgets(assembly):
        mine = {(x, y) for x in range(it["x"], it["x"] + it["width"]) for y in range(it["y"], it["y"] + it["height"])}
        assert not mine & cells
        assert max(x for x, _ in mine) < 24
        cells |= mine


def test_every_function_has_its_errors_duration_throttles_and_starts(assembly: Assembly) -> None:
    functions = {f"<{name}>" for name in assembly.resources("AWS::Lambda::Function")}
    for title in ("Calls", "Errors", "Throttles", "Duration, p95", "By function"):
        section = [it for it in widgets(assembly) if it["properties"].get("title") == title][-1]["properties"]
        assert {metric[3] for metric in section["metrics"]} == functions, title
    groups = {name for name in assembly.resources("AWS::Logs::LogGroup") if not name.startswith(("Api", "BatchLarge"))}
    query = titled(assembly, "Starts of environments, and memory")["query"]
    assert {part.partition("'")[2].rstrip("'") for part in query.split(" | ")[: len(groups)]} == {
        f"<{group}>" for group in groups
    }


def test_limits_are_lines_where_the_alarms_are(synthesized: Synthesized) -> None:
    settings = {"latency_p99_ms": 700, "daily_cost_usd": 2.5, "account_concurrency": 200}
    limits = {"reserved_concurrency": 50, "snap_start": False}
    assembly = synthesized("prod", monitoring=settings, **limits)
    lines = {
        title: [(line["label"], line["value"]) for line in titled(assembly, title)["annotations"]["horizontal"]]
        for title in ("Gateway", "A day", "The account", "By function", "Age of the oldest")
    }
    assert lines == {
        "Gateway": [("alarm api-slow", 700)],
        "A day": [("alarm daily-cost", 2.5)],
        "The account": [("quota", 200), ("alarm account-concurrency", 160)],
        "By function": [("cap of Predict", 50)],
        "Age of the oldest": [("alarm job-age", 3600)],
    }


def test_the_states_of_all_alarms_that_mean_a_fault_stand_first(assembly: Assembly) -> None:
    first = next(it for it in widgets(assembly) if it["type"] == "alarm")
    every = assembly.resources("AWS::CloudWatch::Alarm")
    counts = {
        name for name in every if name.startswith(("MonitoringAlarmsApiFailedCalls", "MonitoringAlarmsApiTraffic"))
    }
    assert len(counts) == 2
    assert {arn.strip("<>").removesuffix(".Arn") for arn in first["properties"]["alarms"]} == every.keys() - counts


def test_drift_is_drawn_by_model_and_by_feature_against_the_limits_of_its_alarms(synthesized: Synthesized) -> None:
    settings = {"drift_psi": 0.3, "drift_missing": 0.04, "drift_out_of_range": 0.05}
    drawn = _drift(synthesized("prod", monitoring=settings))
    assert drawn == [
        ("Distribution: the worst feature of each model", [("alarm drift", 0.3)]),
        ("Missing beyond the reference: the worst feature", [("alarm missing-values", 0.04)]),
        ("Out of range: the worst feature", [("alarm out-of-range", 0.05)]),
        ("Distribution: each feature", [("alarm drift", 0.3)]),
        ("Missing: each feature", []),
        ("Out of range: each feature", [("alarm out-of-range", 0.05)]),
    ]
    assert _drift(synthesized("prod", monitoring={"metrics": "totals"})) == [
        (title, [(alarm, limit)]) for (title, [(alarm, _)]), limit in zip(drawn[:3], (0.2, 0.1, 0.1), strict=True)
    ]


def test_a_stage_that_watches_no_drift_draws_none(synthesized: Synthesized) -> None:
    assert _drift(synthesized("prod", drift={"watch": False})) == []
    assert _drift(synthesized("prod", monitoring={"metrics": "none"})) == []


def test_loads_and_swaps_of_versions_stand_in_one_row_beside_the_cold_starts(assembly: Assembly) -> None:
    row = _section(assembly, "Cold starts")[3:]
    assert [it["properties"]["metrics"][0][0]["expression"].split('"')[3] for it in row] == [
        "Loads", "LoadTime", "Swaps", "LoadFailures",
    ]  # fmt: skip
    assert len({it["y"] for it in row}) == 1


def _section(assembly: Assembly, name: str) -> list[dict[str, Any]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for it in widgets(assembly):
        if it["type"] == "text":
            found[it["properties"]["markdown"].partition("\n")[0].lstrip("# ")] = section = []
        else:
            section.append(it)
    return found.get(name, [])


def _drift(assembly: Assembly) -> list[tuple[str, list[tuple[str, float]]]]:
    drawn = [it["properties"] for it in _section(assembly, "Drift")]
    return [
        (it["title"], [(line["label"], line["value"]) for line in it.get("annotations", {}).get("horizontal", ())])
        for it in drawn
    ]


def test_a_stage_that_wants_none_has_none(synthesized: Synthesized) -> None:
    assembly = synthesized("prod", monitoring={"dashboard": False})
    assert assembly.resources("AWS::CloudWatch::Dashboard") == {}
    assert "DashboardUrl" not in assembly.template["Outputs"]
    assert len(assembly.resources("AWS::CloudWatch::Alarm")) > 20


def test_where_it_is_stands_among_the_outputs(assembly: Assembly) -> None:
    url = shown(assembly.template["Outputs"]["DashboardUrl"]["Value"])
    assert url.endswith(f"#dashboards/dashboard/{assembly.only('AWS::CloudWatch::Dashboard')['DashboardName']}")
