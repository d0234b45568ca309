"""A tensor of probabilities -> the likeliest label and the probability of each."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from functions.core.processing.declaration import Declaration
from functions.core.tensors import DATATYPES, TENSOR, Array, TensorSpec

if TYPE_CHECKING:
    from functions.core.processing.outputs.choice import Choice

CHOICE_FIELDS = ("activation", "top_k", "threshold", "positive")


class Classification:
    """A prediction is {"label": ..., "probabilities": {label: probability}}."""

    def __init__(self, declaration: Declaration) -> None:
        spec = declaration.tensor()
        self.outputs = (spec.name,)
        self.targets = self._labels = declaration.texts("labels")
        self._declaration = declaration
        self._choice: Choice | None = None
        self._plain = _is_plain(spec, len(self._labels)) and declaration.table.keys().isdisjoint(CHOICE_FIELDS)
        if not self._plain:
            self._chosen()

    def decode(self, values: Sequence[Any]) -> list[Any]:
        """From probabilities of shape [rows, labels], or what the package declares in their place.

        Raises:
            InvalidPackage: the output has another shape than its graph announced.
        """
        if not self._plain:
            return self._chosen().decode(values)
        try:
            likeliest = values[0].argmax(axis=1)
            return [
                {"label": self._labels[best], "probabilities": dict(zip(self._labels, row, strict=True))}
                for best, row in zip(likeliest, values[0], strict=True)
            ]
        except (IndexError, ValueError):
            return self._chosen().decode(values)  # says what is wrong with its shape

    def scores(self, values: Sequence[Any]) -> Array:
        """The probability of each label, [rows, labels]."""
        return self._chosen().scores(values)

    def chosen(self, scores: Array) -> int:
        """Which label is the answer to scores [labels]."""
        return self._chosen().chosen(scores)

    def adjusted(self, parameters: Mapping[str, Any], path: str) -> "Choice":
        """The same with a request's `top_k` and `threshold`. Raises InvalidInput."""
        return self._chosen().adjusted(parameters, path)

    def schema(self) -> dict[str, Any]:
        """The label, and the probability of each."""
        if not self._plain:
            return self._chosen().schema()
        probabilities = {label: {"type": "number"} for label in self._labels}
        properties = {
            "label": {"enum": list(self._labels)},
            "probabilities": {"type": "object", "required": list(self._labels), "properties": probabilities},
        }
        return {"type": "object", "required": list(properties), "properties": properties}

    def _chosen(self) -> "Choice":
        """The form for all that is not plain."""
        if self._choice is None:
            from functions.core.processing.outputs.choice import (
                Choice,  # most need none, and a start pays for each module
            )

            self._choice = Choice(self._declaration)
        return self._choice


def _is_plain(spec: TensorSpec, labels: int) -> bool:
    """Whether the output has a number for each label as it is."""
    numbers = spec.kind == TENSOR and bool(DATATYPES[spec.datatype].carrier)
    return numbers and len(spec.shape) == 2 and spec.shape[1] in (-1, labels)
