"""Steps that are named features, as the readings of sensors are -> rows of numbers."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from functions.core.processing.declaration import Declaration
from functions.core.processing.inputs.features import Columns, Place
from functions.core.tensors import DATATYPES, Array


class Readings:
    """A step is an object of features, a list of them in order, or the number itself where there is one."""

    def __init__(self, declaration: Declaration) -> None:
        self.columns = Columns(declaration)
        spec = declaration.tensor()
        if DATATYPES[spec.datatype].dtype.kind != "f" or len(spec.shape) != 3:
            declaration.refuse("tensor", "a tensor of floats of shape [rows, steps, columns]", list(spec))
        if spec.shape[2] not in (-1, self.columns.width):
            declaration.refuse("features", f"{spec.shape[2]} columns", self.columns.width)
        for index, feature in enumerate(self.columns.features):
            if feature.spec != spec:
                declaration.refuse(f"features[{index}].tensor", "no tensor, as a step is one row", feature.spec.name)
        with np.errstate(over="ignore"):  # what a tiny standard deviation makes of it, it makes of every value
            self.absent: Array | None = self.columns.encode(self.columns.typical[None])[0]

    def encode(self, steps: Sequence[Any], place: Place) -> Array:
        """Columns, float64 [len(steps), columns]."""
        return self.columns.encode(self.columns.rows(steps, place))

    def schema(self) -> dict[str, Any]:
        """An object of the features."""
        return self.columns.schema()
