"""The parts of a picture that an explanation covers: the cells of a grid over it."""

from math import isqrt
from typing import Any

import numpy as np

from functions.core.processing.inputs.parts import FEW, OCCLUSION
from functions.core.processing.inputs.volume import TENSOR_BYTES
from functions.core.tensors import Array


class Regions:
    """One picture; what covers a cell is the picture's mean, channel by channel."""

    method = OCCLUSION

    def __init__(self, tensor: str, picture: Array, limit: int, *, channels_last: bool) -> None:
        """Lay the grid.

        Args:
            tensor: name of the input.
            picture: as it is fed, [channels, height, width], or [height, width, channels] where `channels_last`.
            limit: cells at most; at least 1.
        """
        rows_axis = 0 if channels_last else 1
        height, width = picture.shape[rows_axis : rows_axis + 2]
        side = max(1, isqrt(limit))
        self._rows, self._columns = min(side, height), min(side, width)
        self.count = self._rows * self._columns
        self.batch = max(1, min(FEW, TENSOR_BYTES // picture.nbytes))
        self._tensor, self._picture = tensor, picture
        blank = picture.mean(axis=(rows_axis, rows_axis + 1), keepdims=True, dtype=np.float32)
        self._blank = (np.rint(blank) if picture.dtype.kind == "u" else blank).astype(picture.dtype)
        # Which cell each pixel is in; [height, width], with room for the channels.
        cells = _cells(height, self._rows)[:, None] * self._columns + _cells(width, self._columns)
        self._cells = np.expand_dims(cells, 2 if channels_last else 0)

    def feeds(self, kept: Array) -> dict[str, Array]:
        """Variants [variants, ...] of the picture, kept bool [variants, cells]."""
        return {self._tensor: np.where(kept[:, self._cells], self._picture, self._blank)}

    def document(self, values: Array) -> Any:
        """Attributions as lists [rows][columns] of the grid."""
        return values.reshape(self._rows, self._columns).tolist()


def _cells(extent: int, count: int) -> Array:
    """The index of the cell of each of `extent` pixels, of `count` cells as equal as can be."""
    edges = np.arange(count + 1) * extent // count
    return np.repeat(np.arange(count), np.diff(edges))
