"""A tensor of scores -> every label that is likely enough, and the probability of each."""

from collections.abc import Mapping, Sequence
from copy import copy
from typing import Any

from functions.core.processing.declaration import Declaration
from functions.core.processing.outputs.activation import activation
from functions.core.processing.outputs.limits import Limits
from functions.core.processing.outputs.matrix import NUMBER, Matrix
from functions.core.processing.outputs.top_k import top_k
from functions.core.tensors import Array


class Multilabel:
    """A prediction is {"labels": [..., likeliest first], "probabilities": {label: probability}}."""

    def __init__(self, declaration: Declaration) -> None:
        self.targets = self._labels = declaration.texts("labels")
        self._matrix = Matrix(declaration, "labels", len(self._labels), "labels")
        self.outputs = (self._matrix.name,)
        self._activate = activation(declaration, "sigmoid")
        self._limits = Limits(("threshold",), threshold=0.5).declared(declaration, len(self._labels))

    def decode(self, values: Sequence[Array]) -> list[Any]:
        """From scores of shape [rows, labels]. Raises InvalidPackage where the output has another."""
        rows = self.scores(values)
        # At or above the threshold are the first so many of the order; NaN is neither.
        counts = (rows >= self._limits.threshold).sum(axis=1).tolist()
        order = top_k(rows, max(counts, default=0) or 1).tolist()
        return [
            {
                "labels": [self._labels[index] for index in best[:count]],
                "probabilities": dict(zip(self._labels, row, strict=True)),
            }
            for row, best, count in zip(rows, order, counts, strict=True)
        ]

    def scores(self, values: Sequence[Array]) -> Array:
        """The probability of each label, [rows, labels]."""
        rows = self._matrix.rows(values[0])
        return self._activate(rows) if self._activate else rows

    def adjusted(self, parameters: Mapping[str, Any], path: str) -> "Multilabel":
        """The same with a request's `threshold`. Raises InvalidInput."""
        other = copy(self)
        other._limits = self._limits.adjusted(parameters, path)
        return other

    def schema(self) -> dict[str, Any]:
        """Some of the labels, and the probability of each."""
        names = list(self._labels)
        properties = {
            "labels": {"type": "array", "items": {"enum": names}, "uniqueItems": True},
            "probabilities": {"type": "object", "required": names, "properties": dict.fromkeys(names, NUMBER)},
        }
        return {"type": "object", "required": list(properties), "properties": properties}
