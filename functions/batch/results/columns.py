"""Answers as columns: those that the JSON Schema of a prediction and the options know, in every part the same."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import orjson

from functions.batch.options import Options
from functions.batch.results.lane import Labels, lane
from functions.batch.rows import Answers
from functions.core.predictor import Predictor
from functions.core.tensors import Array

LARGEST = 2**63 - 1
"""Integers beyond need a column without a sign."""
OPTION = orjson.OPT_SERIALIZE_NUMPY
"""As real time writes a prediction: numpy's numbers in their short form, NaN and infinities as null."""
PLAIN = frozenset((str, int, bool, type(None)))
"""Types of cells that are written as they are, whatever they came from."""


class Kind(NamedTuple):
    """What a column's cells are."""

    element: str
    """number, integer, unsigned, boolean or string."""
    depth: int = 0
    """How deep the cells are lists of it."""


ROW, TEXT = Kind("integer"), Kind("string")


class Column(NamedTuple):
    """A column of some rows."""

    kind: Kind | None
    """None: carried along, of whatever the file has."""
    cells: Sequence[Any] | Array | Labels
    """Plain values, lists of any depth where the kind has one, None where there is none; or arrays of a lane."""


class Columns:
    """The columns of answers: row, carried ones, the prediction's members by name, the explanation.

    A nested member is named as `probabilities.<label>`. A carried column keeps its name; one of the prediction that
    has the same name is called `prediction.<name>`.
    """

    def __init__(self, predictor: Predictor, options: Options) -> None:
        self.lane = lane(predictor, options)
        self._members = [
            (path, ".".join(path) or "prediction", kind_of(schema))
            for path, schema in _paths(predictor.postprocess.schema(), ())
        ]
        # The rows' ids go under that name, whatever the file calls them. Without it, only files that have ids show it.
        self._carried = (*options.carry, *(("id",) if options.id else ()))
        self._is_explained = options.explain is not None

    def of(self, answers: Answers) -> dict[str, Column]:
        """The columns of these, by name, in order. Raises InvalidPackage as decoding does."""
        rows = len(answers.numbers)
        found = {"row": Column(ROW, _numbers(answers.numbers))}
        absent = dict.fromkeys(self._carried, [None] * rows)
        for name, values in (absent | dict(answers.carried)).items():
            found[name] = Column(None, [_plain(value) for value in values])
        taken = set(found)
        for (_, name, kind), cells in zip(self._members, self._cells(answers), strict=True):
            found[f"prediction.{name}" if name in taken else name] = Column(kind, cells)
        if self._is_explained:
            found["explanation"] = Column(TEXT, texts(answers.explanations))
        return found

    def _cells(self, answers: Answers) -> Sequence[Sequence[Any] | Array | Labels]:
        predictions = answers.predictions
        if self.lane is not None and answers.tensors:
            if (columns := self.lane.columns(answers.tensors)) is not None:
                return columns
            predictions = self.lane.predictions(answers.tensors)
        return [_members(predictions, path, kind) for path, _, kind in self._members]


def kind_of(schema: Mapping[str, Any]) -> Kind:
    """What a member's cells are, by its schema; what is nested otherwise or of many types is text."""
    declared = schema.get("type", "string")
    kinds = [kind for kind in ([declared] if isinstance(declared, str) else declared) if kind != "null"]
    if kinds == ["array"] and "items" in schema:
        inner = kind_of(schema["items"])
        return TEXT if inner.element == "string" else inner._replace(depth=inner.depth + 1)
    if kinds == ["integer"] and schema.get("maximum", 0) > LARGEST:
        return Kind("unsigned")
    return Kind(kinds[0]) if len(kinds) == 1 and kinds[0] in ("number", "integer", "boolean") else TEXT


def texts(cells: Sequence[Any]) -> list[Any]:
    """Cells as text: JSON, but for what is text already or nothing."""
    return [cell if cell is None or type(cell) is str else orjson.dumps(cell, option=OPTION).decode() for cell in cells]


def rows_as_json(values: Array) -> list[bytes]:
    """The JSON of each row of floats [rows] or [rows, ...], without the brackets of a row of numbers."""
    if not len(values):
        return []
    if values.ndim > 2 or not values.size:
        return [orjson.dumps(row, option=OPTION)[1:-1] for row in np.ascontiguousarray(values)]
    whole = orjson.dumps(np.ascontiguousarray(values), option=OPTION)
    return whole[1:-1].split(b",") if values.ndim == 1 else whole[2:-2].split(b"],[")


def _numbers(rows: Sequence[int]) -> Array:
    return np.arange(rows.start, rows.stop) if isinstance(rows, range) else np.asarray(rows, np.int64)


def _members(predictions: Sequence[Any], path: Sequence[str], kind: Kind) -> list[Any]:
    """A member of each prediction, by its path."""
    cells = list(predictions)
    for name in path:
        cells = [cell.get(name) if isinstance(cell, Mapping) else None for cell in cells]
    if kind == TEXT:
        return texts(cells)
    if kind.depth or PLAIN.issuperset(map(type, cells)):
        return cells
    found: list[Any] = orjson.loads(orjson.dumps(cells, option=OPTION))
    return found


def _paths(schema: Mapping[str, Any], at: tuple[str, ...]) -> list[tuple[tuple[str, ...], Mapping[str, Any]]]:
    properties = schema.get("properties")
    if not properties:
        return [(at, schema)]
    return [found for name, member in properties.items() for found in _paths(member, (*at, name))]


def _plain(value: Any) -> Any:
    """A carried value as one that every format has: what is nested as JSON text."""
    if value is None or type(value) in (str, int, float, bool):
        return value
    found = orjson.loads(text := orjson.dumps(value, option=OPTION))
    return text.decode() if isinstance(found, list | dict) else found
