"""A regression that declares more than a unit: a range to which numbers are clipped, or several numbers by name."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from functions.core.processing.declaration import Declaration
from functions.core.processing.outputs.matrix import NUMBER, Matrix, number_tensor
from functions.core.tensors import DATATYPES, Array

OPEN = (-np.inf, np.inf)


class Value(NamedTuple):
    """A number of a prediction: its name, its unit, and the closed range to which it is clipped."""

    name: str
    unit: str
    low: float
    high: float


class Values:
    """A prediction is a number, or an object of named numbers, each within its range."""

    def __init__(self, declaration: Declaration) -> None:
        self._matrix: Matrix | None = None
        if "values" in declaration.table:
            self._values = _values(declaration)
            self._matrix = Matrix(declaration, "values", len(self._values), "values")
        else:
            number_tensor(declaration, "[rows] or [rows, 1]", (), (1,))
            self._values = [_value(declaration, "", declaration.table, "")]
        self.targets = tuple(value.name for value in self._values)
        # Bounds in the precision in which they are answered; between integers there may be none of the same type.
        datatype = DATATYPES[declaration.tensor().datatype].dtype
        dtype = datatype if datatype.kind == "f" else np.dtype(np.float64)
        with np.errstate(over="ignore"):  # a bound beyond what the tensor holds becomes infinite: none is needed
            self._low = np.array([value.low for value in self._values], dtype)
            self._high = np.array([value.high for value in self._values], dtype)

    def decode(self, values: Sequence[Array]) -> list[Any]:
        """From values of shape [rows] or [rows, 1], or [rows, values]. Raises InvalidPackage where it is another."""
        rows = self.scores(values)
        return [dict(zip(self.targets, row, strict=True)) for row in rows] if self._matrix else list(rows.reshape(-1))

    def scores(self, values: Sequence[Array]) -> Array:
        """The numbers, [rows, 1] or [rows, values]."""
        rows = self._matrix.rows(values[0]) if self._matrix else values[0].reshape(-1, 1)
        return np.clip(rows, self._low, self._high)

    def schema(self) -> dict[str, Any]:
        """A number in its unit and range, or an object of such."""
        bounds = zip(self._values, self._low, self._high, strict=True)
        numbers = {value.name: _schema(value, low, high) for value, low, high in bounds}
        return {"type": "object", "required": list(numbers), "properties": numbers} if self._matrix else numbers[""]


def _schema(value: Value, low: Any, high: Any) -> dict[str, Any]:
    # As answers show the bounds: a float32 in its short form.
    bounds = {"minimum": float(str(low)), "maximum": float(str(high))}
    return NUMBER | {"description": value.unit} | {key: bound for key, bound in bounds.items() if np.isfinite(bound)}


def _values(declaration: Declaration) -> list[Value]:
    tables = declaration.table["values"]
    if not isinstance(tables, list) or not tables or not all(isinstance(table, Mapping) for table in tables):
        declaration.refuse("values", "a list of values, each with a name", tables)
    for index, table in enumerate(tables):
        if not isinstance(table.get("name"), str) or not table["name"]:
            declaration.refuse(f"values[{index}].name", "a name", table.get("name"))
    names = [table["name"] for table in tables]
    if len(set(names)) != len(names):
        declaration.refuse("values", "values of different names", names)
    return [_value(declaration, table["name"], table, f"values[{index}].") for index, table in enumerate(tables)]


def _value(declaration: Declaration, name: str, table: Mapping[str, Any], place: str) -> Value:
    # An infinite bound of model.toml is null in the package, as JSON has no infinity.
    bounds = table.get("range", [None, None])
    if (
        not isinstance(bounds, list)
        or len(bounds) != 2
        or not all(type(at) in (int, float, type(None)) for at in bounds)
    ):
        declaration.refuse(f"{place}range", "[lowest, highest]", bounds)
    low, high = (float(default if at is None else at) for at, default in zip(bounds, OPEN, strict=True))
    if low > high:
        declaration.refuse(f"{place}range", "[lowest, highest]", bounds)
    return Value(name, str(table.get("unit", "")), low, high)
