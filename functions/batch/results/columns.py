"""Predictions as columns: those that their JSON Schema knows, in every part the same."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from functions.batch.rows import Answers


class Columns:
    """Names and cells of a prediction: an object's members by name, nested ones as `probabilities.<label>`."""

    def __init__(self, schema: Mapping[str, Any]) -> None:
        found = _paths(schema, ())
        self.paths = [path for path, _ in found]
        self.names = [".".join(path) or "prediction" for path in self.paths]
        self.kinds = [_kind(member) for _, member in found]

    def cells(self, predictions: Sequence[Any]) -> list[list[Any]]:
        """A list for each column: plain values, None where there is none, JSON text of what is nested."""
        return [[_cell(prediction, path) for prediction in predictions] for path in self.paths]


class Table:
    """The columns of some answers: row, carried ones, the prediction's, the explanation."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self._rows = 0
        self.cells: dict[str, list[Any]] = {"row": []}
        self.kinds: dict[str, str] = {}
        """JSON types of the prediction's columns."""

    def add(self, answers: Answers) -> None:
        """Append these; a column that they lack is None in them."""
        found: dict[str, Sequence[Any]] = {"row": answers.numbers}
        found |= {name: [_plain(value) for value in values] for name, values in answers.carried.items()}
        carried = set(found)
        cells = self._columns.cells(answers.predictions)
        for name, kind, values in zip(self._columns.names, self._columns.kinds, cells, strict=True):
            # A carried column keeps its name; the prediction's of the same name says what it is.
            named = f"prediction.{name}" if name in carried else name
            found[named], self.kinds[named] = values, kind
        if answers.explanations:
            found["explanation"] = [_plain(value) for value in answers.explanations]
        for name in found:
            self.cells.setdefault(name, [None] * self._rows)
        self._rows += len(answers.numbers)
        for name, column in self.cells.items():
            column.extend(found.get(name, [None] * len(answers.numbers)))


def _paths(schema: Mapping[str, Any], at: tuple[str, ...]) -> list[tuple[tuple[str, ...], Mapping[str, Any]]]:
    properties = schema.get("properties")
    if not properties:
        return [(at, schema)]
    return [found for name, member in properties.items() for found in _paths(member, (*at, name))]


def _kind(schema: Mapping[str, Any]) -> str:
    """The JSON type of a column's cells; what is nested or of many types is text."""
    declared = schema.get("type", "string")
    kinds = [kind for kind in ([declared] if isinstance(declared, str) else declared) if kind != "null"]
    return kinds[0] if len(kinds) == 1 and kinds[0] in ("number", "integer", "boolean") else "string"


def _cell(prediction: Any, path: Sequence[str]) -> Any:
    for name in path:
        prediction = prediction.get(name) if isinstance(prediction, Mapping) else None
    return _plain(prediction)


def _plain(value: Any) -> Any:
    if value is None or type(value) in (str, int, float, bool):
        return value
    # As real time writes it: numpy's numbers in their short form, NaN as null.
    text = orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY)
    found = orjson.loads(text)
    return text.decode() if isinstance(found, list | dict) else found
