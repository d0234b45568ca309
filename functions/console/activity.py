"""What models did: the metrics that functions write, as aligned series for charts."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import groupby
from time import time
from typing import Any, NamedTuple

from functions.console.aws import Client, answering, client
from functions.core.telemetry import NAMESPACE

SERVICE = "CloudWatch"
MOST = 140
"""Versions of models that are shown at most: two questions to CloudWatch."""
RECENT = 3 * 3600
"""Seconds of which CloudWatch lists what was active; else it lists what was written in the last two weeks."""
QUERIES = 500
"""Series that CloudWatch gives by one question at most."""
SERIES = {
    "requests": ("Requests", "Sum"),
    "errors": ("Errors", "Sum"),
    "p50": ("Latency", "p50"),
    "p95": ("Latency", "p95"),
    "p99": ("Latency", "p99"),
    "cold_starts": ("ColdStarts", "Sum"),
    "cache_hits": ("CacheHits", "Sum"),
}
COUNTED = [name for name, (_, statistic) in SERIES.items() if statistic == "Sum"]


class Window(NamedTuple):
    """How far back, and how finely."""

    seconds: int
    period: int
    """Seconds that a point stands for."""


WINDOWS = {
    "hour": Window(3600, 60),
    # A quarter of an hour: 96 points are what a chart on a phone can show. A day by the minute would be 1,440 in each
    # of seven series per version, and one question may bring back about 100,000: ten versions.
    "day": Window(86_400, 900),
}


class Subject(NamedTuple):
    """A version of a model, as metrics name it."""

    model: str
    version: str

    @property
    def dimensions(self) -> list[dict[str, str]]:
        """How CloudWatch knows it."""
        return [{"Name": "Model", "Value": self.model}, {"Name": "Version", "Value": self.version}]


class Activity:
    """The metrics of one stage."""

    def __init__(self, namespace: str = NAMESPACE, client: Client = client, clock: Callable[[], float] = time) -> None:
        self._namespace = namespace
        self._client = client
        self._clock = clock

    def show(self, window: str, model: str | None = None, version: str | None = None) -> dict[str, Any]:
        """The series of every version of a model that did something in a window, the busiest first.

        Args:
            window: "hour" or "day".
            model: only of this one.
            version: only of this one.

        Raises:
            ServiceUnavailable: CloudWatch did not answer.
        """
        seconds, period = WINDOWS[window]
        end = (int(self._clock()) // period + 1) * period
        times = range(end - seconds, end, period)
        with answering(SERVICE):
            subjects = self._subjects(seconds, model, version)
            values = self._values(subjects, times)
        found = [_shown(subject, place, values, times) for place, subject in enumerate(subjects)]
        active = [shown for shown in found if any(any(series) for series in shown["series"].values())]
        active.sort(key=lambda shown: (-shown["totals"]["requests"], shown["model"], shown["version"]))
        said = {"window": window, "period_seconds": period, "from": times.start, "to": times.stop}
        return {**said, "times": list(times), "models": active}

    def _subjects(self, seconds: int, model: str | None, version: str | None) -> list[Subject]:
        given = {"Model": model, "Version": version}
        filters = [{"Name": name, "Value": value} for name, value in given.items() if value]
        recent = {"RecentlyActive": "PT3H"} if seconds <= RECENT else {}
        pages = (
            self._client("cloudwatch")
            .get_paginator("list_metrics")
            .paginate(Namespace=self._namespace, MetricName="Requests", Dimensions=filters, **recent)
        )
        found: dict[Subject, None] = {}
        for metric in (metric for page in pages for metric in page["Metrics"]):
            named = {dimension["Name"]: dimension["Value"] for dimension in metric["Dimensions"]}
            if named.keys() == {"Model", "Version"}:
                found[Subject(named["Model"], named["Version"])] = None
        return _newest(found)

    def _values(self, subjects: Sequence[Subject], times: range) -> dict[tuple[int, str], dict[int, float]]:
        """Values by time, for the place of a subject and the name of a series."""
        found: dict[tuple[int, str], dict[int, float]] = {}
        queries = list(_queries(self._namespace, subjects, times.step))
        for start in range(0, len(queries), QUERIES):
            pages = (
                self._client("cloudwatch")
                .get_paginator("get_metric_data")
                .paginate(
                    MetricDataQueries=queries[start : start + QUERIES],
                    StartTime=datetime.fromtimestamp(times.start, UTC),
                    EndTime=datetime.fromtimestamp(times.stop, UTC),
                )
            )
            for result in (result for page in pages for result in page["MetricDataResults"]):
                name, _, place = result["Id"].rpartition("_")
                points = found.setdefault((int(place), name), {})
                known = zip(result["Timestamps"], result["Values"], strict=True)
                points.update((int(at.timestamp()), value) for at, value in known)
        return found


def _newest(found: Iterable[Subject]) -> list[Subject]:
    """Of too many the newest of each model before an older one of any: numbers grow."""
    ranked: list[tuple[int, Subject]] = []
    by_model = sorted(found, key=lambda it: (it.model, -int(it.version) if it.version.isdigit() else 0))
    for _, versions in groupby(by_model, key=lambda it: it.model):
        ranked += enumerate(versions)
    return [subject for _, subject in sorted(ranked)][:MOST]


def _queries(namespace: str, subjects: Sequence[Subject], period: int) -> Iterator[dict[str, Any]]:
    for place, subject in enumerate(subjects):
        for name, (metric, statistic) in SERIES.items():
            named = {"Namespace": namespace, "MetricName": metric, "Dimensions": subject.dimensions}
            asked = {"Metric": named, "Period": period, "Stat": statistic}
            yield {"Id": f"{name}_{place}", "MetricStat": asked, "ReturnData": True}


def _shown(
    subject: Subject, place: int, values: dict[tuple[int, str], dict[int, float]], times: range
) -> dict[str, Any]:
    series = {}
    for name in SERIES:
        points = values.get((place, name), {})
        read = int if name in COUNTED else float
        series[name] = [None if at not in points else read(points[at]) for at in times]
    totals = {name: sum(value or 0 for value in series[name]) for name in COUNTED}
    return {**subject._asdict(), "series": series, "totals": totals}
