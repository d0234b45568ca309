"""Raw tensor rows out: for a package that declares no postprocessing."""

from collections.abc import Sequence
from typing import Any

from functions.core.processing.declaration import Declaration
from functions.core.tensors import Array


class RowOutput:
    """A prediction is the row of the only output, or an object with a row of each output by its name."""

    def __init__(self, declaration: Declaration) -> None:
        self._specs = declaration.manifest.outputs
        self.outputs = tuple(spec.name for spec in self._specs)

    def decode(self, values: Sequence[Array]) -> list[Any]:
        """Rows along the first dimension; a scalar output is one prediction."""
        rows = [_rows(value) for value in values]
        if len(rows) == 1:
            return rows[0]
        return [dict(zip(self.outputs, row, strict=True)) for row in zip(*rows, strict=True)]

    def schema(self) -> dict[str, Any]:
        """A row of the only output, or an object of a row of each."""
        from functions.core.processing.schemas import row  # only documents ask for it

        if len(self._specs) == 1:
            return row(self._specs[0])
        rows = {spec.name: row(spec) for spec in self._specs}
        return {"type": "object", "required": list(rows), "properties": rows}


def _rows(value: Array) -> list[Any]:
    return value.tolist() if value.dtype == object else list(value.reshape(-1, *value.shape[1:]))
