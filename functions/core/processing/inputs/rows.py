"""Raw tensor rows in: for a package that declares no preprocessing."""

from collections.abc import Sequence
from itertools import chain
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from functions.core.errors import InvalidInput, brief
from functions.core.processing.declaration import Declaration
from functions.core.tensors import DATATYPES, Array, TensorSpec, from_json

if TYPE_CHECKING:
    from functions.core.processing.inputs.elements import Elements

TOGETHER = 1 << 16
"""Elements that are read at once: their Python objects are in a processor's cache, and what is copied stays small."""


class RowInput:
    """An instance is the row of the only input, or an object with a row for each input by its name."""

    def __init__(self, declaration: Declaration) -> None:
        self._specs = declaration.manifest.inputs
        for spec in self._specs:
            if not spec.shape:
                declaration.refuse("kind", "a kind for a model that takes scalars", spec.name)

    def encode(self, instances: Sequence[Any], path: str) -> dict[str, Array]:
        """Feeds whose first dimension is the number of instances."""
        feeds = self._together(instances, path) if len(instances) > 1 else None
        return self._each(instances, path) if feeds is None else feeds

    def _together(self, instances: Sequence[Any], path: str) -> dict[str, Array] | None:
        """Feeds of rows that all fit, read many at once; None where one may not, or wants a look of its own."""
        names = {spec.name for spec in self._specs}
        kinds = set(map(type, instances))
        if kinds == {dict}:
            if any(instance.keys() != names for instance in instances):
                return None
            columns = [[instance[spec.name] for instance in instances] for spec in self._specs]
        elif dict not in kinds and len(names) == 1:
            columns = [list(instances)]
        else:
            return None
        try:
            feeds = {spec.name: _joined(spec, rows, path) for spec, rows in zip(self._specs, columns, strict=True)}
        except InvalidInput:
            return None
        return feeds

    def _each(self, instances: Sequence[Any], path: str) -> dict[str, Array]:
        """The same row by row: a refusal names the first that does not fit."""
        feeds = {}
        for spec in self._specs:
            rows = [self._pick(instance, spec, f"{path}[{index}]") for index, instance in enumerate(instances)]
            tensors = [self._row(spec, row, at) for row, at in rows]
            feeds[spec.name] = tensors[0][np.newaxis] if len(tensors) == 1 else _stack(tensors, path)
        return feeds

    def schema(self) -> dict[str, Any]:
        """A row of the only input, or an object of a row for each."""
        from functions.core.processing.schemas import row  # only documents ask for it

        if len(self._specs) == 1:
            return row(self._specs[0])
        rows = {spec.name: row(spec) for spec in self._specs}
        return {"type": "object", "required": list(rows), "properties": rows, "additionalProperties": False}

    def parts(self, instance: object, path: str, limit: int) -> "Elements":
        """The numbers of the row, neighbours together where there are too many to weigh each."""
        from functions.core.processing.inputs.elements import Elements  # only explanations ask for it

        row = self.encode([instance], path)
        for spec in self._specs:
            if DATATYPES[spec.datatype].dtype.kind not in "bfiu" or DATATYPES[spec.datatype].element:
                raise InvalidInput(path, "a model of numbers, or one that declares its preprocessing", spec.datatype)
            if not row[spec.name].size:
                raise InvalidInput(path, "at least one number to attribute to", "none")
        return Elements(row, limit // 2)

    def _pick(self, instance: object, spec: TensorSpec, path: str) -> tuple[object, str]:
        names = [known.name for known in self._specs]
        if type(instance) is dict:
            if instance.keys() != set(names):
                raise InvalidInput(path, f"the inputs {', '.join(names)}", brief(list(instance)))
            return instance[spec.name], f"{path}.{spec.name}"
        if len(names) > 1:
            raise InvalidInput(path, f"an object with the inputs {', '.join(names)}", brief(instance))
        return instance, path

    def _row(self, spec: TensorSpec, row: object, path: str) -> Array:
        shape = _shape_of(row)
        _check_shape(spec, shape, path)
        if spec.datatype == "BYTES":
            from functions.core.processing.inputs.encoded import decoded  # hardly a model takes strings

            row = decoded(row, len(shape), path)
        return from_json(spec, shape, row if shape else [row], path)


def _check_shape(spec: TensorSpec, shape: tuple[int, ...], path: str) -> None:
    wanted = spec.shape[1:]
    if len(shape) != len(wanted) or any(want not in (-1, got) for got, want in zip(shape, wanted, strict=True)):
        raise InvalidInput(path, f"{spec.datatype} of shape {list(wanted)}", f"shape {list(shape)}")


def _joined(spec: TensorSpec, rows: list[Any], path: str) -> Array:
    """The tensor of rows of the first one's shape. Raises InvalidInput where not all are, or an element does not fit.

    `from_json` checks each list and each element, and takes numbers of many rows in a fraction of the time of each.
    """
    shape = _shape_of(rows[0])
    _check_shape(spec, shape, path)
    if spec.datatype == "BYTES":  # may be encoded, and hardly a model takes strings
        raise InvalidInput(path, "numbers", "strings")
    step = max(1, TOGETHER // max(1, prod(shape)))
    parts = [rows[start : start + step] for start in range(0, len(rows), step)]
    tensors = [from_json(spec, (len(part), *shape), _flat(part, shape, path), path) for part in parts]
    return tensors[0] if len(tensors) == 1 else np.concatenate(tensors)


def _flat(rows: list[Any], shape: tuple[int, ...], path: str) -> list[Any]:
    """Rows as `from_json` takes them soonest: one list of elements where each row is one, of the same length."""
    if shape and set(map(type, rows)) != {list}:
        raise InvalidInput(path, "rows as lists", "numbers")  # which might be taken for a flat tensor
    if len(shape) != 1 or not shape[0]:
        return rows
    if set(map(len, rows)) != {shape[0]}:
        raise InvalidInput(path, "rows of one length", "others")
    flat = list(chain.from_iterable(rows))
    if type(flat[0]) is list:
        raise InvalidInput(path, "rows of numbers", "rows of lists")  # the same
    return flat


def _stack(rows: list[Array], path: str) -> Array:
    """One tensor of rows that each fit the signature; a dynamic dimension must be the same in all of them."""
    for index, row in enumerate(rows):
        if row.shape != rows[0].shape:
            raise InvalidInput(f"{path}[{index}]", f"the first row's shape {list(rows[0].shape)}", f"{list(row.shape)}")
    return np.stack(rows)


def _shape_of(row: object) -> tuple[int, ...]:
    """The shape of nested lists, read along their first elements; `from_json` checks the others."""
    shape: list[int] = []
    while type(row) is list:
        shape.append(len(row))
        row = row[0] if row else None
    return tuple(shape)
