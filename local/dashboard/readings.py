"""The series of a dashboard's widgets, asked of the embedded cloud as any client asks CloudWatch."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from local.dashboard.board import Ask, Widget
from local.dashboard.kept import MISSING, NO_QUERY, is_kept

if TYPE_CHECKING:
    from local.aws import Account

_MOST = 100
"""Series that are asked for at once."""
_DAY = 86_400


@dataclass(frozen=True)
class Series:
    """Values over time."""

    label: str
    statistic: str
    points: tuple[tuple[int, float], ...]
    """Seconds since the epoch, and the value of the period that begins there."""

    def summary(self) -> float:
        """All of a sum, the largest of anything else."""
        values = [value for _, value in self.points]
        return sum(values) if self.statistic == "Sum" else max(values)


@dataclass(frozen=True)
class Reading:
    """A widget, and what there is to show in it."""

    widget: Widget
    start: int
    """Seconds since the epoch; the widget shows the time from there ..."""
    end: int
    """... to there."""
    series: Sequence[Series] = ()
    note: str = ""
    """What is not there to be shown, and why."""
    states: Sequence[tuple[str, str]] = field(default=())
    """Of alarms: names and states."""


class Reader:
    """Reads widgets of one deployed stage."""

    def __init__(self, account: Account, stack: str, minutes: int) -> None:
        """Prepare to read.

        Args:
            minutes: how far back, where a widget does not say.
        """
        self._client: Any = account.session.client("cloudwatch", **account.options)  # its stubs are not installed
        self._stack, self._minutes, self._now = stack, minutes, int(time.time())

    def read(self, widget: Widget) -> Reading:
        """What a widget shows."""
        start, end = self._range(widget)
        if widget.kind == "alarm":
            return Reading(widget, start, end, states=self._states())
        if widget.kind == "log":
            return Reading(widget, start, end, note=NO_QUERY)
        kept = [ask for ask in widget.asks if is_kept(ask.namespace, ask.metric, of_account=not ask.dimensions)]
        series = tuple(self._series(kept, widget.period, start, end))
        missing = sorted({ask.metric for ask in widget.asks if ask not in kept})
        note = f"{MISSING} ({', '.join(missing)})" if missing else ""
        return Reading(widget, start, end, series, note)

    def _range(self, widget: Widget) -> tuple[int, int]:
        end = (self._now // widget.period + 1) * widget.period
        return end - max(widget.days * _DAY or self._minutes * 60, widget.period), end

    def _states(self) -> list[tuple[str, str]]:
        pages = self._client.get_paginator("describe_alarms").paginate(AlarmNamePrefix=f"{self._stack}-")
        alarms = [alarm for page in pages for alarm in page["MetricAlarms"]]
        return [(alarm["AlarmName"].removeprefix(f"{self._stack}-"), alarm["StateValue"]) for alarm in alarms]

    def _series(self, asks: Sequence[Ask], period: int, start: int, end: int) -> Iterator[Series]:
        found = [(ask, named) for ask in asks for named in (self._search(ask) if ask.searches else [_given(ask)])]
        for place in range(0, len(found), _MOST):
            part = found[place : place + _MOST]
            queries = [_query(number, ask, named, period) for number, (ask, named) in enumerate(part)]
            results = self._client.get_metric_data(
                MetricDataQueries=queries,
                StartTime=datetime.fromtimestamp(start, UTC),
                EndTime=datetime.fromtimestamp(end, UTC),
            )["MetricDataResults"]
            for (ask, named), result in zip(part, results, strict=True):
                at = [int(when.timestamp()) for when in result["Timestamps"]]
                points = tuple(sorted(zip(at, result["Values"], strict=True)))
                if points:
                    yield Series(ask.named(named), ask.statistic, points)

    def _search(self, ask: Ask) -> list[dict[str, str]]:
        """The dimensions of everything that there is, in the order of their values."""
        pages = self._client.get_paginator("list_metrics").paginate(Namespace=ask.namespace, MetricName=ask.metric)
        every = [
            {dimension["Name"]: dimension["Value"] for dimension in metric["Dimensions"]}
            for page in pages
            for metric in page["Metrics"]
        ]
        return sorted(
            (named for named in every if named.keys() == ask.dimensions.keys()), key=lambda it: [*it.values()]
        )


def _given(ask: Ask) -> dict[str, str]:
    return {name: value for name, value in ask.dimensions.items() if value is not None}


def _query(number: int, ask: Ask, named: dict[str, str], period: int) -> dict[str, Any]:
    dimensions = [{"Name": name, "Value": value} for name, value in named.items()]
    metric = {"Namespace": ask.namespace, "MetricName": ask.metric, "Dimensions": dimensions}
    return {"Id": f"q{number}", "MetricStat": {"Metric": metric, "Period": period, "Stat": ask.statistic}}
