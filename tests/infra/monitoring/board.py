"""A dashboard as the tests look at it: widgets and the metrics in them, references in angle brackets."""

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from tests.infra.assembly import Assembly, shown

SEARCH = re.compile(r"""SEARCH\('\{"([^"]+)",([\w,]+)\} MetricName="(\w+)"', '(\w+)', (\d+)\)""")


class Named(NamedTuple):
    """A metric that is asked for."""

    namespace: str
    metric: str
    dimensions: tuple[str, ...]
    statistic: str


def widgets(assembly: Assembly) -> list[dict[str, Any]]:
    """The widgets of the dashboard."""
    body = shown(assembly.only("AWS::CloudWatch::Dashboard")["DashboardBody"])
    found: list[dict[str, Any]] = json.loads(body)["widgets"]
    return found


def of_dashboard(assembly: Assembly) -> Iterator[Named]:
    """Every metric of the dashboard."""
    for widget in widgets(assembly):
        for metric in widget["properties"].get("metrics", ()):
            yield _named(metric)


def of_alarms(assembly: Assembly) -> Iterator[Named]:
    """Every metric of an alarm."""
    for alarm in assembly.properties("AWS::CloudWatch::Alarm"):
        dimensions = tuple(each["Name"] for each in alarm.get("Dimensions", ()))
        statistic = alarm.get("Statistic") or alarm["ExtendedStatistic"]
        yield Named(alarm["Namespace"], alarm["MetricName"], dimensions, statistic)


def _named(metric: list[Any]) -> Named:
    if "expression" in metric[-1]:
        found = SEARCH.fullmatch(metric[-1]["expression"])
        assert found, metric
        return Named(found[1], found[3], tuple(found[2].split(",")), found[4])
    namespace, name, *named, options = metric
    return Named(namespace, name, tuple(named[::2]), options["stat"])
