"""The labels of a file of rows, in the user's terms, as arrays that answers compare with."""

from collections.abc import Callable
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from functions.core.errors import brief
from toolchain.compression.evaluation.answers import NONE, Answers, Kind
from toolchain.compression.evaluation.datasets import Rows
from toolchain.compression.evaluation.errors import InvalidData

Truth = NDArray[Any]
"""As the choices of `Answers` for classes [rows] and labels [rows, labels]; numbers [rows, width] in float64; of items
the right ones of each row, NONE after the last, [rows, most]."""


class _Reader:
    """Reads the labels of one file."""

    def __init__(self, rows: Rows, targets: tuple[str, ...], width: int, *, may_be_none: bool) -> None:
        self._rows = rows
        self._targets = targets
        self._width = width
        self._known = {target: index for index, target in enumerate(targets)}
        self._may_be_none = may_be_none

    def classes(self, index: int, label: Any) -> int:
        """The index of a class."""
        if label is None and self._may_be_none:
            return NONE
        if not isinstance(label, str) or label not in self._known:
            self._refuse(index, f"one of the labels {brief(list(self._targets))}", label)
        return self._known[label]

    def labels(self, index: int, label: Any) -> list[int]:
        """Which labels hold."""
        if not isinstance(label, list):
            self._refuse(index, "a list of labels", label)
        said = {self.classes(index, each) for each in label}
        return [int(each in said) for each in range(len(self._targets))]

    def items(self, index: int, label: Any) -> list[int]:
        """Which items are right."""
        wanted = [label] if isinstance(label, str) else label
        if not isinstance(wanted, list) or not wanted:
            self._refuse(index, "an item, or a list of items", label)
        for item in wanted:
            if not isinstance(item, str) or item not in self._known:
                self._refuse(index, "items that the model ranks", item)
        return sorted({self._known[item] for item in wanted})

    def numbers(self, index: int, label: Any) -> list[float]:
        """The right numbers."""
        if isinstance(label, dict) and label.keys() == self._known.keys():
            label = [label[target] for target in self._targets]
        values = np.asarray(label).ravel().tolist() if _is_even(label) else []
        if len(values) != self._width or not all(type(value) in (int, float) for value in values):
            what = "a number" if self._width == 1 else f"{self._width} numbers"
            self._refuse(index, f"{what}, as the model answers", label)
        return [float(value) for value in values]

    def _refuse(self, index: int, expected: str, got: object) -> NoReturn:
        raise InvalidData(f"`label` of {self._rows.place(index)}", expected, brief(got))


def read(rows: Rows, original: Answers, targets: tuple[str, ...], *, may_be_none: bool = False) -> Truth | None:
    """The labels of rows; None where the file has none.

    Args:
        original: what the original answers, which tells the kind and the width.
        targets: names of classes, labels, items or numbers.
        may_be_none: whether "none of them" is a label, as of nearest answers.

    Raises:
        InvalidData: a label is not one of the model's, or they do not differ, so that nothing can be measured.
    """
    if rows.labels is None:
        return None
    if original.kind == "vectors":
        raise InvalidData(f"`label` of {rows.place(0)}", "no label, as a model of vectors answers none", "one")
    reader = _Reader(rows, targets, original.scores.shape[1], may_be_none=may_be_none)
    read_one: dict[Kind, Callable[[int, Any], Any]] = {
        "classes": reader.classes, "labels": reader.labels, "items": reader.items, "numbers": reader.numbers,
    }  # fmt: skip
    found = [read_one[original.kind](index, label) for index, label in enumerate(rows.labels)]
    if original.kind == "items":
        longest = max(map(len, found))
        return np.array([row + [NONE] * (longest - len(row)) for row in found], np.int64)
    values = np.array(found, np.float64 if original.kind == "numbers" else np.int64)
    if (values == values[0]).all():
        raise InvalidData(rows.file, "rows with different labels", f"only {brief(rows.labels[0])}")
    return values


def _is_even(label: Any) -> bool:
    """Whether a label is a number, or lists of numbers of one shape."""
    if not isinstance(label, list):
        return type(label) in (int, float)
    try:
        return np.asarray(label).dtype.kind in "if"
    except ValueError:
        return False
