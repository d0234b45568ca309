"""Tables of a report's page."""

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

from toolchain.compression.report.words import UNKNOWN, bytes_of, figure, milliseconds

Rows = Iterable[Sequence[Any]]


def plain(heads: Sequence[str], rows: Rows, chosen: int | None = None) -> str:
    """Rows of cells; numbers stand at the right. One row can be marked."""
    mark = ' class="chosen"'
    body = [f"<tr{mark if index == chosen else ''}>{''.join(map(_cell, row))}</tr>" for index, row in enumerate(rows)]
    head = "".join(f"<th>{escape(name)}</th>" for name in heads)
    return f'<div class="scroll"><table><tr>{head}</tr>{"".join(body)}</table></div>'


def figures(rows: Sequence[dict[str, Any]]) -> str:
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
    )  # fmt: skip


def classes(rows: Sequence[dict[str, Any]]) -> str:
    """F1 of each class."""
    cells = [(row["label"], row["rows"], figure(row["original"]), figure(row["compressed"])) for row in rows]
    return plain(("class", "rows", "F1, original", "F1, ships"), cells)


def slices(rows: Sequence[dict[str, Any]], lost: dict[str, Any]) -> str:
    """Parts of the rows, the worst one marked."""
    cells = [
        (row["name"], row["rows"], figure(row["original"]), figure(row["value"]), figure(row["drop"])) for row in rows
    ]
    return plain(("slice", "rows", f"{lost['metric']}, original", "ships", "drop"), cells, rows.index(lost))


def confusion(labels: Sequence[str], counts: Sequence[Sequence[int]]) -> str:
    """How often each column was answered; the darker, the larger its share of the row."""
    head = "".join(f"<th>{escape(label)}</th>" for label in labels)
    body = []
    for label, row in zip(labels, counts, strict=True):
        total = sum(row) or 1
        cells = "".join(
            f'<td style="background: rgba(var(--heat), {0.75 * count / total:.2f})">{count or ""}</td>' for count in row
        )
        body.append(f"<tr><th>{escape(label)}</th>{cells}</tr>")
    return f'<div class="scroll"><table class="matrix"><tr><th></th>{head}</tr>{"".join(body)}</table></div>'


def tried(report: dict[str, Any]) -> str:
    """Every recipe, and why it was not chosen."""
    rows = [
        (
            row["recipe"], bytes_of(row["bytes"]) if row["bytes"] else UNKNOWN, milliseconds(row["ms_1"]),
            figure(row["score"]), figure(row["drop_high"]), row["lost"] or "ships",
        )
        for row in report["tried"]
    ]  # fmt: skip
    chosen = next((index for index, row in enumerate(report["tried"]) if not row["lost"]), None)
    metric = report["gate"]["metric"]
    return plain(("recipe", "size", "1 row", metric, "drop, at worst", "why it lost"), rows, chosen)


def _between(low: float | None, high: float | None) -> str:
    return UNKNOWN if low is None or high is None else f"{low:.4g} to {high:.4g}"


def _cell(value: Any) -> str:
    text = UNKNOWN if value is None else str(value)
    number = not isinstance(value, str) or text == UNKNOWN or text[:1].isdigit()
    mark = ' class="number"' if number and len(text) < 30 else ""
    return f"<td{mark}>{escape(text)}</td>"
