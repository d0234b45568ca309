"""Raw tensor rows in: for a package that declares no preprocessing."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from functions.core.errors import InvalidInput, brief
from functions.core.processing.declaration import Declaration
from functions.core.tensors import DATATYPES, Array, TensorSpec, from_json

if TYPE_CHECKING:
    from functions.core.processing.inputs.elements import Elements


class RowInput:
    """An instance is the row of the only input, or an object with a row for each input by its name."""

    def __init__(self, declaration: Declaration) -> None:
        self._specs = declaration.manifest.inputs
        for spec in self._specs:
            if not spec.shape:
                declaration.refuse("kind", "a kind for a model that takes scalars", spec.name)

    def encode(self, instances: Sequence[Any], path: str) -> dict[str, Array]:
        """Feeds whose first dimension is the number of instances."""
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
        wanted = spec.shape[1:]
        if len(shape) != len(wanted) or any(want not in (-1, got) for got, want in zip(shape, wanted, strict=True)):
            raise InvalidInput(path, f"{spec.datatype} of shape {list(wanted)}", f"shape {list(shape)}")
        if spec.datatype == "BYTES":
            from functions.core.processing.inputs.encoded import decoded  # hardly a model takes strings

            row = decoded(row, len(shape), path)
        return from_json(spec, shape, row if shape else [row], path)


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
