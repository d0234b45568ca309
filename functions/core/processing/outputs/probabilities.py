"""The output that a classification reads, in any of its forms -> the probability of each label."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from functions.core.errors import InvalidPackage, brief
from functions.core.processing.declaration import Declaration
from functions.core.processing.outputs.activation import activation, softmax
from functions.core.processing.outputs.matrix import misfit, number_tensor
from functions.core.tensors import DATATYPES, MAP, Array, TensorSpec

TWO = 2


class Probabilities:
    """An output with a column for each label, or one column for the second of two, or scikit-learn's maps."""

    def __init__(self, declaration: Declaration, labels: tuple[str, ...]) -> None:
        self._package = declaration.manifest.name
        self._activate = activation(declaration, "none")
        self._keys: dict[Any, None] | None = None
        self._tails: tuple[tuple[int, ...], ...] = ((len(labels),),)
        spec = declaration.tensor()
        if spec.kind == MAP:
            self._keys = _keys(declaration, spec, labels)
        elif len(labels) == TWO and spec.shape[1:] in ((), (1,)):
            number_tensor(declaration, "[rows]", (), (1,))
            self._tails = ((), (1,))
        else:
            number_tensor(declaration, "[rows, labels]", (-1,))
            if spec.shape[1] not in (-1, len(labels)):
                declaration.refuse("labels", f"labels for a tensor of shape {list(spec.shape)}", len(labels))
        self._single = () in self._tails
        if self._single and self._activate is softmax:
            declaration.refuse("activation", "none or sigmoid for one column", "softmax")
        self.name = spec.name
        self._dtype = DATATYPES[spec.datatype].dtype

    def rows(self, value: Any) -> Array:
        """Probabilities as floats [rows, labels].

        Raises:
            InvalidPackage: the output has another shape than its graph announced, or a map other keys than the labels.
        """
        table = value if self._keys is None else self._table(value, self._keys)
        if table.shape[1:] not in self._tails:
            expected = "[rows]" if self._single else f"[rows, {self._tails[0][0]}]"
            raise misfit(self._package, self.name, expected, table)
        table = table if table.dtype.kind == "f" else table.astype(np.float64)
        table = self._activate(table) if self._activate else table
        if self._single:
            second = table.reshape(-1)
            return np.stack([1 - second, second], axis=1)
        return np.asarray(table)

    def _table(self, maps: Sequence[Mapping[Any, Any]], keys: Mapping[Any, None]) -> Array:
        for found in maps:
            if found.keys() != keys.keys():
                reason = f"expected maps of the labels {brief(list(keys))} in its output {self.name!r}"
                raise InvalidPackage(self._package, f"{reason} - got {brief(list(found))}")
        # In the datatype of the map a float32 is written with its own digits, not with those of a float64.
        rows = [[found[key] for key in keys] for found in maps]
        return np.array(rows, self._dtype).reshape(len(rows), len(keys))


def _keys(declaration: Declaration, spec: TensorSpec, labels: tuple[str, ...]) -> dict[Any, None]:
    """The labels as the keys of the maps, in the order of the labels."""
    if not spec.shape or not DATATYPES[spec.datatype].carrier:
        declaration.refuse("tensor", "a sequence of maps from labels to numbers", f"a map of {spec.datatype}")
    if spec.key == "BYTES":
        return dict.fromkeys(labels)
    for label in labels:
        if not label.removeprefix("-").isdecimal() or str(int(label)) != label:
            declaration.refuse("labels", "integers as strings, as the keys of the maps are", label)
    return dict.fromkeys(map(int, labels))
