"""Raw tensor rows out: for a package that declares no postprocessing."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from functions.core.errors import InvalidInput, InvalidPackage
from functions.core.processing.declaration import Declaration
from functions.core.tensors import MAP, Array, TensorSpec


class RowOutput:
    """A prediction is the row of the only output, or an object with a row of each output by its name."""

    def __init__(self, declaration: Declaration) -> None:
        self._name = declaration.manifest.name
        self._specs = declaration.manifest.outputs
        self.outputs = tuple(spec.name for spec in self._specs)

    def decode(self, values: Sequence[Any]) -> list[Any]:
        """Rows along the first dimension; a scalar output is one prediction, of a sequence of maps each map is."""
        rows = [_rows(spec, value) for spec, value in zip(self._specs, values, strict=True)]
        if len(rows) == 1:
            return rows[0]
        if len({len(row) for row in rows}) > 1:
            counts = ", ".join(f"{name} {len(row)}" for name, row in zip(self.outputs, rows, strict=True))
            reason = f"its outputs have different numbers of rows: {counts}; ask for whole tensors with `inputs`"
            raise InvalidPackage(self._name, reason)
        return [dict(zip(self.outputs, row, strict=True)) for row in zip(*rows, strict=True)]

    targets: tuple[str, ...] = ()
    """None have names: the columns of `scores` are known by their index."""

    def scores(self, values: Sequence[Any]) -> Array:
        """The numbers of the first output of floats, [rows, elements]. Raises InvalidInput where there is none."""
        for value in values:
            if isinstance(value, np.ndarray) and value.dtype.kind == "f" and value.ndim:
                return value.reshape(len(value), -1)
        raise InvalidInput("instances", "a model that answers floats, or declares its postprocessing", self._name)

    def schema(self) -> dict[str, Any]:
        """A row of the only output, or an object of a row of each."""
        if len(self._specs) == 1:
            return _schema(self._specs[0])
        rows = {spec.name: _schema(spec) for spec in self._specs}
        return {"type": "object", "required": list(rows), "properties": rows}


def _rows(spec: TensorSpec, value: Any) -> list[Any]:
    if spec.kind == MAP:
        from functions.core.containers import write_map  # only scikit-learn's classifiers have them

        return [write_map(spec, item) for item in value]
    if value.dtype != object and (value.dtype.kind == "f" or value.ndim > 1):
        return list(value.reshape(-1, *value.shape[1:]))
    # Of single numbers, the encoder of JSON knows numpy's floats, in their short form, but not all its integers.
    return value.tolist() if value.ndim else [value.item()]


def _schema(spec: TensorSpec) -> dict[str, Any]:
    from functions.core.processing import schemas  # only documents ask for it

    if spec.kind == MAP:
        return {"type": "object", "additionalProperties": schemas.element(spec.datatype)}
    return schemas.row(spec)
