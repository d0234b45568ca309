"""The converted graph's answers beside the original's, row by row."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from functions.core.errors import brief
from functions.core.tensors import Array


class Compared(NamedTuple):
    """One output on all rows.

    Attributes:
        output: its name.
        rows: how many were compared.
        absolute, relative: the largest differences; relative to the original's number, or to 1 where it is smaller.
        agreement: share of the rows whose label is the same; None where the output says none.
        beyond: how many rows differ by more than the tolerance.
        worst: where the largest relative difference is, in words.
        shapes: of both, where these differ.
    """

    output: str
    rows: int
    absolute: float
    relative: float
    agreement: float | None
    beyond: int
    worst: str
    shapes: str = ""

    @property
    def fault(self) -> str:
        """Why the graph cannot stand for the original; "" where it can."""
        if not self.beyond:
            return ""
        if self.shapes:
            return f"`{self.output}` is of {self.shapes}"
        by = f" by up to {self.absolute:.3g} ({self.relative:.3g} relative)" if self.relative else ""
        return f"`{self.output}` differs in {self.beyond} of {self.rows} rows{by}, most at {self.worst}"


def compare(
    name: str, original: Array, converted: Array, tolerance: float, places: Sequence[str], *, classes: bool
) -> Compared:
    """Compare one output.

    Args:
        original, converted: [rows, ...]; numbers, or labels as integers or texts.
        tolerance: largest difference relative to max(1, |original's number|); labels must be the same.
        places: of each row.
        classes: whether the numbers of a row are of classes, so that the largest one is the label.
    """
    rows = len(original)
    if original.shape != converted.shape:
        shapes = f"shape {list(original.shape)} originally, {list(converted.shape)} converted"
        return Compared(name, rows, 0.0, 0.0, None, rows, "", shapes)
    if original.dtype.kind not in "fiub" or converted.dtype.kind not in "fiub":
        return _labels(name, original.astype(str), converted.astype(str), places)
    if original.dtype.kind in "iub" and converted.dtype.kind in "iub":
        return _labels(name, original, converted, places)
    relative, absolute = differences(original.reshape(rows, -1), converted.reshape(rows, -1))
    beyond = (relative > tolerance).any(axis=1) if relative.size else np.zeros(rows, bool)
    worst = ""
    if relative.size:
        row, column = (int(at) for at in np.unravel_index(relative.argmax(), relative.shape))
        values = (original.reshape(rows, -1)[row, column], converted.reshape(rows, -1)[row, column])
        where = f"[{column}]" if relative.shape[1] > 1 else ""
        worst = f"{places[row]}, `{name}{where}`: {values[0]:.6g} originally, {values[1]:.6g} converted"
    agreement = None
    if classes and original.ndim == 2:
        agreement = float((_choice(original) == _choice(converted)).mean())
    most = [float(one.max(initial=0.0)) for one in (absolute, relative)]
    return Compared(name, rows, most[0], most[1], agreement, int(beyond.sum()), worst)


def differences(original: Array, converted: Array) -> tuple[Array, Array]:
    """Relative and absolute differences, of the shape of both; equal infinities and NaN at the same place differ by 0.

    What is finite in one only differs infinitely.
    """
    first, second = (values.astype(np.float64) for values in (original, converted))
    same = (first == second) | (np.isnan(first) & np.isnan(second))
    with np.errstate(invalid="ignore", over="ignore"):
        absolute = np.abs(first - second)
    absolute = np.where(same, 0.0, np.where(np.isnan(absolute), np.inf, absolute))
    scale = np.where(np.isfinite(first), np.maximum(1.0, np.abs(first)), 1.0)
    return absolute / scale, absolute


def faults(compared: Sequence[Compared]) -> list[str]:
    """What is wrong, of all outputs."""
    return [one.fault for one in compared if one.fault]


def rows(compared: Sequence[Compared]) -> list[dict[str, object]]:
    """A table for a person."""
    return [
        {
            "output": one.output,
            "rows": one.rows,
            "largest difference": f"{one.absolute:.3g}",
            "relative": f"{one.relative:.3g}",
            "labels agree": None if one.agreement is None else f"{one.agreement:.2%}",
        }
        for one in compared
    ]


def joined(parts: Sequence[Mapping[str, Array]]) -> dict[str, Array]:
    """Outputs of several batches as one.

    Raises:
        ValueError: batches differ in more than their rows.
    """
    found: dict[str, Array] = {}
    for name in parts[0]:
        arrays = [np.asarray(part[name]) for part in parts]
        found[name] = np.concatenate(arrays)
    return found


def _labels(name: str, original: Array, converted: Array, places: Sequence[str]) -> Compared:
    rows = len(places)
    same = (original == converted).reshape(rows, -1).all(axis=1)
    worst = ""
    if not same.all():
        row = int(np.argmin(same))
        worst = f"{places[row]}: {brief(original[row].tolist())} originally, {brief(converted[row].tolist())} converted"
    return Compared(name, rows, 0.0, 0.0, float(same.mean()), int((~same).sum()), worst)


def _choice(values: Array) -> Array:
    """The label of each row."""
    return np.asarray(values.argmax(axis=1) if values.shape[1] > 1 else values[:, 0] >= 0.5)
