"""`[compress]` of model.toml: what a compressed model must still be like, and the data that shows it."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from functions.core.errors import InvalidPackage, brief

METRICS = ("accuracy", "macro_f1", "auc", "ece", "rmse", "mae", "r2", "ndcg", "recall", "cosine", "agreement")
TARGETS = ("size", "latency", "cost")
DATA, CALIBRATION = "evaluation.jsonl", "calibration.jsonl"
SUFFIX = ".jsonl"
LARGEST = 2**40
"""Bytes, or milliseconds, beyond which a limit says nothing."""


class Gate(NamedTuple):
    """What was agreed; None is left to the kind of the model.

    Attributes:
        metric: the task's metric, one of METRICS.
        max_drop: by how much it may be worse than the original's, in the metric's unit.
        agreement: the least agreement with the original's answers, 0 to 1.
        max_bytes: of the file; max_ms: of a run with one row, on the machine that measures.
        data, calibration: files of rows, in the user's terms.
        target: what to make small: the file, the time of a run, or the price of both.
    """

    metric: str | None = None
    max_drop: float | None = None
    agreement: float | None = None
    max_bytes: int | None = None
    max_ms: float | None = None
    data: str = DATA
    calibration: str = CALIBRATION
    target: str = "size"


def read(folder: Path, table: dict[str, Any]) -> Gate:
    """The table's fields. Raises InvalidPackage where one is unknown or wrong; the message names it."""
    for field in table.keys() - set(Gate._fields):
        _refuse(folder, field, f"one of the fields {', '.join(Gate._fields)}", field)
    for field, value in table.items():
        expected, holds = RULES[field]
        if not holds(value):
            _refuse(folder, field, expected, value)
    return Gate(**table)


def _within(highest: float) -> tuple[str, Callable[[Any], bool]]:
    return f"a number from 0 to {highest}", lambda value: type(value) in (int, float) and 0 <= value <= highest


def _one_of(choices: Sequence[str]) -> tuple[str, Callable[[Any], bool]]:
    return f"one of {', '.join(choices)}", lambda value: value in choices


def _is_name(value: object) -> bool:
    return isinstance(value, str) and value.endswith(SUFFIX) and set(value).isdisjoint("/\\\0") and len(value) < 200


def _refuse(folder: Path, field: str, expected: str, got: object) -> NoReturn:
    raise InvalidPackage(str(folder), f"expected {expected} - got {brief(got)} - at `compress.{field}` of model.toml")


FILE_OF_ROWS = f"the name of a {SUFFIX} file in the folder", _is_name
RULES: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "metric": _one_of(METRICS),
    "max_drop": _within(LARGEST),
    "agreement": _within(1),
    "max_bytes": (f"a number of bytes from 1 to {LARGEST}", lambda value: type(value) is int and 1 <= value <= LARGEST),
    "max_ms": _within(LARGEST),
    "data": FILE_OF_ROWS,
    "calibration": FILE_OF_ROWS,
    "target": _one_of(TARGETS),
}
"""What each field must be."""
