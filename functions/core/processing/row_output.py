"""Raw tensor rows out: for a package that declares no postprocessing."""

from collections.abc import Sequence
from typing import Any

from functions.core.errors import InvalidPackage
from functions.core.processing.declaration import Declaration
from functions.core.tensors import Array


class RowOutput:
    """A prediction is the row of the only output, or an object with a row of each output by its name."""

    def __init__(self, declaration: Declaration) -> None:
        self._name = declaration.manifest.name
        self._specs = declaration.manifest.outputs
        self.outputs = tuple(spec.name for spec in self._specs)

    def decode(self, values: Sequence[Array]) -> list[Any]:
        """Rows along the first dimension; a scalar output is one prediction."""
        rows = [_rows(value) for value in values]
        if len(rows) == 1:
            return rows[0]
        if len({len(row) for row in rows}) > 1:
            counts = ", ".join(f"{name} {len(row)}" for name, row in zip(self.outputs, rows, strict=True))
            raise InvalidPackage(self._name, f"its outputs have different numbers of rows: {counts}")
        return [dict(zip(self.outputs, row, strict=True)) for row in zip(*rows, strict=True)]

    def schema(self) -> dict[str, Any]:
        """A row of the only output, or an object of a row of each."""
        from functions.core.processing.schemas import row  # only documents ask for it

        if len(self._specs) == 1:
            return row(self._specs[0])
        rows = {spec.name: row(spec) for spec in self._specs}
        return {"type": "object", "required": list(rows), "properties": rows}


def _rows(value: Array) -> list[Any]:
    if value.dtype != object and (value.dtype.kind == "f" or value.ndim > 1):
        return list(value.reshape(-1, *value.shape[1:]))
    # Of single numbers, the encoder of JSON knows numpy's floats, in their short form, but not all its integers.
    return value.tolist() if value.ndim else [value.item()]
