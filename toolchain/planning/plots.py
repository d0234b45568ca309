"""Lines of a plan as inline SVG; colours come from the page's style sheet."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import NamedTuple

from toolchain.compression.report import tables
from toolchain.compression.report.plots import Axis, axis, ticks

WIDTH, HEIGHT = 340, 250
LEFT, RIGHT, TOP, BOTTOM = 66, 12, 12, 46
Points = Sequence[tuple[float, float]]


class Line(NamedTuple):
    """Points that are joined, and the class that gives them their colour."""

    name: str
    points: Points


def lines(series: Sequence[Line], x_label: str, y_label: str) -> str:
    """Series in one plane, from zero upwards, each with a colour of its own."""
    shown = [line for line in series if line.points]
    if not shown:
        return '<p class="faint">Nothing happened.</p>'
    across = axis(x_label, [x for line in shown for x, _ in line.points])
    up = axis(y_label, [y for line in shown for _, y in line.points] + [0.0], from_zero=True)
    parts = _grid(across, up)
    for number, line in enumerate(shown):
        places = [(_x(across, x), _y(up, y)) for x, y in line.points]
        joined = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        parts.append(f'<g class="series-{number}"><title>{escape(line.name)}</title><polyline points="{joined}"/>')
        if len(places) <= 20:
            parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5"/>' for x, y in places]
        parts.append("</g>")
    label = f"{y_label} against {x_label}"
    picture = f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(label)}">{"".join(parts)}</svg>'
    return f"<figure>{picture}{_legend([line.name for line in shown])}</figure>"


def shares(amounts: Mapping[str, float], shown: Mapping[str, str], label: str) -> str:
    """Amounts as bars, the longest first, as a table: letters keep their size where it is narrow."""
    most = max(amounts.values(), default=0.0) or 1.0
    heads = '<thead><tr><th scope="col">for</th><th scope="col">dollars</th></tr></thead>'
    body = "".join(
        f'<tr><th scope="row">{escape(name)}</th>'
        f'<td><span class="bar" style="width: {amount / most * 75:.1f}%"></span>{escape(shown[name])}</td></tr>'
        for name, amount in sorted(amounts.items(), key=lambda item: -item[1])
    )
    return tables.table(label, f"{heads}<tbody>{body}</tbody>", "bars")


def _legend(names: Sequence[str]) -> str:
    marks = "".join(
        f'<li><span class="mark series-{number}"></span>{escape(name)}</li>' for number, name in enumerate(names)
    )
    return f'<figcaption><ul class="legend">{marks}</ul></figcaption>'


def _x(across: Axis, value: float) -> float:
    return across.place(value, LEFT, WIDTH - RIGHT)


def _y(up: Axis, value: float) -> float:
    return up.place(value, HEIGHT - BOTTOM, TOP)


def _grid(across: Axis, up: Axis) -> list[str]:
    parts = []
    for value in ticks(across.low, across.high):
        x = _x(across, value)
        parts.append(f'<text x="{x:.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{value:.6g}</text>')
    for value in ticks(up.low, up.high):
        y = _y(up, value)
        parts.append(f'<line class="axis" x1="{LEFT}" y1="{y:.1f}" x2="{WIDTH - RIGHT}" y2="{y:.1f}"/>')
        parts.append(f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{value:.5g}</text>')
    middle, half = (LEFT + WIDTH - RIGHT) / 2, HEIGHT / 2
    parts.append(f'<text x="{middle}" y="{HEIGHT - 8}" text-anchor="middle">{escape(across.label)}</text>')
    turned = f'transform="rotate(-90 18 {half})"'
    parts.append(f'<text x="18" y="{half}" text-anchor="middle" {turned}>{escape(up.label)}</text>')
    return parts
