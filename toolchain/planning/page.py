"""A plan as one page that needs nothing from elsewhere, and runs nothing."""

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any

from toolchain.compression.report.page import STYLE
from toolchain.compression.report.tables import plain
from toolchain.planning import plots, tables
from toolchain.planning.plots import Line
from toolchain.planning.pricing import STARTS
from toolchain.planning.words import dollars, milliseconds, share

Plan = Mapping[str, Any]
COLOURS = """
svg polyline { fill: none; stroke: currentColor; stroke-width: 2; } svg circle { fill: currentColor; }
.series-0 { color: var(--chosen); } .series-1 { color: var(--good); } .series-2 { color: var(--bad); }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(17rem, 1fr)); gap: 1rem; }
.series-1 polyline { stroke-dasharray: 7 4; } .series-2 polyline { stroke-dasharray: 2 4; }
.mark[class*="series"] { background: currentColor; } figure { margin: 0; } td { white-space: nowrap; }
"""


def render(plan: Plan, command: str) -> str:
    """The page of a plan, as its JSON has it, with the command that makes it again."""
    body = "\n".join(part for section in (_head, _sizes, _trace, _bill) for part in section(plan))
    again = f'<h2>Do it again</h2><pre tabindex="0">{escape(command)}</pre>'
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Plan</title><style>{STYLE.read_text('utf-8')}{COLOURS}</style></head>\n"
        f"<body><main>\n{body}\n{again}\n</main></body></html>\n"
    )


def _head(plan: Plan) -> Iterator[str]:
    choice = plan["choice"]
    rps = plan["traffic"]["rps"]
    yield f"<h1>{rps:.4g} requests per second</h1>"
    if choice is None:
        yield '<p class="fails">No size that was compared serves that in time.</p>'
    else:
        boxes = (
            (f"{choice['memory_mb']} MB", f"{choice['start']}, {choice['architecture']}: the cheapest that serves it"),
            (dollars(choice["dollars_per_million"]), "for a million requests"),
            (dollars(choice["dollars_per_month"]), "a month"),
            (milliseconds(choice["latency_ms"]), tables.within(plan)),
            (share(choice["cold_start_share"]), "of requests start an environment"),
        )
        parts = "".join(f"<div><strong>{escape(number)}</strong>{escape(text)}</div>" for number, text in boxes)
        yield f'<div class="numbers">{parts}</div>'
    for text in tables.words(plan):
        yield f'<p class="faint">{escape(text)}</p>'


def _sizes(plan: Plan) -> Iterator[str]:
    yield "<h2>Sizes and ways to start</h2>"
    pictures = (
        ("dollars_per_million", "$ for a million"),
        ("latency_ms", f"{tables.within(plan)}, ms"),
        ("cold_start_ms", "a cold start, ms"),
    )
    yield '<div class="plots">'
    for field, label in pictures:
        yield f"<div>{plots.lines(_by_start(plan, field), 'memory, MB', label)}</div>"
    yield "</div>"
    yield _table(tables.options(plan), "Every size with every way to start")
    yield _table(tables.architectures(plan), "Architectures, if both took as long")


def _by_start(plan: Plan, field: str) -> list[Line]:
    return [
        Line(start, [(each["memory_mb"], each[field]) for each in plan["options"] if each["start"] == start])
        for start in STARTS
    ]


def _trace(plan: Plan) -> Iterator[str]:
    if "trace" not in plan:
        return
    found = plan["trace"]
    option = found["option"]
    yield f"<h2>Over time, with {option['memory_mb']} MB, {escape(option['start'])}</h2>"
    stretches = found["stretches"]
    began = stretches[0]["start"]
    yield '<div class="plots">'
    for names in (("requests",), ("environments", "busy"), ("cold", "refused")):
        series = [Line(name, [(each["start"] - began, each[name]) for each in stretches]) for name in names]
        yield f"<div>{plots.lines(series, 'seconds', ', '.join(names))}</div>"
    yield "</div>"


def _bill(plan: Plan) -> Iterator[str]:
    option = plan["choice"] or plan["options"][0]
    yield "<h2>What the money is for</h2>"
    shown = {name: f"{dollars(amount)}" for name, amount in option["lines"].items()}
    yield plots.shares(option["lines"], shown, f"A month of {option['memory_mb']} MB, {option['start']}")


def _table(rows: Sequence[Mapping[str, str]], caption: str) -> str:
    return plain([name or "verdict" for name in rows[0]], [[*row.values()] for row in rows], caption)
