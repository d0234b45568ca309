"""`[[preprocess.features]]`: named numbers and categories -> columns of a matrix."""

from collections.abc import Callable, Sequence
from itertools import chain
from math import nan
from typing import Any, NoReturn

import numpy as np

from functions.core.errors import InvalidInput, brief
from functions.core.processing.declaration import Declaration, Table
from functions.core.processing.inputs.feature import NUMBERS, Feature, number
from functions.core.tensors import Array, TensorSpec

Place = Callable[[int], str]
"""From the index of a row to the path that errors give it; asked for only when there is an error."""


class Columns:
    """The features of a declaration: `rows` checks what came, `encode` makes numbers for a graph of it.

    Raises:
        InvalidPackage: a field is wrong, or does not fit the tensor that the feature goes to.
    """

    names: list[str]
    """Of the features, in their order."""
    features: list[Feature]
    width: int
    """Columns of the matrix: more than there are features where a category is encoded one-hot."""
    typical: Array
    """What stands for an absent feature, float64 [features], as `rows` gives values."""

    def __init__(self, declaration: Declaration) -> None:
        self.features = _features(declaration)
        self.names = [feature.name for feature in self.features]
        self.typical = np.array([feature.typical for feature in self.features])
        self.spans = _spans(self.features)
        self.width = self.spans[-1].stop
        self._known = frozenset(self.names)
        self._low = np.array([feature.low for feature in self.features])
        self._high = np.array([feature.high for feature in self.features])
        self._missing = np.array([nan if (fill := feature.missing) is None else fill for feature in self.features])
        self._optional = np.array([feature.missing is not None for feature in self.features])
        self._whole = np.array([feature.whole for feature in self.features])
        self._mean = np.array([feature.mean for feature in self.features])
        self._std = np.array([feature.std for feature in self.features])
        # What no feature needs is not done: most models have plain numbers.
        self._plain = not any(feature.category or feature.missing is not None for feature in self.features)
        self._has_whole, self._has_optional = bool(self._whole.any()), bool(self._optional.any())
        self._is_scaled = bool(self._mean.any() or (self._std != 1).any())
        self._is_expanded = any(feature.category and feature.category.is_expanded for feature in self.features)

    @property
    def row_bytes(self) -> int:
        """What a row becomes."""
        return 8 * self.width

    def rows(self, instances: Sequence[Any], place: Place) -> Array:
        """Read and check rows: objects of named values, lists in the declared order, or bare values of one feature.

        Args:
            place: gives the path of the row of that index, for errors.

        Returns:
            Values in the user's units, float64 [rows, features]; categories by index, missing values filled in.

        Raises:
            InvalidInput: a value is missing, of the wrong type, unknown or outside its range; names row and feature.
        """
        rows = [self._row(instance, index, place) for index, instance in enumerate(instances)]
        return self._checked(self._numbers(rows, place) if self._plain else self._mixed(rows, place), place)

    @property
    def is_numeric(self) -> bool:
        """Whether every feature is a number, so that rows can come as one matrix."""
        return not any(feature.category for feature in self.features)

    def matrix(self, values: Array, place: Place) -> Array:
        """Check rows that came as numbers already, as `rows` does.

        Args:
            values: float64 [rows, features] in the declared order, of features that are all numbers; NaN is no value.
            place: as of `rows`.

        Returns:
            As `rows`.

        Raises:
            InvalidInput: a value is missing or outside its range; names row and feature.
        """
        return self._checked(values, place)

    def _checked(self, values: Array, place: Place) -> Array:
        inside = (values >= self._low) & (values <= self._high)
        if self._has_optional:
            inside |= np.isnan(values) & self._optional
        if not inside.all():
            self._refuse_range(values, inside, place)
        if self._has_whole:
            self._check_whole(values, place)
        return np.where(np.isnan(values), self._missing, values) if self._has_optional else values

    def encode(self, values: Array) -> Array:
        """Columns for the graph of what `rows` gave: scaled, and categories one-hot where that is declared.

        Args:
            values: float64 [rows, features].

        Returns:
            float64 [rows, width]; feature i is in the columns `spans[i]`. May be `values` itself.
        """
        if self._is_scaled:
            values = (values - self._mean) / self._std
        if not self._is_expanded:
            return values
        from functions.core.processing.inputs.categories import expand  # few models encode one-hot

        return expand(values, self.features, self.spans)

    def schema(self) -> dict[str, Any]:
        """JSON Schema of a row: an object of the features, each within its range."""
        required = [feature.name for feature in self.features if feature.missing is None]
        properties = {feature.name: _schema(feature) for feature in self.features}
        return {"type": "object", "required": required, "properties": properties, "additionalProperties": False}

    def _row(self, instance: object, index: int, place: Place) -> Sequence[Any]:
        if type(instance) is dict:
            # As many names as features, all of which must be there: then none is unknown.
            if (self._has_optional or len(instance) != len(self.names)) and not instance.keys() <= self._known:
                unknown = next(name for name in instance if name not in self._known)
                expected = f"only the features {', '.join(self.names)}"
                raise InvalidInput(place(index), expected, f"a feature {brief(unknown)}")
            return [instance.get(name) for name in self.names]
        if type(instance) is list and len(instance) == len(self.names):
            return instance
        if type(instance) is not list and len(self.names) == 1:
            return [instance]
        raise InvalidInput(place(index), f"an object or a list of {', '.join(self.names)}", brief(instance))

    def _numbers(self, rows: Sequence[Sequence[Any]], place: Place) -> Array:
        if not NUMBERS.issuperset(map(type, chain.from_iterable(rows))):
            self._refuse_type(rows, place)
        return np.array(rows, dtype=np.float64).reshape(len(rows), len(self.features))

    def _mixed(self, rows: Sequence[Sequence[Any]], place: Place) -> Array:
        values = np.empty((len(rows), len(self.features)))
        for at, feature in enumerate(self.features):
            column = [row[at] for row in rows]
            if not feature.types.issuperset(map(type, column)):
                self._refuse_type(rows, place)
            values[:, at] = feature.category.indices(column) if feature.category else column  # None becomes NaN
            if feature.category and np.isnan(values[:, at]).any():
                self._refuse_type(rows, place)
        return values

    def _refuse_type(self, rows: Sequence[Sequence[Any]], place: Place) -> NoReturn:
        """Name the first value, in the order of the rows, that is of another type or an unknown category."""
        index, feature, value = next(
            (index, feature, value)
            for index, row in enumerate(rows)
            for feature, value in zip(self.features, row, strict=True)
            if type(value) not in feature.types or (feature.category and not feature.category.knows(value))
        )
        got = "nothing" if value is None else brief(value)
        raise InvalidInput(f"{place(index)}.{feature.name}", feature.expected, got)

    def _refuse_range(self, values: Array, inside: Array, place: Place) -> NoReturn:
        row, column = np.argwhere(~inside)[0]
        expected = f"a number from {self._low[column]:g} to {self._high[column]:g}"
        raise InvalidInput(f"{place(row)}.{self.names[column]}", expected, f"{values[row, column]:g}")

    def _check_whole(self, values: Array, place: Place) -> None:
        broken = self._whole & (values != np.rint(values)) & ~np.isnan(values)
        if broken.any():
            row, column = np.argwhere(broken)[0]
            raise InvalidInput(f"{place(row)}.{self.names[column]}", "an integer", f"{values[row, column]:g}")


