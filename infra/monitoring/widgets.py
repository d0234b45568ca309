"""Widgets of a dashboard, as CloudWatch's "Dashboard body structure and syntax" has them; and how they flow."""

from collections.abc import Iterable, Sequence
from typing import Any

from aws_cdk import Aws

from infra.monitoring.rules import MINUTE
from infra.monitoring.subjects import Subject

COLUMNS = 24
HEIGHT = 6
LIMIT_COLOUR = "#d62728"

Widget = dict[str, Any]
Metric = list[Any]


def text(markdown: str, *, height: int = 2) -> Widget:
    """A line of words over the whole width."""
    return {"type": "text", "width": COLUMNS, "height": height, "properties": {"markdown": markdown}}


def metric(subject: Subject, name: str, statistic: str, label: str = "", *, right: bool = False) -> Metric:
    """A series of a subject.

    Args:
        statistic: as in "Sum" or "p99".
        label: what the legend calls it; the subject's label unless given.
        right: whether the axis on the right is its own.
    """
    named = [part for pair in subject.dimensions.items() for part in pair]
    shown = {"stat": statistic, "label": label or subject.label or name} | ({"yAxis": "right"} if right else {})
    return [subject.namespace, name, *named, shown]


def search(
    namespace: str, by: Sequence[str], name: str, statistic: str, *, period: int = MINUTE, label: str = ""
) -> Metric:
    """A series of everything that there is by these dimensions: models come and go without a deployment.

    Args:
        label: what the legend calls each, after the values of its dimensions.
    """
    schema = ",".join((f'"{namespace}"', *by))
    values = " ".join(f"${{PROP('Dim.{each}')}}" for each in by)
    found = f"SEARCH('{{{schema}}} MetricName=\"{name}\"', '{statistic}', {period})"
    return [{"expression": found, "label": f"{values} {label}".strip(), "period": period}]


def graph(
    title: str,
    unit: str,
    metrics: Iterable[Metric],
    *,
    period: int = MINUTE,
    width: int = 8,
    limits: Iterable[tuple[str, float]] = (),
    stacked: bool = False,
    right: str = "",
    days: int = 0,
) -> Widget:
    """Series over time.

    Args:
        unit: what the axis counts or measures.
        period: seconds that a point stands for.
        limits: lines to stay below, and what each is called.
        stacked: whether the series stand upon each other.
        right: unit of the axis on the right, where a series has that.
        days: back from now, whatever the dashboard shows; 0: as the dashboard.
    """
    axes = {"left": {"label": unit, "min": 0, "showUnits": False}}
    if right:
        axes["right"] = {"label": right, "min": 0, "showUnits": False}
    lines = [{"label": name, "value": value, "color": LIMIT_COLOUR} for name, value in limits]
    properties: dict[str, Any] = {
        "title": title,
        "view": "timeSeries",
        "stacked": stacked,
        "region": Aws.REGION,
        "period": period,
        "metrics": list(metrics),
        "yAxis": axes,
    }
    if lines:
        properties["annotations"] = {"horizontal": lines}
    if days:
        properties |= {"start": f"-P{days}D", "end": "P0D"}
    return {"type": "metric", "width": width, "height": HEIGHT, "properties": properties}


def table(title: str, metrics: Iterable[Metric], *, column: str = "SUM", period: int, width: int = 12) -> Widget:
    """One row for each series, with a summary of what the dashboard shows."""
    shape = {"layout": "vertical", "stickySummary": True, "showTimeSeriesData": False, "summaryColumns": [column]}
    properties = {
        "title": title,
        "view": "table",
        "region": Aws.REGION,
        "period": period,
        "metrics": list(metrics),
        "table": shape,
    }
    return {"type": "metric", "width": width, "height": HEIGHT, "properties": properties}


def log(title: str, groups: Sequence[str], query: str, *, width: int = COLUMNS) -> Widget:
    """A table that a query of CloudWatch Logs Insights makes, each time it is looked at."""
    sources = " | ".join(f"SOURCE '{group}'" for group in groups)
    properties = {"title": title, "view": "table", "region": Aws.REGION, "query": f"{sources} | {query}"}
    return {"type": "log", "width": width, "height": HEIGHT, "properties": properties}


def states(title: str, alarms: Sequence[str]) -> Widget:
    """The states of alarms, by their ARNs; CloudWatch shows at most a hundred."""
    properties = {"title": title, "alarms": list(alarms[:100])}
    return {"type": "alarm", "width": COLUMNS, "height": 4, "properties": properties}


def placed(widgets: Iterable[Widget]) -> list[Widget]:
    """The widgets from left to right, and on where a row is full."""
    found, x, y, row = [], 0, 0, 0
    for widget in widgets:
        if x + widget["width"] > COLUMNS:
            x, y, row = 0, y + row, 0
        found.append({**widget, "x": x, "y": y})
        x, row = x + widget["width"], max(row, widget["height"])
    return found
