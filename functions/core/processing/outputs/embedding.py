"""A tensor of vectors -> each as a list of numbers, to be compared or stored."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from functions.core.processing.declaration import Declaration
from functions.core.processing.outputs.matrix import NUMBER, misfit, number_tensor
from functions.core.processing.outputs.vectors import unit
from functions.core.tensors import Array


class Embedding:
    """A prediction is a list of numbers, of L2 norm 1 unless the package says otherwise."""

    def __init__(self, declaration: Declaration) -> None:
        self._spec = number_tensor(declaration, "[rows, width]", (-1,))
        self._package = declaration.manifest.name
        self.outputs = (self._spec.name,)
        self._normalize = declaration.flag("normalize", True)

    def decode(self, values: Sequence[Array]) -> list[Any]:
        """From vectors of shape [rows, width]. Raises InvalidPackage where the output has another."""
        vectors = values[0]
        if vectors.ndim != len(self._spec.shape):
            raise misfit(self._package, self._spec.name, "[rows, width]", vectors)
        if self._normalize:
            vectors = unit(vectors if vectors.dtype.kind == "f" else vectors.astype(np.float64))
        return list(np.ascontiguousarray(vectors))

    def schema(self) -> dict[str, Any]:
        """A list of as many numbers as the vectors are wide."""
        from functions.core.processing.schemas import nested  # only documents ask for it

        return nested(self._spec.shape[1:], NUMBER)