def _spans(features: Sequence[Feature]) -> list[slice]:
    """The columns of each feature."""
    spans, start = [], 0
    for feature in features:
        width = feature.category.columns if feature.category else 1
        spans.append(slice(start, start + width))
        start += width
    return spans


def _schema(feature: Feature) -> dict[str, Any]:
    if feature.category:
        return feature.category.schema(feature.description, feature.missing is not None)
    kind = "integer" if feature.whole else "number"
    types = kind if feature.missing is None else [kind, "null"]
    return {"type": types, "minimum": feature.low, "maximum": feature.high, "description": feature.description}


def _features(declaration: Declaration) -> list[Feature]:
    """All of them, in their order. Raises InvalidPackage on a wrong one."""
    tables = declaration.table.get("features")
    if not isinstance(tables, list) or not tables:
        declaration.refuse("features", "a list of features", tables)
    shared = declaration.tensor() if "tensor" in declaration.table else None
    features = [_feature(declaration, table, f"features[{index}]", shared) for index, table in enumerate(tables)]
    if len({feature.name for feature in features}) != len(features):
        declaration.refuse("features", "features of different names", [feature.name for feature in features])
    return features


def _feature(declaration: Declaration, table: Table, field: str, shared: TensorSpec | None) -> Feature:
    if not isinstance(table, dict) or not isinstance(table.get("name"), str):
        declaration.refuse(f"{field}.name", "a name", table.get("name") if isinstance(table, dict) else table)
    own = table.get("tensor", table["name"])
    spec = shared if shared and "tensor" not in table else declaration.manifest.input(str(own))
    if spec is None:
        declaration.refuse(f"{field}.tensor", f"one of {[known.name for known in declaration.manifest.inputs]}", own)
    kind = table.get("type", "number")
    if kind == "category":
        from functions.core.processing.inputs.categories import feature  # most models have none

        return feature(declaration, table, field, spec)
    if kind != "number":
        declaration.refuse(f"{field}.type", "number or category", kind)
    return number(declaration, table, field, spec)
