"""The metrics that a line carries in the embedded metric format, as CloudWatch extracts them from a log.

The format is that of the AWS documentation, "Specification: Embedded metric format".
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

MARK = '"_aws"'
"""What stands in every line of the format; no other line is parsed."""
MOST_DIMENSIONS, MOST_METRICS, MOST_VALUES = 30, 100, 100
"""Of a set of dimensions, of a list of metrics, and of a metric's list."""


class Datum(NamedTuple):
    """Values of a metric under one set of dimensions."""

    namespace: str
    metric: str
    dimensions: dict[str, str]
    seconds: float
    """When, since the epoch."""
    unit: str
    values: list[float]


def extract(message: str) -> Iterator[Datum]:
    """What a line says; nothing where it is none of the format, or the format does not allow it."""
    try:
        line = json.loads(message)
    except ValueError:
        return
    told = line.get("_aws") if isinstance(line, dict) else None
    if not isinstance(told, dict) or not _is_number(told.get("Timestamp")):
        return
    for directive in _list(told.get("CloudWatchMetrics")):
        if isinstance(directive, dict) and isinstance(directive.get("Namespace"), str) and directive["Namespace"]:
            yield from _of(directive, line, told["Timestamp"] / 1000)


def _of(directive: Mapping[str, Any], line: Mapping[str, Any], seconds: float) -> Iterator[Datum]:
    sets = [dimensions for names in _list(directive.get("Dimensions")) if (dimensions := _set(names, line)) is not None]
    metrics = _list(directive.get("Metrics"))
    for metric in metrics if len(metrics) <= MOST_METRICS else ():
        name = metric.get("Name") if isinstance(metric, dict) else None
        values = _values(line.get(name)) if isinstance(name, str) else []
        for dimensions in sets if values else ():
            yield Datum(directive["Namespace"], str(name), dimensions, seconds, metric.get("Unit") or "None", values)


def _set(names: object, line: Mapping[str, Any]) -> dict[str, str] | None:
    """A set of dimensions with its values; None where one of them has none in the line."""
    found = {name: line.get(name) for name in _list(names) if isinstance(name, str)}
    if not isinstance(names, list) or len(found) != len(names) or len(names) > MOST_DIMENSIONS:
        return None
    texts = {name: value for name, value in found.items() if isinstance(value, str) and value}
    return texts if len(texts) == len(found) else None


def _values(target: object) -> list[float]:
    """The numbers that a metric's name refers to: one, or a list of them."""
    numbers: list[Any] = target if isinstance(target, list) else [target]
    fit = len(numbers) <= MOST_VALUES and all(_is_number(number) for number in numbers)
    return [float(number) for number in numbers] if fit else []


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
