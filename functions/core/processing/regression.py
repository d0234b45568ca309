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
        numbers = values[0].reshape(-1)
        # The encoder of JSON knows numpy's floats, in their short form, but not all its integers.
        return list(numbers) if numbers.dtype.kind == "f" else numbers.tolist()

    @property
    def targets(self) -> tuple[str, ...]:
        """What explanations can be of: the number, which has no name."""
        return ("",)

    def scores(self, values: Sequence[Array]) -> Array:
        """The number, [rows, 1]."""
        return values[0].reshape(-1, 1)

    def schema(self) -> dict[str, Any]:
        """A number, in the declared unit."""
        return {"type": "number", "description": self._unit}
