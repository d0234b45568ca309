"""report.html: one file that needs nothing from elsewhere, and runs nothing."""

from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any

from toolchain.compression.report import plots, tables, words
from toolchain.compression.report.plots import Point
from toolchain.compression.report.words import bytes_of, figure, milliseconds, ratio, recipe_of

STYLE = Path(__file__).with_name("style.css")
Report = dict[str, Any]
TIMES = "\N{MULTIPLICATION SIGN}"
LEGEND = (
    ("original", "the original"),
    ("chosen", "what ships"),
    ("passes", "passes"),
    ("fails", "refused"),
    ("front", "joins those that no other one beats in size, time and quality at once"),
)


def render(report: Report) -> str:
    """The page of a report, as report.json has it."""
    name = report["title"] or report["model"]
    body = "\n".join(
        part
        for section in (_head, _elsewhere, _pareto, _figures, _loss, _layers, _tried, _again)
        for part in section(report)
    )
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(name)}: compression</title><style>{STYLE.read_text('utf-8')}</style></head>\n"
        f"<body><main>\n{body}\n</main></body></html>\n"
    )


def judged(report: Report) -> Report:
    """What was measured where the search was."""
    found: Report = report["evaluations"][report["architecture"]]
    return found


def _head(report: Report) -> Iterator[str]:
    found = judged(report)
    yield f"<h1>{escape(report['title'] or report['model'])}</h1>"
    yield f'<p class="faint">{escape(report["model"])}, compressed for {escape(report["target"])}</p>'
    verdict = ("passes", "passes its gate") if found["passes"] else ("fails", f"does not pass: {found['reason']}")
    yield f'<p><span class="verdict {verdict[0]}">{escape(verdict[1])}</span>'
    yield f"<code>{escape(recipe_of(report))}</code></p>"
    if report["stopped"]:
        yield f'<p class="fails">The search was stopped ({escape(report["stopped"])}): more may be found.</p>'
    yield f'<p class="lead">{escape(words.sentence(report))}</p>'
    yield '<div class="numbers">' + "".join(_box(*box) for box in _boxes(report)) + "</div>"
    machine = found["machine"]
    flags = f" with {', '.join(machine['flags'])}" if machine["flags"] else ""
    yield f'<p class="faint">{escape(machine["processor"])}, {found["architecture"]}{escape(flags)}; one thread. '
    yield "Figures say nothing of any other architecture.</p>"


def _elsewhere(report: Report) -> Iterator[str]:
    """What ships as it was judged on other architectures, if it was."""
    others = [found for name, found in report["evaluations"].items() if name != report["architecture"]]
    if others:
        yield f"<h2>On other architectures</h2>{tables.architectures(others, report['gate']['metric'])}"


def _boxes(report: Report) -> Iterator[tuple[str, str]]:
    """What changed, each as a number and what it is."""
    found = judged(report)
    size, times = found["bytes"], found["latency"]
    change = f"{bytes_of(size['original'])} became {bytes_of(size['compressed'])}"
    compiled = bytes_of(found["compiled_bytes"]["compressed"])
    yield f"{ratio(size['original'], size['compressed'])} {TIMES}", f"smaller: {change}; {compiled} compiled"
    for field, rows in (("ms_1", "1 row"), ("ms_32", "32 rows")):
        before, after = times["original"][field], times["compressed"][field]
        if before and after:
            shown = f"{milliseconds(before)} became {milliseconds(after)}"
            yield f"{ratio(before, after)} {TIMES}", f"the speed with {rows}: {shown}"
    for row in found["figures"]:
        if row["metric"] == "agreement":
            yield figure(row["value"]), "agreement with the original's answers; 1 is all of them"
        elif row["metric"] == report["gate"]["metric"]:
            yield figure(row["value"]), f"{row['metric']}; the original has {figure(row['original'])}"


def _box(number: str, text: str) -> str:
    return f"<div><strong>{escape(number)}</strong>{escape(text)}</div>"


