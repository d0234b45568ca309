"""Pictures of a report as inline SVG: colours come from the page's style sheet, so that they suit light and dark."""

import math
from collections.abc import Sequence
from html import escape
from typing import Any, NamedTuple

from toolchain.compression.report import tables

WIDTH, HEIGHT = 400, 290
LEFT, RIGHT, TOP, BOTTOM = 74, 16, 16, 48
TICKS = 5
BARS = 40
"""Layers that are shown, the most sensitive first."""


class Point(NamedTuple):
    """A model in a plane: kind is original, passes or fails."""

    x: float
    y: float
    kind: str
    title: str
    chosen: bool = False


class Axis(NamedTuple):
    """What an axis shows, and from where to where."""

    label: str
    low: float
    high: float

    def place(self, value: float, start: float, end: float) -> float:
        """Where a value lies between two ends."""
        return start + (value - self.low) / (self.high - self.low) * (end - start)


def axis(label: str, values: Sequence[float], *, from_zero: bool = False) -> Axis:
    """An axis with room for all values."""
    low, high = min(values), max(values)
    low = 0.0 if from_zero else low
    room = (high - low) * 0.08 or abs(high) * 0.1 or 1.0
    return Axis(label, low if from_zero else low - room, high + room)


def scatter(points: Sequence[Point], x_label: str, y_label: str, front: Sequence[tuple[float, float]] = ()) -> str:
    """Models in a plane; those of the front are joined."""
    if not points:
        return '<p class="faint">Nothing was measured.</p>'
    x = axis(x_label, [point.x for point in points], from_zero=True)
    y = axis(y_label, [point.y for point in points])
    parts = [*_grid(x, y)]
    if len(front) > 1:
        places = " ".join("{:.1f},{:.1f}".format(*_at(x, y, *place)) for place in sorted(front))
        parts.append(f'<polyline class="front" points="{places}"/>')
    parts += [_mark(point, *_at(x, y, point.x, point.y)) for point in points]
    return _svg(WIDTH, HEIGHT, parts, f"{y_label} against {x_label}")


def bars(rows: Sequence[tuple[str, float, str]], label: str) -> str:
    """Names with a number each, the longest bar first, as a table: letters keep their size where it is narrow.

    Args:
        rows: a name, its number, and what is said of it.
        label: what the numbers are.
    """
    shown = [row for row in rows if math.isfinite(row[1])][:BARS]
    if not shown:
        return '<p class="faint">Nothing was measured.</p>'
    most = max(value for _, value, _ in shown) or 1.0
    body = "".join(
        f'<tr><th scope="row"><code>{escape(_short(name))}</code><small>{escape(text)}</small></th>'
        f'<td><span class="bar" style="width: {max(value, 0.0) / most * 75:.1f}%"></span>{value:.3g}</td></tr>'
        for name, value, text in shown
    )
    heads = '<thead><tr><th scope="col">layer</th><th scope="col">relative error</th></tr></thead>'
    return tables.table(label, f"{heads}<tbody>{body}</tbody>", "bars")


def _svg(width: int, height: int, parts: Sequence[str], label: str) -> str:
    return f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="{escape(label)}">{"".join(parts)}</svg>'


def _at(x: Axis, y: Axis, across: float, up: float) -> tuple[float, float]:
    return x.place(across, LEFT, WIDTH - RIGHT), y.place(up, HEIGHT - BOTTOM, TOP)


def _grid(x: Axis, y: Axis) -> list[str]:
    parts = []
    for value in ticks(x.low, x.high):
        place = x.place(value, LEFT, WIDTH - RIGHT)
        parts.append(f'<line class="axis" x1="{place:.1f}" y1="{TOP}" x2="{place:.1f}" y2="{HEIGHT - BOTTOM}"/>')
        parts.append(f'<text x="{place:.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{value:.4g}</text>')
    for value in ticks(y.low, y.high):
        place = y.place(value, HEIGHT - BOTTOM, TOP)
        parts.append(f'<line class="axis" x1="{LEFT}" y1="{place:.1f}" x2="{WIDTH - RIGHT}" y2="{place:.1f}"/>')
        parts.append(f'<text x="{LEFT - 6}" y="{place + 4:.1f}" text-anchor="end">{value:.5g}</text>')
    middle = (LEFT + WIDTH - RIGHT) / 2
    parts.append(f'<text x="{middle}" y="{HEIGHT - 8}" text-anchor="middle">{escape(x.label)}</text>')
    turned = f'transform="rotate(-90 16 {HEIGHT / 2})"'
    parts.append(f'<text x="16" y="{HEIGHT / 2}" text-anchor="middle" {turned}>{escape(y.label)}</text>')
    return parts


def ticks(low: float, high: float) -> list[float]:
    """About five round numbers within bounds."""
    rough = (high - low) / TICKS
    power = 10 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough)
    first = math.ceil(low / step)
    return [round(index * step, 12) for index in range(first, math.floor(high / step) + 1)]


def _mark(point: Point, across: float, up: float) -> str:
    title = f"<title>{escape(point.title)}</title>"
    if point.kind == "original":
        shape = f'<rect class="original" x="{across - 5:.1f}" y="{up - 5:.1f}" width="10" height="10"/>'
    else:
        shape = f'<circle class="{point.kind}" cx="{across:.1f}" cy="{up:.1f}" r="4.5"/>'
    ring = f'<circle class="chosen" cx="{across:.1f}" cy="{up:.1f}" r="9"/>' if point.chosen else ""
    return f"<g>{title}{shape}{ring}</g>"


def _short(name: Any) -> str:
    text = str(name)
    return text if len(text) <= 42 else f"...{text[-39:]}"
