"""The features of one instance: what explanations of tabular models attribute to."""

from collections.abc import Callable

import numpy as np

from functions.core.processing.inputs.features import Columns
from functions.core.processing.inputs.parts import MANY, SHAPLEY
from functions.core.processing.inputs.volume import TENSOR_BYTES
from functions.core.tensors import Array

Encode = Callable[[Array], dict[str, Array]]


class FeatureParts:
    """An everyday value of a feature stands for one that is left out."""

    method = SHAPLEY

    def __init__(self, columns: Columns, row: Array, encode: Encode) -> None:
        """Take a row apart.

        Args:
            row: the checked values of the instance, float64 [features].
            encode: feeds of rows of such values.
        """
        self.count = len(row)
        self.batch = max(1, min(MANY, TENSOR_BYTES // columns.row_bytes))
        self._columns, self._row, self._encode = columns, row, encode

    def feeds(self, kept: Array) -> dict[str, Array]:
        """Feeds of variants, kept bool [variants, features]."""
        return self._encode(np.where(kept, self._row, self._columns.typical))

    def document(self, values: Array) -> dict[str, float]:
        """The attribution of each feature by its name."""
        return dict(zip(self._columns.names, values.tolist(), strict=True))
