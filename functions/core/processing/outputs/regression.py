"""A tensor with one number per row -> that number."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from functions.core.processing.declaration import Declaration
from functions.core.tensors import DATATYPES, TENSOR, Array

if TYPE_CHECKING:
    from functions.core.processing.outputs.values import Values


class Regression:
    """A prediction is a number, or what the package declares in its place."""

    def __init__(self, declaration: Declaration) -> None:
        spec = declaration.tensor()
        self.outputs = (spec.name,)
        self._unit = str(declaration.table.get("unit", ""))
        self._values = _values(declaration)
        self.targets = self._values.targets if self._values else ("",)
        if self._values:
            return
        if spec.kind != TENSOR or not DATATYPES[spec.datatype].carrier:
            declaration.refuse("tensor", "a tensor of numbers", f"a {spec.kind} of {spec.datatype}")
        if len(spec.shape) not in (1, 2) or spec.shape[1:] not in ((), (1,), (-1,)):
            declaration.refuse("tensor", "a tensor of shape [rows] or [rows, 1]", list(spec.shape))

    def decode(self, values: Sequence[Array]) -> list[Any]:
        """From values of shape [rows] or [rows, 1], or what the package declares."""
        if self._values:
            return self._values.decode(values)
        numbers = values[0].reshape(-1)
        # The encoder of JSON knows numpy's floats, in their short form, but not all its integers.
        return list(numbers) if numbers.dtype.kind == "f" else numbers.tolist()

    def scores(self, values: Sequence[Array]) -> Array:
        """The number, [rows, 1], or the named ones."""
        if self._values:
            return self._values.scores(values)
        return values[0].reshape(-1, 1)

    def chosen(self, _scores: Array) -> int:
        """The first number, where there are several: none is more of an answer than the others."""
        return 0

    def schema(self) -> dict[str, Any]:
        """A number, in the declared unit, or what the package declares."""
        if self._values:
            return self._values.schema()
        return {"type": "number", "description": self._unit}


def _values(declaration: Declaration) -> "Values | None":
    """The form for all that is more than one number as it is."""
    if declaration.table.keys().isdisjoint(("values", "range")):
        return None
    from functions.core.processing.outputs.values import Values  # most need none, and a start pays for each module

    return Values(declaration)
