"""Tables of a report's page."""

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

from toolchain.compression.report.words import UNKNOWN, bytes_of, figure, milliseconds

Rows = Iterable[Sequence[Any]]
MS = ("ms_1", "ms_32")
LONGEST = 30
"""Characters of two numbers: a digest can begin with a digit as well."""


def plain(heads: Sequence[str], rows: Rows, caption: str, chosen: int | None = None) -> str:
    """Rows of cells, the first of which names its row; columns of numbers stand at the right. One row can be marked."""
    rows = [*rows]
    numbers = [bool(rows) and all(_is_number(row[index]) for row in rows) for index in range(len(heads))]
    numbers[0] = False
    marks = [' class="number"' if number else "" for number in numbers]
    head = "".join(f'<th scope="col"{mark}>{escape(name)}</th>' for name, mark in zip(heads, marks, strict=True))
    body = []
    for index, (name, *cells) in enumerate(rows):
        shown = "".join(f"<td{mark}>{escape(_text(cell))}</td>" for cell, mark in zip(cells, marks[1:], strict=True))
        mark = ' class="chosen"' if index == chosen else ""
        body.append(f'<tr{mark}><th scope="row">{escape(_text(name))}</th>{shown}</tr>')
    return table(caption, f"<thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody>")


def table(caption: str, rows: str, kind: str = "") -> str:
    """A table that scrolls by itself where it is too wide, by keyboard as well."""
    mark = f' class="{kind}"' if kind else ""
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(caption)}">'
        f"<table{mark}><caption>{escape(caption)}</caption>{rows}</table></div>"
    )


def figures(rows: Sequence[dict[str, Any]], caption: str) -> str:
    """Every metric, before and after."""
    return plain(
        ("metric", "original", "ships", "95 % of draws", "drop", "95 % of draws"),
        [
            (
                row["metric"], figure(row["original"]), figure(row["value"]), _between(row["low"], row["high"]),
                figure(row["drop"]), _between(row["drop_low"], row["drop_high"]),
            )
            for row in rows
        ],
        caption,
    )  # fmt: skip


def architectures(evaluations: Sequence[dict[str, Any]], metric: str) -> str:
    """What ships beside the original, a row for each machine."""
    cells = []
    for judged in evaluations:
        times = judged["latency"]
        shown = [f"{milliseconds(times['original'][of])} to {milliseconds(times['compressed'][of])}" for of in MS]
        verdict = "passes" if judged["passes"] else f"does not pass: {judged['reason']}"
        lost = next((row["drop_high"] for row in judged["figures"] if row["metric"] == metric), None)
        cells.append((judged["architecture"], judged["machine"]["processor"], *shown, figure(lost), verdict))
    heads = ("architecture", "processor", "1 row", "32 rows", f"drop of {metric}, at worst", "gate")
    return plain(heads, cells, "What ships, judged there beside the original")


def classes(rows: Sequence[dict[str, Any]]) -> str:
    """F1 of each class."""
    cells = [(row["label"], row["rows"], figure(row["original"]), figure(row["compressed"])) for row in rows]
    return plain(("class", "rows", "F1, original", "F1, ships"), cells, "How well each class is told from the others")


def slices(rows: Sequence[dict[str, Any]], lost: dict[str, Any]) -> str:
    """Parts of the rows, the worst one marked if it lost anything."""
    cells = [
        (row["name"], row["rows"], figure(row["original"]), figure(row["value"]), figure(row["drop"])) for row in rows
    ]
    heads = ("slice", "rows", f"{lost['metric']}, original", "ships", "drop")
    if lost["drop"] <= 0:
        return plain(heads, cells, "Parts of the rows; none of them lost anything")
    return plain(heads, cells, "Parts of the rows; the one that lost the most is marked", rows.index(lost))


def confusion(labels: Sequence[str], counts: Sequence[Sequence[int]], caption: str) -> str:
    """How often each column was answered; the deeper the colour, the larger its share of the row."""
    head = "".join(f'<th scope="col">{escape(label)}</th>' for label in labels)
    body = []
    for label, row in zip(labels, counts, strict=True):
        total = sum(row) or 1
        cells = "".join(
            f'<td style="background: rgba(var(--heat), {0.4 * count / total:.2f})">{count or ""}</td>' for count in row
        )
        body.append(f'<tr><th scope="row">{escape(label)}</th>{cells}</tr>')
    return table(caption, f"<thead><tr><td></td>{head}</tr></thead><tbody>{''.join(body)}</tbody>", "matrix")


def tried(report: dict[str, Any]) -> str:
    """Every recipe, and why it was not chosen: what ships first, then what passes, then what does not."""
    rows = sorted(report["tried"], key=lambda row: (bool(row["lost"]), bool(row["refused"])))
    judged = [row for row in rows if row["score"] is not None]
    rest = [(row["recipe"], row["lost"]) for row in rows if row["score"] is None]
    cells = [
        (
            row["recipe"], bytes_of(row["bytes"]) if row["bytes"] else UNKNOWN, milliseconds(row["ms_1"]),
            figure(row["score"]), figure(row["drop_high"]), row["lost"] or "ships",
        )
        for row in judged
    ]  # fmt: skip
    chosen = 0 if judged and not judged[0]["lost"] else None
    heads = ("recipe", "size", "1 row", report["gate"]["metric"], "drop, at worst", "why it lost")
    found = plain(heads, cells, "Judged on the rows", chosen) if cells else ""
    if rest:
        why = plain(("recipe", "why"), rest, "Given up before they were judged")
        found += f"<details><summary>{len(rest)} more were given up before they were judged</summary>{why}</details>"
    return found


def _between(low: float | None, high: float | None) -> str:
    return UNKNOWN if low is None or high is None else f"{figure(low)} to {figure(high)}"


def _text(value: Any) -> str:
    return UNKNOWN if value is None else str(value)


def _is_number(value: Any) -> bool:
    """A number, or what stands for one: with a unit, or two of them."""
    text = _text(value)
    return text == UNKNOWN or (len(text) < LONGEST and text.lstrip("-")[:1].isdigit())
