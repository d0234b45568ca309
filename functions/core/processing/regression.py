"""A tensor with one number per row -> that number."""

from collections.abc import Sequence
from typing import Any

from functions.core.processing.declaration import Declaration
from functions.core.tensors import Array


class Regression:
    """A prediction is a number."""

    def __init__(self, declaration: Declaration) -> None:
        spec = declaration.tensor()
        self.outputs = (spec.name,)
        self._unit = str(declaration.table.get("unit", ""))
        if len(spec.shape) not in (1, 2) or spec.shape[1:] not in ((), (1,), (-1,)):
            declaration.refuse("tensor", "a tensor of shape [rows] or [rows, 1]", list(spec.shape))

    def decode(self, values: Sequence[Array]) -> list[Any]:
        """From values of shape [rows] or [rows, 1]."""
        return list(values[0].reshape(-1))

    def schema(self) -> dict[str, Any]:
        """A number, in the declared unit."""
        return {"type": "number", "description": self._unit}
