"""A comparison as one page that needs nothing from elsewhere, and runs nothing."""

from collections.abc import Iterator, Sequence
from html import escape

from toolchain.compression.report.page import STYLE
from toolchain.compression.report.tables import plain
from toolchain.drift.comparison import DRIFT, FEW, LOOK, Compared, Comparison, names

WIDTH, HEIGHT, FLOOR = 320, 150, 126
MOST_LABELS = 6
"""Bins whose names all stand below them; of more only the first and the last do."""
COLOURS = """
.features { display: grid; grid-template-columns: repeat(auto-fill, minmax(18rem, 1fr)); gap: 1rem; }
figure { margin: 0; background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: .7rem; }
figcaption { display: flex; flex-wrap: wrap; gap: .1rem .6rem; justify-content: space-between; margin-bottom: .3rem; }
figcaption strong { overflow-wrap: anywhere; } figcaption span { white-space: nowrap; font-size: 13px; }
svg .before { fill: var(--line); stroke: var(--faint); stroke-width: .8; } svg .now { fill: var(--chosen); }
.drift .now { fill: var(--bad); } .drift span { color: var(--bad); font-weight: 600; }
.stable span { color: var(--good); }
.mark.before { background: var(--line); border: 1px solid var(--faint); border-radius: 2px; }
.mark.now { background: var(--chosen); border-radius: 2px; }
.mark.shifted { background: var(--bad); border-radius: 2px; }
"""


def render(found: Comparison, command: str) -> str:
    """The page, with the command that makes it again."""
    body = "\n".join([*_head(found), *_figures(found), *_table(found)])
    again = f'<h2>Do it again</h2><pre tabindex="0">{escape(command)}</pre>'
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(found.model)}: drift</title><style>{STYLE.read_text('utf-8')}{COLOURS}</style></head>\n"
        f"<body><main>\n{body}\n{again}\n</main></body></html>\n"
    )


def _head(found: Comparison) -> Iterator[str]:
    drifted = [each.feature.name for each in found.features if each.verdict == DRIFT]
    yield f"<h1>{escape(found.model)}</h1>"
    yield f'<p class="faint">Version {escape(found.version)}, {escape(found.span)}, {found.rows} rows</p>'
    words = f"{len(drifted)} of {len(found.features)} features drifted" if drifted else "Nothing drifted"
    yield f'<p><span class="verdict {"fails" if drifted else "passes"}">{words}</span></p>'
    missing = max((each.missing_more for each in found.features), default=0.0)
    outside = max((each.outside for each in found.features), default=0.0)
    boxes = (
        (f"{found.worst:.2f}", f"the largest PSI; drift is above {found.threshold:g}"),
        (f"{missing:.1%}", "the most values missing beyond the reference"),
        (f"{outside:.1%}", "the most values out of the expected range"),
    )
    parts = "".join(f"<div><strong>{number}</strong>{escape(text)}</div>" for number, text in boxes)
    yield f'<div class="numbers">{parts}</div>'
    yield (
        '<p class="faint">PSI is the population stability index less what chance makes of so many rows, and 0 where '
        "chance could have made all of it.</p>"
    )


def _figures(found: Comparison) -> Iterator[str]:
    yield "<h2>Features</h2>"
    yield '<ul class="legend"><li><span class="mark before"></span>share of the reference</li>'
    yield '<li><span class="mark now"></span>share of what came</li>'
    yield '<li><span class="mark shifted"></span>the same, where it drifted</li></ul>'
    order = {DRIFT: 0, LOOK: 1}
    ordered = sorted(found.features, key=lambda each: (order.get(each.verdict, 2), -each.psi))
    yield '<div class="features">' + "".join(map(_figure, ordered)) + "</div>"


def _figure(each: Compared) -> str:
    kind = "drift" if each.verdict == DRIFT else "few" if each.verdict == FEW else "stable"
    unit = f" <small>({escape(each.feature.unit)})</small>" if each.feature.unit else ""
    caption = f"<strong>{escape(each.feature.name)}{unit}</strong><span>{each.verdict}, PSI {each.psi:.2f}</span>"
    return f'<figure class="{kind}"><figcaption>{caption}</figcaption>{histogram(each)}</figure>'


def histogram(each: Compared) -> str:
    """The shares of the bins, reference and what came side by side."""
    called = names(each.feature)
    before, now = _shares(each.feature.counts), _shares(each.counts)
    most = max(*before, *now, 0.01)
    step = WIDTH / len(called)
    bar = max(1.0, step * 0.38)
    parts = []
    for at, (name, one, other) in enumerate(zip(called, before, now, strict=True)):
        left = at * step + step / 2 - bar
        title = f"<title>{escape(name)}: {one:.1%} of the reference, {other:.1%} of what came</title>"
        bars = _bar(left, bar, one / most, "before") + _bar(left + bar, bar, other / most, "now")
        parts.append(f"<g>{title}{bars}</g>")
    parts += _labels(called, step)
    label = escape(f"{each.feature.name}: shares of the reference and of what came")
    return f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{label}">{"".join(parts)}</svg>'


def _bar(left: float, width: float, share: float, kind: str) -> str:
    height = share * (FLOOR - 6)
    return f'<rect class="{kind}" x="{left:.1f}" y="{FLOOR - height:.1f}" width="{width:.1f}" height="{height:.1f}"/>'


def _labels(called: Sequence[str], step: float) -> Iterator[str]:
    yield f'<line class="axis" x1="0" y1="{FLOOR}" x2="{WIDTH}" y2="{FLOOR}"/>'
    if len(called) <= MOST_LABELS and all(len(name) * 6.5 < step for name in called):
        for at, name in enumerate(called):
            yield f'<text x="{at * step + step / 2:.1f}" y="{FLOOR + 16}" text-anchor="middle">{escape(name)}</text>'
        return
    yield f'<text x="0" y="{FLOOR + 16}">{escape(_short(called[0]))}</text>'
    if len(called) > 1:
        yield f'<text x="{WIDTH}" y="{FLOOR + 16}" text-anchor="end">{escape(_short(called[-1]))}</text>'


def _table(found: Comparison) -> Iterator[str]:
    rows = [
        (each.feature.name, each.rows, f"{each.psi:.3f}", f"{each.missing:.1%}", f"{each.outside:.1%}", each.verdict)
        for each in found.features
    ]
    yield "<h2>Figures</h2>"
    yield plain(("feature", "rows", "PSI", "missing", "out of range", "verdict"), rows, "Every feature")
    if found.unwatched:
        yield f'<p class="faint">Not watched: {escape(", ".join(found.unwatched))}.</p>'


def _shares(counts: Sequence[int]) -> list[float]:
    total = sum(counts) or 1
    return [count / total for count in counts]


def _short(text: str) -> str:
    return text if len(text) <= 22 else f"{text[:19]}..."
