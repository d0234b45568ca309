"""The steps of a sequence, or runs of neighbouring ones: what explanations attribute to."""

from collections.abc import Callable
from typing import Any

import numpy as np

from functions.core.processing.inputs.parts import FEW, OCCLUSION
from functions.core.tensors import Array

Pad = Callable[[Array, Array], dict[str, Array]]
"""From steps [sum of the lengths, ...] and the lengths [rows] to feeds."""


class Runs:
    """The steps of one instance; one that is left out is an everyday one, or gone."""

    method = OCCLUSION
    batch = FEW

    def __init__(self, steps: Array, start: int, limit: int, absent: Array | None, pad: Pad) -> None:
        """Take a sequence apart.

        Args:
            steps: encoded, [steps, ...].
            start: the first one's index in the instance.
            limit: parts at most.
            absent: what stands for a step that is left out; None: the sequence is shorter without it.
            pad: makes feeds of sequences.
        """
        self._steps = steps
        self._start = start
        self._absent = absent
        self._pad = pad
        self._groups = np.array_split(np.arange(len(steps)), min(limit, len(steps)))
        self.count = len(self._groups)

    def feeds(self, kept: Array) -> dict[str, Array]:
        """Feeds of the sequence's variants, [variants, steps, ...]."""
        steps = np.repeat(kept, [len(group) for group in self._groups], axis=1)
        if self._absent is None:
            flat = np.concatenate([self._steps[row] for row in steps])
            return self._pad(flat, steps.sum(axis=1))
        present = steps.reshape(*steps.shape, *(1,) * (self._steps.ndim - 1))
        rows = np.where(present, self._steps, self._absent)
        return self._pad(rows.reshape(-1, *rows.shape[2:]), np.full(len(kept), len(self._steps)))

    def document(self, values: Array) -> list[dict[str, Any]]:
        """Each run of steps, from `start` up to `end`, and its value."""
        places = [(self._start + int(group[0]), self._start + int(group[-1]) + 1) for group in self._groups]
        pairs = zip(places, values.tolist(), strict=True)
        return [{"start": start, "end": end, "value": value} for (start, end), value in pairs]
