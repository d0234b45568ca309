"""Series of a widget as inline SVG; colours are those of the page's style sheet."""

import math
from collections.abc import Iterator, Sequence
from html import escape
from time import gmtime, strftime

from local.dashboard.readings import Reading, Series

WIDTHS = {6: 310, 8: 420, 12: 640}
"""Of a picture, by the columns of its widget: letters are of one size in all of them."""
HEIGHT = 190
LEFT, RIGHT, TOP, BOTTOM = 48, 10, 16, 24
COLOURS = 8
"""Classes `s0` to `s7` of the style sheet; from there on they begin anew."""
FAR = 4
"""Times what there is, beyond which a limit is named and not drawn."""
DOTS = 60
"""Values of a series, up to which each is a dot that says what it is."""
DAY = 86_400


Bands = list[tuple[int, float, float]]
"""When, from where and up to where."""


def draw(reading: Reading) -> str:
    """The widget's picture, with its legend."""
    stacked = reading.widget.stacked
    layers = (
        list(_stacked(reading.series)) if stacked else [[(at, 0.0, v) for at, v in it.points] for it in reading.series]
    )
    top = max(high for layer in layers for _, _, high in layer)
    near = [(name, limit) for name, limit in reading.widget.limits if limit <= max(top, 1e-9) * FAR]
    scale = _Scale(reading, max([top, *(limit for _, limit in near)]))
    parts = [*scale.grid()]
    for number, (layer, series) in enumerate(zip(layers, reading.series, strict=True)):
        parts += scale.line(layer, series.label, number, filled=stacked)
    parts += [scale.limit(name, limit) for name, limit in near]
    label = escape(f"{reading.widget.title}: {reading.widget.unit}")
    picture = f'<svg viewBox="0 0 {scale.width} {HEIGHT}" role="img" aria-label="{label}">{"".join(parts)}</svg>'
    return picture + _legend(reading.series)


class _Scale:
    """From time and value to places in the picture."""

    def __init__(self, reading: Reading, top: float) -> None:
        self.width = WIDTHS.get(reading.widget.width, WIDTHS[12])
        self._start, self._end, self._period = reading.start, reading.end, reading.widget.period
        self._step = _nice(top / 4)
        self._top = max(self._step * math.ceil(top / self._step - 1e-9), self._step)

    def grid(self) -> Iterator[str]:
        """Lines and letters of both axes."""
        for number in range(round(self._top / self._step) + 1):
            value = number * self._step
            y = self._y(value)
            yield f'<line class="grid" x1="{LEFT}" x2="{self.width - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
            yield f'<text x="{LEFT - 6}" y="{y + 3.5:.1f}" text-anchor="end">{short(value)}</text>'
        form = "%d %b" if self._end - self._start > DAY else "%H:%M"
        for part in range(4):
            at = self._start + (self._end - self._start) * part // 3
            anchor = ("start", "middle", "middle", "end")[part]
            text = strftime(form, gmtime(at))
            yield f'<text x="{self._x(at):.1f}" y="{HEIGHT - 6}" text-anchor="{anchor}">{text}</text>'

    def line(self, layer: Bands, label: str, number: int, *, filled: bool) -> Iterator[str]:
        """A series; values of periods that follow each other are joined."""
        yield f'<g class="s{number % COLOURS}"><title>{escape(label)}</title>'
        for run in _runs(layer, self._period):
            upper = [f"{self._middle(at):.1f},{self._y(high):.1f}" for at, _, high in run]
            lower = [f"{self._middle(at):.1f},{self._y(low):.1f}" for at, low, _ in reversed(run)]
            if len(run) == 1 and (filled or self._period == DAY):
                yield self._bar(*run[0])
            elif filled:
                yield f'<polygon class="area" points="{" ".join(upper + lower)}"/>'
            yield f'<polyline points="{" ".join(upper)}"/>'
        for at, low, high in layer if len(layer) <= DOTS else ():
            said = f"{label}: {short(high - low)} at {strftime('%H:%M', gmtime(at))}"
            place = f'cx="{self._middle(at):.1f}" cy="{self._y(high):.1f}"'
            yield f'<circle {place} r="2.5"><title>{escape(said)}</title></circle>'
        yield "</g>"

    def _bar(self, at: int, low: float, high: float) -> str:
        wide = max(6.0, min(28.0, self._x(self._period) - self._x(0) - 3))
        size = f'width="{wide:.1f}" height="{self._y(low) - self._y(high):.1f}"'
        return f'<rect class="area" x="{self._middle(at) - wide / 2:.1f}" y="{self._y(high):.1f}" {size}/>'

    def _middle(self, at: int) -> float:
        return self._x(at + self._period / 2)

    def limit(self, name: str, value: float) -> str:
        """A line to stay below."""
        y = self._y(value)
        return (
            f'<line class="limit" x1="{LEFT}" x2="{self.width - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
            f'<text class="limit" x="{self.width - RIGHT}" y="{y - 4:.1f}" text-anchor="end">'
            f"{escape(name)} {short(value)}</text>"
        )

    def _x(self, at: float) -> float:
        return LEFT + (at - self._start) / (self._end - self._start) * (self.width - LEFT - RIGHT)

    def _y(self, value: float) -> float:
        return HEIGHT - BOTTOM - min(value / self._top, 1.0) * (HEIGHT - TOP - BOTTOM)


def short(value: float) -> str:
    """A number as an axis has it: three digits, thousands and millions by letters."""
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e4, "k")):
        if abs(value) >= size:
            return f"{value / (1e3 if letter == 'k' else size):.3g} {letter}"
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _stacked(series: Sequence[Series]) -> Iterator[Bands]:
    top: dict[int, float] = {}
    for each in series:
        layer = [(at, top.get(at, 0.0), top.get(at, 0.0) + value) for at, value in each.points]
        top.update((at, high) for at, _, high in layer)
        yield layer


def _runs(layer: Bands, period: int) -> Iterator[Bands]:
    run: Bands = []
    for band in layer:
        if run and band[0] - run[-1][0] > period:
            yield run
            run = []
        run.append(band)
    if run:
        yield run


def _nice(step: float) -> float:
    """1, 2, 2.5 or 5 times a power of ten, not below."""
    if step <= 0:
        return 0.25
    power = 10.0 ** math.floor(math.log10(step))
    return next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= step * (1 - 1e-9))


def _legend(series: Sequence[Series]) -> str:
    items = "".join(
        f'<li><i class="s{number % COLOURS}"></i>{escape(each.label)} <b>{short(each.summary())}</b></li>'
        for number, each in enumerate(series)
    )
    return f'<ul class="legend">{items}</ul>'
