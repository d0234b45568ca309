"""A tensor with a score for each item -> the best items."""

from collections.abc import Mapping, Sequence
from copy import copy
from typing import Any

import numpy as np

from functions.core.processing.declaration import Declaration
from functions.core.processing.outputs.limits import Limits
from functions.core.processing.outputs.matrix import NUMBER, Matrix
from functions.core.processing.outputs.top_k import top_k
from functions.core.tensors import Array


class Ranking:
    """A prediction is {"items": [{"item": ..., "score": ...}, ...]}, the best first."""

    def __init__(self, declaration: Declaration) -> None:
        self.targets = self._items = declaration.texts("items")
        self._matrix = Matrix(declaration, "items", len(self._items), "items")
        self.outputs = (self._matrix.name,)
        self._limits = Limits(("top_k",), top_k=10).declared(declaration, len(self._items))

    def decode(self, values: Sequence[Array]) -> list[Any]:
        """From scores of shape [rows, items]; an item of -inf is one that the graph excludes.

        Raises:
            InvalidPackage: the output has another shape.
        """
        rows = self.scores(values)
        order = top_k(rows, self._limits.top_k or len(self._items))
        best = np.take_along_axis(rows, order, axis=1)
        return [
            {"items": self._ranked(*row)} for row in zip(order.tolist(), best, (best != -np.inf).tolist(), strict=True)
        ]

    def scores(self, values: Sequence[Array]) -> Array:
        """The score of each item, [rows, items]."""
        return self._matrix.rows(values[0])

    def adjusted(self, parameters: Mapping[str, Any], path: str) -> "Ranking":
        """The same with a request's `top_k`. Raises InvalidInput."""
        other = copy(self)
        other._limits = self._limits.adjusted(parameters, path)
        return other

    def schema(self) -> dict[str, Any]:
        """At most the best k items; fewer where the model excludes some."""
        ranked = {
            "type": "object",
            "required": ["item", "score"],
            "properties": {"item": {"type": "string"}, "score": NUMBER},
        }
        items = {"type": "array", "items": ranked, "maxItems": self._limits.top_k}
        return {"type": "object", "required": ["items"], "properties": {"items": items}}

    def _ranked(self, order: list[int], scores: Array, included: list[bool]) -> list[dict[str, Any]]:
        chosen = zip(order, scores, included, strict=True)
        return [{"item": self._items[index], "score": score} for index, score, shown in chosen if shown]
