"""Ragged lists of steps -> one padded tensor, with a mask or lengths that say what is padding."""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate, chain
from typing import Any, NamedTuple, Protocol

import numpy as np

from functions.core.errors import InvalidInput, brief
from functions.core.processing.declaration import Declaration
from functions.core.processing.inputs.features import Place
from functions.core.processing.inputs.runs import Runs
from functions.core.processing.inputs.volume import check_rows
from functions.core.tensors import DATATYPES, Array

LONGEST = 100_000
"""Steps that `max_length` can ask for at most."""


class Steps(Protocol):
    """What steps are made of."""

    absent: Array | None
    """What stands for a step that an explanation leaves out, encoded; None: nothing does, the sequence is shorter."""

    def encode(self, steps: Sequence[Any], place: Place) -> Array:
        """Of shape [len(steps)] or [len(steps), columns]. Raises InvalidInput at the place of a step."""

    def schema(self) -> dict[str, Any]:
        """JSON Schema of a step."""


class Excerpt(NamedTuple):
    """The steps of one instance that the model is given."""

    steps: list[Any]
    start: int
    """Steps that were cut off before them."""
    path: str


class RaggedSequence:
    """An instance is a list of steps, or an object that has it under the declared name."""

    def __init__(self, declaration: Declaration) -> None:
        self._field = str(declaration.table.get("field", "sequence"))
        self.steps = _steps(declaration)
        self._spec = declaration.tensor()
        self._dtype = DATATYPES[self._spec.datatype].dtype
        self._max_length = declaration.whole("max_length", 1024, 1, LONGEST)
        self._longest = declaration.choice("padding", ("longest", "max_length"), "longest") == "longest"
        self._right = declaration.choice("side", ("right", "left"), "right") == "right"
        self._truncation = declaration.choice("truncation", ("refuse", "start", "end"), "refuse")
        self._pad = declaration.number("pad", 0.0)
        self._mask = declaration.tensor("mask") if "mask" in declaration.table else None
        self._lengths = declaration.tensor("lengths") if "lengths" in declaration.table else None
        for field, spec, rank in (("mask", self._mask, 2), ("lengths", self._lengths, 1)):
            if spec and (len(spec.shape) != rank or DATATYPES[spec.datatype].dtype.kind not in "bfiu"):
                declaration.refuse(field, f"a tensor of numbers with {rank} dimensions", list(spec))

    def encode(self, instances: Sequence[Any], path: str) -> dict[str, Array]:
        """Feeds of shape [len(instances), steps, ...]."""
        excerpts = [self._excerpt(instance, f"{path}[{index}]") for index, instance in enumerate(instances)]
        lengths = np.array([len(excerpt.steps) for excerpt in excerpts])
        columns = abs(int(np.prod(self._spec.shape[2:])))
        check_rows(len(excerpts), self._width(lengths) * columns * self._dtype.itemsize, path)
        return self._feeds(self._encoded(excerpts), lengths)

    def schema(self) -> dict[str, Any]:
        """A list of steps, or an object of it."""
        steps: dict[str, Any] = {"type": "array", "items": self.steps.schema(), "minItems": 1}
        if self._truncation == "refuse":
            steps["maxItems"] = self._max_length
        properties = {self._field: steps}
        whole = {"type": "object", "required": [self._field], "properties": properties, "additionalProperties": False}
        return {"anyOf": [steps, whole]}

    def parts(self, instance: object, path: str, limit: int) -> Runs:
        """The steps, neighbours together where there are more than `limit`."""
        excerpt = self._excerpt(instance, path)
        return Runs(self._encoded([excerpt]), excerpt.start, limit, self.steps.absent, self._feeds)

    def _excerpt(self, instance: object, path: str) -> Excerpt:
        if type(instance) is dict:
            if instance.keys() != {self._field}:
                raise InvalidInput(path, f"an object of {self._field}", brief(list(instance)))
            instance, path = instance[self._field], f"{path}.{self._field}"
        if type(instance) is not list or not instance:
            raise InvalidInput(path, "a list of at least one step", brief(instance))
        surplus = len(instance) - self._max_length
        if surplus <= 0:
            start = 0
        elif self._truncation == "refuse":
            raise InvalidInput(path, f"at most {self._max_length} steps", f"{len(instance)}")
        else:
            start = surplus if self._truncation == "start" else 0
            instance = instance[start : start + self._max_length]
        return Excerpt(instance, start, path)

    def _encoded(self, excerpts: Sequence[Excerpt]) -> Array:
        ends = list(accumulate(len(excerpt.steps) for excerpt in excerpts))

        def place(index: int) -> str:
            row = bisect_right(ends, index)
            excerpt = excerpts[row]
            return f"{excerpt.path}[{excerpt.start + index - ends[row] + len(excerpt.steps)}]"

        return self.steps.encode(list(chain.from_iterable(excerpt.steps for excerpt in excerpts)), place)

    def _feeds(self, steps: Array, lengths: Array) -> dict[str, Array]:
        """Pad steps, [sum of the lengths, ...], of rows that follow each other."""
        width = self._width(lengths)
        extents = lengths[:, None]
        present = np.arange(width) < extents if self._right else np.arange(width) >= width - extents
        padded = np.full((len(lengths), width, *steps.shape[1:]), self._pad, self._dtype)
        padded[present] = steps
        tensors = ((self._spec, padded), (self._mask, present), (self._lengths, lengths))
        return {spec.name: value.astype(DATATYPES[spec.datatype].dtype) for spec, value in tensors if spec}

    def _width(self, lengths: Array) -> int:
        return max(1, int(lengths.max())) if self._longest else self._max_length


def _steps(declaration: Declaration) -> Steps:
    if "vocabulary" in declaration.table:
        from functions.core.processing.inputs.vocabulary import Vocabulary

        return Vocabulary(declaration)
    from functions.core.processing.inputs.readings import Readings

    return Readings(declaration)
