"""The numbers of a row of tensors: what explanations attribute to where no processing is declared."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from functions.core.processing.inputs.parts import SHAPLEY
from functions.core.tensors import Array

MEMORY = 1 << 24
"""Bytes of variants in one run."""


class Elements:
    """The elements of one instance's tensors; one that is left out is 0."""

    method = SHAPLEY

    def __init__(self, row: Mapping[str, Array], limit: int) -> None:
        """Take a row apart.

        Args:
            row: tensors of shape [1, ...] by name.
            limit: parts at most: where there are more elements, neighbours stay together.
        """
        self._row = row
        size = sum(tensor.size for tensor in row.values())
        groups = np.array_split(np.arange(size), min(limit, size))
        self._lengths = np.array([len(group) for group in groups])
        self.count = len(groups)
        self.batch = max(1, MEMORY // max(1, sum(tensor.nbytes for tensor in row.values())))

    def feeds(self, kept: Array) -> dict[str, Array]:
        """Tensors of the variants, [variants, ...]."""
        elements = np.repeat(kept, self._lengths, axis=1)
        feeds, start = {}, 0
        for name, tensor in self._row.items():
            shown = elements[:, start : start + tensor.size].reshape(-1, *tensor.shape[1:])
            feeds[name] = np.where(shown, tensor, np.zeros((), tensor.dtype))
            start += tensor.size
        return feeds

    def document(self, values: Array) -> Any:
        """Values in the shape of the row, by input where there are several; neighbours share evenly."""
        elements = np.repeat(values / self._lengths, self._lengths)
        shaped, start = {}, 0
        for name, tensor in self._row.items():
            shaped[name] = elements[start : start + tensor.size].reshape(tensor.shape[1:]).tolist()
            start += tensor.size
        return shaped if len(shaped) > 1 else next(iter(shaped.values()))
