"""The dashboard as one page: nothing from outside, nothing that runs, light and dark."""

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from pathlib import Path
from time import gmtime, strftime

from local.dashboard import chart
from local.dashboard.readings import Reading

STYLE = Path(__file__).with_name("style.css")
NOTHING = "Nothing in this time."
STATES = {"ALARM": "on", "OK": "fine", "INSUFFICIENT_DATA": "no data"}


def render(stack: str, readings: Sequence[Reading]) -> str:
    """The page of a stage's widgets."""
    shown = max((reading.end for reading in readings), default=0)
    body = "\n".join(_sections(readings))
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<meta http-equiv=\"content-security-policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>{escape(stack)}</title><style>{STYLE.read_text('utf-8')}</style></head>\n"
        f"<body><main>\n{body}\n</section>"
        f"<footer>Times are UTC, until {strftime('%H:%M', gmtime(shown))}. A number behind a name is the sum of counts "
        f"and costs, and the largest of anything else.</footer></main></body></html>\n"
    )


def _sections(readings: Iterable[Reading]) -> Iterator[str]:
    opened = False
    for reading in readings:
        if reading.widget.kind == "text":
            yield from _header(reading.widget.markdown, close=opened)
            opened = True
        elif reading.widget.kind == "alarm":
            yield _alarms(reading)
        else:
            yield _widget(reading)


def _header(markdown: str, *, close: bool) -> Iterator[str]:
    title, _, words = markdown.partition("\n")
    level = 1 if title.startswith("# ") else 2
    if close:
        yield "</section>"
    yield f"<section><header><h{level}>{escape(title.lstrip('# '))}</h{level}><p>{_words(words)}</p></header>"


def _words(text: str) -> str:
    parts = escape(text).split("`")
    return "".join(f"<code>{part}</code>" if number % 2 else part for number, part in enumerate(parts))


def _alarms(reading: Reading) -> str:
    ranked = sorted(reading.states, key=lambda it: (list(STATES).index(it[1]), it[0]))
    items = "".join(f'<li class="{state.lower()}"><b>{STATES[state]}</b> {escape(name)}</li>' for name, state in ranked)
    on = sum(state == "ALARM" for _, state in reading.states)
    said = f"{on} on, of {len(reading.states)}"
    return f'<details class="alarms"{" open" if on else ""}><summary>Alarms: {said}</summary><ul>{items}</ul></details>'


def _widget(reading: Reading) -> str:
    widget = reading.widget
    kind = "quiet" if not reading.series else "table" if widget.is_table else ""
    heading = f"<h3>{escape(widget.title)} <small>{escape(_unit(reading))}</small></h3>"
    return f'<article class="w{widget.width} {kind}">{heading}{_content(reading)}</article>'


def _content(reading: Reading) -> str:
    note = f'<p class="note">{escape(reading.note)}</p>' if reading.note else ""
    if not reading.series:
        return note or f'<p class="note">{NOTHING}</p>'
    if reading.widget.is_table:
        return _table(reading) + note
    far = [(name, limit) for name, limit in reading.widget.limits if limit > chart.FAR * _top(reading)]
    beyond = "".join(f'<p class="note">{escape(name)}: from {chart.short(limit)} on</p>' for name, limit in far)
    return chart.draw(reading) + beyond + note


def _top(reading: Reading) -> float:
    return max((value for series in reading.series for _, value in series.points), default=0.0) or 1e-9


def _unit(reading: Reading) -> str:
    if not reading.widget.unit:
        return ""
    period = reading.widget.period
    spans = {60: "minute", 300: "5 minutes", 86_400: "day"}
    return f"{reading.widget.unit} per {spans.get(period, f'{period} s')}" if _is_sum(reading) else reading.widget.unit


def _is_sum(reading: Reading) -> bool:
    return any(ask.statistic == "Sum" for ask in reading.widget.asks)


def _table(reading: Reading) -> str:
    rows = "".join(
        f"<tr><th scope='row'>{escape(each.label)}</th><td>{each.summary():,.6g}</td></tr>" for each in reading.series
    )
    return f"<table><thead><tr><th scope='col'></th><th scope='col'>sum</th></tr></thead><tbody>{rows}</tbody></table>"
