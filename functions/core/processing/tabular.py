"""Named features -> one tensor of shape [rows, features]."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from functions.core.errors import InvalidInput, brief
from functions.core.processing.declaration import Declaration
from functions.core.tensors import DATATYPES, Array

NUMBERS = frozenset((int, float))


class Feature(NamedTuple):
    """A column: its name, the closed range outside which a value is refused, and what is an everyday value of it."""

    name: str
    low: float
    high: float
    description: str
    typical: float


class Tabular:
    """An instance is an object of named numbers, or a list of them in the declared order."""

    def __init__(self, declaration: Declaration) -> None:
        self._spec = declaration.tensor()
        self._dtype = DATATYPES[self._spec.datatype].dtype
        if self._dtype.kind not in "fiu" or len(self._spec.shape) != 2:
            declaration.refuse("tensor", "a tensor of numbers of shape [rows, features]", list(self._spec))
        self._features = _features(declaration)
        self._names = [feature.name for feature in self._features]
        if self._spec.shape[1] not in (-1, len(self._features)):
            declaration.refuse("features", f"{self._spec.shape[1]} features", len(self._features))
        finite = np.finfo(self._dtype) if self._dtype.kind == "f" else np.iinfo(self._dtype)
        self._low = np.array([max(feature.low, float(finite.min)) for feature in self._features])
        self._high = np.array([min(feature.high, float(finite.max)) for feature in self._features])

    def encode(self, instances: Sequence[Any], path: str) -> dict[str, Array]:
        """Feeds of shape [len(instances), features]; raises InvalidInput that names row and feature."""
        rows = [self._row(instance, f"{path}[{index}]") for index, instance in enumerate(instances)]
        values = np.array(rows, dtype=np.float64).reshape(len(rows), len(self._features))
        inside = (values >= self._low) & (values <= self._high)
        if not inside.all():
            row, column = np.argwhere(~inside)[0]
            expected = f"a number from {self._low[column]:g} to {self._high[column]:g}"
            raise InvalidInput(f"{path}[{row}].{self._names[column]}", expected, f"{values[row, column]:g}")
        return {self._spec.name: values.astype(self._dtype)}

    def schema(self) -> dict[str, Any]:
        """An object of the features, each within its range."""
        kind = "number" if self._dtype.kind == "f" else "integer"
        bounds = zip(self._features, self._low, self._high, strict=True)
        properties = {
            feature.name: {"type": kind, "minimum": low, "maximum": high, "description": feature.description}
            for feature, low, high in bounds
        }
        return {"type": "object", "required": self._names, "properties": properties, "additionalProperties": False}

    def parts(self) -> tuple[list[str], Array]:
        """What explanations attribute to: the features, and the value [features] that stands for an absent one."""
        return self._names, np.array([feature.typical for feature in self._features])

    def _row(self, instance: object, path: str) -> list[Any]:
        if type(instance) is dict:
            row = [instance.get(name) for name in self._names]
            if len(instance) != len(row):
                self._check_names(instance, path)
        elif type(instance) is list and len(instance) == len(self._names):
            row = instance
        else:
            raise InvalidInput(path, f"an object or a list of {', '.join(self._names)}", brief(instance))
        if not NUMBERS.issuperset(map(type, row)):
            index = next(index for index, value in enumerate(row) if type(value) not in NUMBERS)
            got = "nothing" if row[index] is None else brief(row[index])
            raise InvalidInput(f"{path}.{self._names[index]}", "a number", got)
        return row

    def _check_names(self, instance: Mapping[str, object], path: str) -> None:
        for name in instance:
            if name not in self._names:
                raise InvalidInput(path, f"only the features {', '.join(self._names)}", f"a feature {brief(name)}")


def _features(declaration: Declaration) -> list[Feature]:
    tables = declaration.table.get("features")
    if not isinstance(tables, list) or not tables:
        declaration.refuse("features", "a list of features", tables)
    features = [_feature(declaration, table, f"features[{index}]") for index, table in enumerate(tables)]
    if len({feature.name for feature in features}) != len(features):
        declaration.refuse("features", "features of different names", [feature.name for feature in features])
    return features


def _feature(declaration: Declaration, table: Mapping[str, Any], field: str) -> Feature:
    if not isinstance(table.get("name"), str):
        declaration.refuse(f"{field}.name", "a name", table.get("name"))
    bounds = table.get("range", [-np.inf, np.inf])
    if not isinstance(bounds, list) or len(bounds) != 2 or not NUMBERS.issuperset(map(type, bounds)):
        declaration.refuse(f"{field}.range", "[lowest, highest]", bounds)
    unit = f" ({table['unit']})" if table.get("unit") else ""
    low, high = float(bounds[0]), float(bounds[1])
    middle = (low + high) / 2 if np.isfinite(low + high) else 0.0
    typical = table.get("typical", middle)
    if type(typical) not in NUMBERS or not low <= typical <= high:
        declaration.refuse(f"{field}.typical", f"a number from {low:g} to {high:g}", typical)
    return Feature(table["name"], low, high, f"{table.get('description', '')}{unit}".strip(), float(typical))
