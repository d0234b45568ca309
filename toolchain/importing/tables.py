"""Rows of named values: from a CSV file, from JSON, and as the columns that an original takes."""

import csv
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

from functions.core.errors import brief
from toolchain.importing.contract import Column, Expected, Samples, Table
from toolchain.importing.errors import InvalidSamples

MISSING = frozenset(("", "nan", "na", "n/a", "null", "none", "?"))
"""How files write that there is no number; of words only the first, as the others may be words."""


def read(path: Path, expected: Expected) -> Samples:
    """Read a CSV file whose first line names its columns. Raises InvalidSamples where it does not fit."""
    with path.open(newline="", encoding="utf-8-sig") as file:
        lines = csv.reader(file)
        head = [name.strip() for name in next(lines, [])]
        rows = [(f"{path.name}:{lines.line_num}", cells) for cells in lines if cells]
    columns, taken = _columns(path, head, expected)
    labelled = [head.index(name) for name in expected.labels]
    instances, labels = [], []
    for place, cells in rows:
        if len(cells) != len(head):
            raise InvalidSamples(place, f"{len(head)} cells, as the first line has", str(len(cells)))
        instances.append(row([cells[at] for at in taken], columns, place))
        labels.append(_label([cells[at] for at in labelled], expected.labels))
    return Samples(instances, labels if labelled else None, [place for place, _ in rows], columns)


def row(values: Any, columns: Sequence[Column], place: str) -> dict[str, Any]:
    """A row as an object by column, of numbers, words and None. Raises InvalidSamples where it is none."""
    if isinstance(values, dict):
        if unknown := values.keys() - {column.name for column in columns}:
            names = ", ".join(column.name for column in columns)
            raise InvalidSamples(place, f"only the columns {names}", f"a column {min(unknown)!r}")
        values = [values.get(column.name) for column in columns]
    if not isinstance(values, list) or len(values) != len(columns):
        raise InvalidSamples(place, f"an object or a list of {len(columns)} values", brief(values))
    return {column.name: _value(value, column, place) for value, column in zip(values, columns, strict=True)}


def table(instances: Sequence[dict[str, Any]], columns: Sequence[Column]) -> Table:
    """Rows as columns; numbers are float, NaN where there is none."""
    return {
        column.name: [
            math.nan if row[column.name] is None and column.kind != "word" else row[column.name] for row in instances
        ]
        for column in columns
    }


def _columns(path: Path, head: list[str], expected: Expected) -> tuple[tuple[Column, ...], list[int]]:
    """The columns under their names, and where each is in a line."""
    columns = expected.columns
    if len(set(head)) != len(head):
        raise InvalidSamples(f"{path.name}:1", "different names of columns", brief(head))
    for label in expected.labels:
        if label not in head:
            raise InvalidSamples(f"{path.name}:1", f"the column {label!r}, of labels", ", ".join(head) or "no columns")
    names = [column.name for column in columns]
    if set(names) <= set(head):
        return columns, [head.index(name) for name in names]
    if expected.named:
        absent = next(name for name in names if name not in head)
        raise InvalidSamples(f"{path.name}:1", f"the column {absent!r}, as the model has it", ", ".join(head))
    left = [at for at, name in enumerate(head) if name not in expected.labels]
    if len(left) != len(columns):
        hint = "" if expected.labels else "; --label names those that are none of the model's"
        raise InvalidSamples(f"{path.name}:1", f"{len(columns)} columns{hint}", f"{len(left)}: {', '.join(head)}")
    if all(head[at] and _number(head[at]) is None for at in left):  # numbers would be a row, or pandas' own names
        columns = tuple(column._replace(name=head[at]) for column, at in zip(columns, left, strict=True))
    return columns, left


def _value(value: Any, column: Column, place: str) -> float | int | str | None:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if column.kind == "word":
        return _word(value, column, place)
    if isinstance(value, str):
        if value.strip().lower() in MISSING:
            return None
        found = _number(value)
        return _refuse(place, column, value) if found is None else _value(found, column, place)
    if not isinstance(value, (int, float)) or math.isinf(value) or (column.kind == "whole" and value != int(value)):
        _refuse(place, column, value)
    return int(value) if column.kind == "whole" or isinstance(value, bool) else value


def _word(value: Any, column: Column, place: str) -> str | None:
    if not isinstance(value, str):
        _refuse(place, column, value)
    return value or None


def _refuse(place: str, column: Column, value: object) -> NoReturn:
    expected = {"word": "a word", "whole": "an integer", "number": "a finite number"}[column.kind]
    raise InvalidSamples(f"`{column.name}` of {place}", expected, brief(value))


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return {"true": 1.0, "false": 0.0}.get(text.strip().lower())
    return int(value) if value.is_integer() and abs(value) < 2**53 else value


def _label(cells: list[str], names: tuple[str, ...]) -> Any:
    """A word or number; of several columns, an object of them."""
    if len(cells) == 1:
        return cells[0]
    return dict(zip(names, cells, strict=True))