def _pareto(report: Report) -> Iterator[str]:
    metric = report["gate"]["metric"]
    yield "<h2>Size, time and quality</h2>"
    yield '<ul class="legend">' + "".join(f'<li><span class="mark {kind}"></span>{text}</li>' for kind, text in LEGEND)
    yield "</ul>"
    front = {measured["recipe"] for measured in report["front"]}
    panels = (("bytes", 1000, "size, kB"), ("ms_1", 1, "time of 1 row, ms"))
    yield '<div class="pair">'
    for field, unit, label in panels:
        points = [*_points(report, field, unit)]
        joined = [(point.x, point.y) for point in points if point.title.partition("\n")[0] in front]
        yield f"<div>{plots.scatter(points, label, metric, joined)}</div>"
    yield "</div>"


def _points(report: Report, field: str, unit: float) -> Iterator[Point]:
    for measured in (report["original"], *report["tried"]):
        if measured[field] and measured["score"] is not None:
            is_original = measured is report["original"]
            kind = "original" if is_original else "fails" if measured["refused"] else "passes"
            name = "the original" if is_original else measured["recipe"]
            title = (
                f"{name}\n{bytes_of(measured['bytes'])}, {milliseconds(measured['ms_1'])}, {figure(measured['score'])}"
            )
            ships = report["chosen"]["recipe"] == measured["recipe"]
            yield Point(measured[field] / unit, measured["score"], kind, title, ships)


def _figures(report: Report) -> Iterator[str]:
    found = judged(report)
    yield "<h2>Figures</h2>"
    gate = report["gate"]
    caption = f"On {gate['rows']} rows; 95 % of {gate['draws']} draws of them (paired bootstrap)"
    yield tables.figures(found["figures"], caption)
    if found["classes"]:
        yield "<h2>Classes</h2>"
        yield tables.classes(found["classes"])


def _loss(report: Report) -> Iterator[str]:
    found = judged(report)
    if lost := found["worst_slice"]:
        yield "<h2>Where it lost the most</h2>"
        yield tables.slices(found["slices"], lost)
    if found["confusion"]:
        yield f"<h2>Confusion, rows by {escape(found['confusion']['rows'])}</h2>"
        yield '<div class="pair">'
        for side in ("original", "compressed"):
            table = tables.confusion(found["confusion"]["labels"], found["confusion"][side], f"The {side} model")
            yield f"<div>{table}</div>"
        yield "</div>"


def _layers(report: Report) -> Iterator[str]:
    yield "<h2>Sensitivity of layers</h2>"
    layers, reason = report["sensitivity"]["layers"], report["sensitivity"]["reason"]
    if reason:
        yield f'<p class="faint">Not measured: {escape(reason)}.</p>'
        return
    rows = [
        (
            layer["layer"],
            layer["error"] if layer["error"] is not None else float("nan"),
            f"{layer['operator']} {layer['shape']}, cosine {figure(layer['cosine'])}",
        )
        for layer in layers
    ]
    yield plots.bars(rows, "Relative error of the output with one layer alone in 8 bits; the most sensitive first")


def _tried(report: Report) -> Iterator[str]:
    yield f"<h2>What was tried, and why it lost</h2>{tables.tried(report)}"


def _again(report: Report) -> Iterator[str]:
    found = judged(report)
    yield "<h2>Do it again</h2>"
    yield f'<pre tabindex="0">{escape(report["command"])}</pre>'
    versions = ", ".join(f"{name} {version}" for name, version in found["versions"].items())
    yield f"<p>Seed {report['seed']}; {escape(versions)}.</p>"
    rows = [(name, record["bytes"], record["sha256"]) for name, record in report["files"].items()]
    rows += [(each["file"], None, each["sha256"]) for each in report["data"].values() if each]
    yield tables.plain(("file", "bytes", "SHA-256"), rows, "Files that were read and written")
    if notes := report["chosen"]["notes"]:
        yield "<p>What the passes say:</p><ul>" + "".join(f"<li>{escape(note)}</li>" for note in notes) + "</ul>"
