"""The classification extension of the protocol: an output of scores as its likeliest classes."""

from collections.abc import Sequence

import numpy as np

from functions.core.tensors import Array


def classify(scores: Array, classes: int, labels: Sequence[str]) -> Array:
    """The `classes` highest scores along the last axis, as strings "score:index" or "score:index:label".

    Args:
        scores: numbers of shape [..., n].
        classes: how many; all n where there are fewer.
        labels: the classes' names by index; empty where they have none.

    Returns:
        Strings of shape [..., min(classes, n)], the highest first, the lower index first among equals.
    """
    order = np.argsort(-scores.astype(np.float64), axis=-1, kind="stable")[..., :classes]
    best = np.take_along_axis(scores, order, axis=-1)
    pairs = zip(best.reshape(-1), order.reshape(-1), strict=True)
    named = [f"{score:f}:{index}" + (f":{labels[int(index)]}" if index < len(labels) else "") for score, index in pairs]
    return np.array(named, dtype=object).reshape(order.shape)
