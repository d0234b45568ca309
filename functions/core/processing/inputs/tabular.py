"""Named features -> tensors of shape [rows, columns], or one of its own for each feature."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from functions.core.processing.declaration import Declaration
from functions.core.processing.inputs.features import Columns
from functions.core.processing.inputs.volume import check_rows
from functions.core.tensors import DATATYPES, Array, TensorSpec

if TYPE_CHECKING:
    from functions.core.processing.inputs.feature_parts import FeatureParts


class Tabular:
    """An instance is an object of named values, a list of them in the declared order, or the value of the only one."""

    def __init__(self, declaration: Declaration) -> None:
        self.columns = Columns(declaration)
        self._inputs = _inputs(declaration, self.columns)

    def encode(self, instances: Sequence[Any], path: str) -> dict[str, Array]:
        """Feeds of shape [len(instances), columns]; raises InvalidInput that names row and feature."""
        check_rows(len(instances), self.columns.row_bytes, path)
        return self.feeds(self.columns.rows(instances, lambda index: f"{path}[{index}]"))

    def feeds(self, values: Array) -> dict[str, Array]:
        """Feeds of checked values, float64 [rows, features]."""
        matrix = self.columns.encode(values)
        return {one.name: one.tensor(values, matrix) for one in self._inputs}

    def schema(self) -> dict[str, Any]:
        """An object of the features, each within its range."""
        return self.columns.schema()

    def parts(self, instance: object, path: str, limit: int) -> "FeatureParts":  # noqa: ARG002 - they are what they are
        """The features, however many."""
        from functions.core.processing.inputs.feature_parts import FeatureParts  # only explanations ask for it

        return FeatureParts(self.columns, self.columns.rows([instance], lambda _: path)[0], self.feeds)


class Input:
    """A tensor of the graph, and the columns or words of the features that go to it."""

    def __init__(self, declaration: Declaration, spec: TensorSpec, numbers: Sequence[int], columns: Columns) -> None:
        """Args: numbers: the features' indices. Raises InvalidPackage where they do not fit the tensor."""
        self.name = spec.name
        self._dtype = DATATYPES[spec.datatype].dtype
        self._words = [(number, columns.features[number].category) for number in numbers] if self._is_text else None
        taken = [column for number in numbers for column in range(columns.width)[columns.spans[number]]]
        self._taken = None if len(taken) == columns.width else taken
        self._is_flat = len(spec.shape) == 1
        width = len(taken)
        if len(spec.shape) not in (1, 2) or (self._is_flat and width > 1):
            declaration.refuse("tensor", "a tensor of shape [rows, features]", list(spec.shape))
        if not self._is_flat and spec.shape[1] not in (-1, width):
            columns_of = "features" if width == len(numbers) else "columns"
            declaration.refuse("features", f"{spec.shape[1]} {columns_of}", width)

    def tensor(self, values: Array, matrix: Array) -> Array:
        """The feed of values [rows, features], encoded as the matrix [rows, columns]."""
        if self._words is not None:
            texts = [category.texts(values[:, number]) for number, category in self._words if category]
            tensor = np.stack(texts, axis=1)
        else:
            tensor = (matrix if self._taken is None else matrix[:, self._taken]).astype(self._dtype)
        return tensor.reshape(-1) if self._is_flat else tensor

    @property
    def _is_text(self) -> bool:
        return self._dtype.kind == "O"


def _inputs(declaration: Declaration, columns: Columns) -> list[Input]:
    fed: dict[TensorSpec, list[int]] = {}
    for number, feature in enumerate(columns.features):
        fed.setdefault(feature.spec, []).append(number)
    if unfed := [spec.name for spec in declaration.manifest.inputs if spec not in fed]:
        declaration.refuse("features", f"features for the input tensors {', '.join(unfed)} too", columns.names)
    return [Input(declaration, spec, numbers, columns) for spec, numbers in fed.items()]
