"""The tensor of numbers that a declared postprocessing reads: checked as the graph declares it, and as it comes."""

from typing import Any

import numpy as np

from functions.core.errors import InvalidPackage
from functions.core.processing.declaration import Declaration
from functions.core.tensors import DATATYPES, TENSOR, Array, TensorSpec

NUMBER: dict[str, Any] = {"type": ["number", "null"]}
"""JSON Schema of a number that a model computed: NaN and infinities are written as null."""


def number_tensor(declaration: Declaration, expected: str, *tails: tuple[int, ...]) -> TensorSpec:
    """The section's tensor: of numbers, and after the dimension of the rows of a shape that can be one of `tails`."""
    spec = declaration.tensor()
    if spec.kind != TENSOR or not DATATYPES[spec.datatype].carrier:
        declaration.refuse("tensor", "a tensor of numbers", f"a {spec.kind} of {spec.datatype}")
    if not spec.shape or not any(_can_be(spec.shape[1:], tail) for tail in tails):
        declaration.refuse("tensor", f"a tensor of shape {expected}", list(spec.shape))
    return spec


class Matrix:
    """An output of shape [rows, columns], with as many columns as something else says."""

    def __init__(self, declaration: Declaration, columns: str, count: int, field: str) -> None:
        """Check it against the graph.

        Args:
            columns: what they are, as messages say it.
            field: of the section, from which `count` comes.
        """
        spec = number_tensor(declaration, f"[rows, {columns}]", (-1,))
        if spec.shape[1] not in (-1, count):
            declaration.refuse(field, f"{columns} for a tensor of shape {list(spec.shape)}", count)
        self.name = spec.name
        self._package = declaration.manifest.name
        self._tail = (count,)

    def rows(self, value: Array) -> Array:
        """The output as floats [rows, columns].

        Raises:
            InvalidPackage: it has another shape; where the graph states no number of columns, only a run tells.
        """
        if value.shape[1:] != self._tail:
            raise misfit(self._package, self.name, f"[rows, {self._tail[0]}]", value)
        return value if value.dtype.kind == "f" else value.astype(np.float64)


def misfit(package: str, name: str, expected: str, value: Array) -> InvalidPackage:
    """What to raise when an output comes in a shape that its graph did not announce."""
    return InvalidPackage(package, f"expected its output {name!r} of shape {expected} - got {list(value.shape)}")


def _can_be(shape: tuple[int, ...], wanted: tuple[int, ...]) -> bool:
    """Whether the two agree; -1 on either side is any extent."""
    pairs = zip(shape, wanted, strict=False)
    return len(shape) == len(wanted) and all(have == want or -1 in (have, want) for have, want in pairs)
