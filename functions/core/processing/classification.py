"""A tensor of probabilities -> the likeliest label and the probability of each."""

from collections.abc import Sequence
from typing import Any

from functions.core.processing.declaration import Declaration
from functions.core.tensors import Array


class Classification:
    """A prediction is {"label": ..., "probabilities": {label: probability}}."""

    def __init__(self, declaration: Declaration) -> None:
        spec = declaration.tensor()
        self.outputs = (spec.name,)
        self._labels = declaration.texts("labels")
        if len(spec.shape) != 2 or spec.shape[1] not in (-1, len(self._labels)):
            declaration.refuse("labels", f"labels for a tensor of shape {list(spec.shape)}", len(self._labels))

    def decode(self, values: Sequence[Array]) -> list[Any]:
        """From probabilities of shape [rows, labels]."""
        likeliest = values[0].argmax(axis=1)
        return [
            {"label": self._labels[best], "probabilities": dict(zip(self._labels, row, strict=True))}
            for best, row in zip(likeliest, values[0], strict=True)
        ]

    @property
    def targets(self) -> tuple[str, ...]:
        """What explanations can be of: a label's probability."""
        return self._labels

    def scores(self, values: Sequence[Array]) -> Array:
        """The score of each target, [rows, targets]."""
        return values[0]

    def schema(self) -> dict[str, Any]:
        """The label, and the probability of each."""
        probabilities = {label: {"type": "number"} for label in self._labels}
        properties = {
            "label": {"enum": list(self._labels)},
            "probabilities": {"type": "object", "required": list(self._labels), "properties": probabilities},
        }
        return {"type": "object", "required": list(properties), "properties": properties}
