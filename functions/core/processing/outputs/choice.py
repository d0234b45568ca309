"""A classification that declares more than labels: an activation, a threshold, the top k, or another form of output."""

from collections.abc import Mapping, Sequence
from copy import copy
from typing import Any

import numpy as np

from functions.core.processing.declaration import Declaration
from functions.core.processing.outputs.limits import Limits
from functions.core.processing.outputs.matrix import NUMBER
from functions.core.processing.outputs.probabilities import Probabilities
from functions.core.processing.outputs.top_k import top_k
from functions.core.tensors import Array

LIMITS = Limits(("top_k", "threshold"))
HALF = Limits(("top_k", "threshold"), threshold=0.5)
"""With a positive label, which is the answer from its threshold on."""


class Choice:
    """A prediction is {"label": ..., "probabilities": {label: probability}}; no label where none is likely enough."""

    def __init__(self, declaration: Declaration) -> None:
        self.targets = self._labels = declaration.texts("labels")
        self._probabilities = Probabilities(declaration, self._labels)
        self.outputs = (self._probabilities.name,)
        self._positive = _positive(declaration, self._labels)
        limits = LIMITS if self._positive is None else HALF
        self._limits = limits.declared(declaration, len(self._labels))

    def decode(self, values: Sequence[Any]) -> list[Any]:
        """From the output in one of its forms. Raises InvalidPackage where it is not of the announced shape."""
        rows = self.scores(values)
        order = top_k(rows, self._limits.top_k or 1)
        labels = self._answers(rows, order[:, 0])
        if self._limits.top_k is None:
            shown = [dict(zip(self._labels, row, strict=True)) for row in rows]
        else:
            pairs = zip(rows, order.tolist(), strict=True)
            shown = [{self._labels[index]: row[index] for index in best} for row, best in pairs]
        return [{"label": label, "probabilities": each} for label, each in zip(labels, shown, strict=True)]

    def scores(self, values: Sequence[Any]) -> Array:
        """The probability of each label, [rows, labels]."""
        return self._probabilities.rows(values[0])

    def chosen(self, scores: Array) -> int:
        """Which label is the answer to scores [labels], whether or not it is likely enough to be given."""
        if self._positive is None:
            return int(top_k(scores[None], 1)[0, 0])
        return self._positive if scores[self._positive] >= (self._limits.threshold or 0) else 1 - self._positive

    def adjusted(self, parameters: Mapping[str, Any], path: str) -> "Choice":
        """The same with a request's `top_k` and `threshold`. Raises InvalidInput."""
        other = copy(self)
        other._limits = self._limits.adjusted(parameters, path)
        return other

    def schema(self) -> dict[str, Any]:
        """The label, null where none is likely enough or NaN came, and the probability of each or of the top k."""
        probabilities: dict[str, Any] = {"type": "object", "properties": dict.fromkeys(self._labels, NUMBER)}
        if self._limits.top_k is None:
            probabilities["required"] = list(self._labels)
        else:
            count = min(self._limits.top_k, len(self._labels))
            probabilities |= {"minProperties": count, "maxProperties": count, "additionalProperties": False}
        label = {"type": ["string", "null"], "enum": [*self._labels, None]}
        properties = {"label": label, "probabilities": probabilities}
        return {"type": "object", "required": list(properties), "properties": properties}

    def _answers(self, rows: Array, likeliest: Array) -> list[str | None]:
        """The label of each row; None where its probability is too low, or NaN."""
        threshold = self._limits.threshold
        if self._positive is None:
            scores = np.take_along_axis(rows, likeliest[:, None], axis=1)[:, 0]
            valid = ~np.isnan(scores) if threshold is None else scores >= threshold
        else:
            scores = rows[:, self._positive]
            likeliest = np.where(scores >= threshold, self._positive, 1 - self._positive)
            valid = ~np.isnan(scores)
        pairs = zip(likeliest.tolist(), valid.tolist(), strict=True)
        return [self._labels[index] if known else None for index, known in pairs]


def _positive(declaration: Declaration, labels: tuple[str, ...]) -> int | None:
    """Which of two labels the threshold is for."""
    if "positive" not in declaration.table:
        return None
    positive = declaration.choice("positive", labels, "")
    if len(labels) != 2:
        declaration.refuse("positive", "a positive label only where there are two", f"{len(labels)} labels")
    return labels.index(positive)
