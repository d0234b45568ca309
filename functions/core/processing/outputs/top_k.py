"""The highest scores of each row, in order."""

import numpy as np

from functions.core.tensors import Array

LARGE = 512
"""Scores of a row from which on a selection before the sort is worth its calls."""


def top_k(scores: Array, count: int) -> Array:
    """Where the `count` highest scores of each row are.

    Args:
        scores: floats [rows, n].
        count: how many; all n where there are fewer.

    Returns:
        Indices [rows, min(count, n)]: the highest score first, the lower index first among equals, NaN last.
    """
    keys = -scores  # ascending, numpy sorts NaN to the end
    count = min(count, keys.shape[1])
    if keys.shape[1] < LARGE:
        return np.asarray(np.argsort(keys, axis=1, kind="stable")[:, :count])
    chosen = [_lowest(row, count) for row in keys]
    return np.array(chosen, dtype=np.intp).reshape(len(keys), count)


def _lowest(keys: Array, count: int) -> Array:
    limit = np.partition(keys, count - 1)[count - 1]
    # Sorted are all that equal the last one chosen: which of them is in must not depend on the selection's algorithm.
    candidates = np.arange(len(keys)) if np.isnan(limit) else np.flatnonzero(keys <= limit)
    return np.asarray(candidates[np.argsort(keys[candidates], kind="stable")][:count])
