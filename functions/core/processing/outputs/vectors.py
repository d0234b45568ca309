"""Vectors and their lengths."""

import numpy as np

from functions.core.tensors import Array


def unit(vectors: Array) -> Array:
    """Floats [rows, width] of L2 norm 1, in their precision but at least float32; a zero vector stays one."""
    wide = vectors.astype(np.float32) if vectors.dtype == np.float16 else vectors
    with np.errstate(invalid="ignore", over="ignore"):
        # Summed in float64 without a copy of all vectors in it.
        squares = np.einsum("ij,ij->i", wide, wide, dtype=np.float64)
        lengths = np.sqrt(squares).astype(wide.dtype)[:, None]
        return np.asarray(wide / np.where(lengths == 0, 1, lengths))
