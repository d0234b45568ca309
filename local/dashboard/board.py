"""The body of a dashboard as CloudWatch has it, read into what a picture is made of."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_SEARCH = re.compile(
    r"""SEARCH\('\{"(?P<namespace>[^"]+)",(?P<by>[\w,]+)\} MetricName="(?P<metric>\w+)"', '(?P<stat>\w+)', \d+\)"""
)


@dataclass(frozen=True)
class Ask:
    """Series that a widget asks for: one, or by dimensions as many as there are."""

    namespace: str
    metric: str
    dimensions: Mapping[str, str | None]
    """A dimension without a value is one of a search."""
    statistic: str
    label: str

    @property
    def searches(self) -> bool:
        """Whether it is of everything that there is."""
        return None in self.dimensions.values()

    def named(self, found: Mapping[str, str]) -> str:
        """The label of a series that a search found."""
        return re.sub(r"\$\{PROP\('Dim\.(\w+)'\)\}", lambda match: found.get(match[1], ""), self.label)


@dataclass(frozen=True)
class Widget:
    """One widget: its kind is "metric", "text", "alarm" or "log"."""

    kind: str
    title: str
    unit: str = ""
    period: int = 60
    width: int = 24
    """Of 24 columns."""
    days: int = 0
    """Back from now, whatever else is shown."""
    stacked: bool = False
    is_table: bool = False
    asks: tuple[Ask, ...] = ()
    limits: tuple[tuple[str, float], ...] = ()
    markdown: str = ""


def widgets(body: Mapping[str, Any]) -> Iterator[Widget]:
    """The widgets of a dashboard, in reading order."""
    for each in sorted(body["widgets"], key=lambda widget: (widget["y"], widget["x"])):
        yield _widget(each)


def _widget(each: Mapping[str, Any]) -> Widget:
    properties = each["properties"]
    axis = properties.get("yAxis", {}).get("left", {})
    lines = properties.get("annotations", {}).get("horizontal", ())
    days = re.fullmatch(r"-P(\d+)D", properties.get("start", ""))
    return Widget(
        kind=each["type"],
        title=properties.get("title", ""),
        unit=axis.get("label", ""),
        period=properties.get("period", 60),
        width=each["width"],
        days=int(days[1]) if days else 0,
        stacked=properties.get("stacked", False),
        is_table=properties.get("view") == "table",
        asks=tuple(_ask(metric) for metric in properties.get("metrics", ())),
        limits=tuple((line["label"], float(line["value"])) for line in lines),
        markdown=properties.get("markdown", ""),
    )


def _ask(metric: list[Any]) -> Ask:
    options = metric[-1]
    if "expression" in options:
        found = _SEARCH.fullmatch(options["expression"])
        if not found:
            raise ValueError(f"Expected SEARCH of metrics by name - got {options['expression']!r}")
        by: dict[str, str | None] = dict.fromkeys(found["by"].split(","))
        return Ask(found["namespace"], found["metric"], by, found["stat"], options["label"])
    namespace, name, *named, _ = metric
    dimensions = dict(zip(named[::2], named[1::2], strict=True))
    return Ask(namespace, name, dimensions, options["stat"], options.get("label", name))
