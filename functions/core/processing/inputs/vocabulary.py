"""Steps that are tokens of a vocabulary, as the items of a history are -> their indices."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from functions.core.errors import InvalidInput, brief
from functions.core.processing.declaration import Declaration
from functions.core.processing.inputs.features import Place
from functions.core.tensors import DATATYPES, Array


class Vocabulary:
    """A step is a string of the vocabulary."""

    absent: Array | None = None

    def __init__(self, declaration: Declaration) -> None:
        first = declaration.whole("first", 1, 0, 2**31 - 1)
        self._indices = {token: index for index, token in enumerate(declaration.texts("vocabulary"), first)}
        spec = declaration.tensor()
        if DATATYPES[spec.datatype].dtype.kind not in "iu" or len(spec.shape) != 2:
            declaration.refuse("tensor", "a tensor of integers of shape [rows, steps]", list(spec))

    def encode(self, steps: Sequence[Any], place: Place) -> Array:
        """Indices, int64 [len(steps)]."""
        found = [self._indices.get(step) if type(step) is str else None for step in steps]
        if None in found:
            index = found.index(None)
            expected = f"one of the {len(self._indices)} entries of the vocabulary"
            raise InvalidInput(place(index), expected, brief(steps[index]))
        return np.array(found, dtype=np.int64)

    def schema(self) -> dict[str, Any]:
        """One of the entries."""
        return {"type": "string", "enum": list(self._indices)}
