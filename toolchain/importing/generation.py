"""Rows that nobody had to think up: of a table over many magnitudes, words and gaps; of tensors as `ortless new`."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from functions.core.tensors import TensorSpec
from toolchain import sampling
from toolchain.importing import tables
from toolchain.importing.contract import Asked, Column, Imported, Samples, plain

ROWS = 256
"""Of a table."""
TENSORS = 16
"""Of other tensors, which may be large."""
GAPS = 0.1
"""Share of the values left out, of columns that may be empty."""


def rows(imported: Imported, columns: tuple[Column, ...]) -> Samples:
    """Rows of a table, always the same; those of columns without a known range are of magnitudes from 0.1 to 10,000."""
    columns = tuple(_column(imported, columns, number) for number in range(len(columns)))
    draws = np.random.default_rng(0)
    values = [_values(column, draws) for column in columns]
    instances = [dict(zip((column.name for column in columns), row, strict=True)) for row in zip(*values, strict=True)]
    return Samples(instances, None, _places(ROWS), columns)


def tensors(inputs: Sequence[TensorSpec], preprocess: dict[str, Any], extent: int) -> Samples:
    """Rows of tensors, or pictures for a model of pictures.

    Args:
        extent: of the dimensions that the graph leaves open.
    """
    fixed = max((spec.shape[0] for spec in inputs if spec.shape), default=-1)
    count = TENSORS if fixed <= 0 else -(-TENSORS // fixed) * fixed
    return Samples(sampling.instances(inputs, preprocess, count, extent), None, _places(count), ())


def _places(count: int) -> list[str]:
    return [f"made-up row {number}" for number in range(count)]


def _values(column: Column, draws: np.random.Generator) -> list[Any]:
    gaps = draws.random(ROWS) < (GAPS if column.missing is not None else 0)
    if column.kind == "word":
        known = [*column.categories] or ["a"]
        picked = draws.integers(len(known), size=ROWS)
        words: list[Any] = [known[index] for index in picked]
        return [None if gap else word for gap, word in zip(gaps, words, strict=True)]
    if column.low < column.high:
        values = column.low + (column.high - column.low) * draws.random(ROWS)
    else:
        values = draws.normal(size=ROWS) * 10 ** draws.uniform(-1, 4, ROWS)
    values = np.rint(values) if column.kind == "whole" else values.round(3)
    numbers = [int(value) if column.kind == "whole" else value for value in values.tolist()]
    return [None if gap else number for gap, number in zip(gaps, numbers, strict=True)]


def _column(imported: Imported, columns: tuple[Column, ...], number: int) -> Column:
    """A column of numbers without a known answer to gaps: the original is asked whether it takes one."""
    column = columns[number]
    if not imported.knows_nan or column.kind != "number" or column.missing is not None:
        return column
    row = {one.name: plain(one) for one in columns} | {column.name: None}
    try:
        answers = imported.answer(Asked(tables.table([row], columns), {}))
        takes = all(_is_finite(answer) for answer in answers.values())
    except Exception:
        takes = False
    return column._replace(missing=math.nan) if takes else column


def _is_finite(answer: Any) -> bool:
    values = np.asarray(answer)
    return values.dtype.kind not in "fc" or bool(np.isfinite(values).all())
