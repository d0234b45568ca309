"""Sequences: how long they are, and the mean of each number over their steps."""

from collections.abc import Callable
from typing import Any

import numpy as np

from functions.core.drift.part import Part, Spec, Tensors
from functions.core.processing.declaration import Table
from functions.core.processing.inputs.feature import Feature
from functions.core.tensors import Array


def part(table: Table, steps: Any) -> Part:
    """The features of a sequence.

    Args:
        table: `[preprocess]` as the manifest has it.
        steps: what its steps are made of, loaded.
    """
    tensor, columns = str(table["tensor"]), getattr(steps, "columns", None)
    numbers = [] if columns is None else [at for at, one in enumerate(columns.features) if not one.category]
    named: list[Feature] = [columns.features[at] for at in numbers] if columns else []
    spans = [columns.spans[at].start for at in numbers] if columns else []
    mean, std = np.array([one.mean for one in named]), np.array([one.std for one in named])
    present = _present(table, tensor)

    def read(tensors: Tensors) -> Array:
        there = present(tensors)
        lengths = there.sum(axis=1).astype(np.float64)[:, None]
        if not named:
            return np.asarray(lengths)
        total = np.where(there[:, :, None], tensors[tensor][:, :, spans], 0).sum(axis=1, dtype=np.float64)
        return np.concatenate((lengths, total / np.maximum(lengths, 1) * std + mean), axis=1)

    specs = [Spec("steps", low=0.0), *(Spec(f"mean {one.name}", low=one.low, high=one.high) for one in named)]
    names = tuple(str(table[field]) for field in ("tensor", "mask", "lengths") if field in table)
    return Part(tuple(specs), read, names, together=False)


def _present(table: Table, tensor: str) -> Callable[[Tensors], Array]:
    """Which steps are none of the padding, [rows, steps]."""
    if "mask" in table:
        return lambda tensors: np.asarray(tensors[str(table["mask"])] != 0)
    if "lengths" in table:
        side = table.get("side", "right")

        def within(tensors: Tensors) -> Array:
            extents, width = tensors[str(table["lengths"])][:, None], tensors[tensor].shape[1]
            places = np.arange(width)
            return np.asarray(places < extents if side == "right" else places >= width - extents)

        return within
    pad = table.get("pad", 0.0)

    def other(tensors: Tensors) -> Array:
        steps = tensors[tensor] != pad
        return np.asarray(steps if steps.ndim == 2 else steps.any(axis=2))

    return other
