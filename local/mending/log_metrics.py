"""Lines of a log that carry metrics: in the embedded CloudWatch, no line of a log ever becomes a metric."""

from contextvars import copy_context
from importlib import import_module
from typing import Any

from local.mending.embedded_metrics import MARK, Datum, extract

MINUTE = 60
"""Seconds to which CloudWatch keeps a metric of standard resolution."""


def mend() -> None:
    """Have such lines become metrics, whether a function writes them or PutLogEvents does."""
    cloud: Any = import_module("ministack.app")
    logs: Any = import_module("ministack.services.cloudwatch_logs")
    append = logs._append_log_events

    def appended(stream: Any, events: list[dict[str, Any]]) -> None:
        append(stream, events)
        lines = [event["message"] for event in events if MARK in event["message"]]
        if lines:
            # Functions are waited for in threads. What reads metrics runs in the cloud's loop and takes no lock, so
            # they are kept there, too; the context says whose they are.
            cloud._MAIN_LOOP.call_soon_threadsafe(_keep, lines, context=copy_context())

    logs._append_log_events = appended


def _keep(lines: list[str]) -> None:
    watch: Any = import_module("ministack.services.cloudwatch")
    for line in lines:
        for datum in extract(line):
            points = watch._metric_bucket((datum.namespace, datum.metric, watch._dims_key(datum.dimensions)))
            for value in datum.values:
                count(points, datum, value)


def count(points: list[dict[str, Any]], datum: Datum, value: float) -> None:
    """Add a value; one that came last, in the same minute, counts once more instead of taking memory again."""
    last = points[-1] if points else {}
    if (
        last.get("Value") == value
        and last.get("Unit") == datum.unit
        and "_stat" not in last
        and last["Timestamp"] // MINUTE == datum.seconds // MINUTE
    ):
        last["Count"] = last.get("Count", 1.0) + 1.0
        return
    points.append({"Timestamp": datum.seconds, "Value": value, "Unit": datum.unit, "Dimensions": datum.dimensions})
