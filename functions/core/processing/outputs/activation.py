"""What turns a model's raw scores into probabilities, where the graph itself does not."""

from collections.abc import Callable

import numpy as np

from functions.core.processing.declaration import Declaration
from functions.core.tensors import Array

Activation = Callable[[Array], Array]


def activation(declaration: Declaration, default: str) -> Activation | None:
    """The declared activation of scores [rows, n]; None where they are probabilities already."""
    name = declaration.choice("activation", ("none", "softmax", "sigmoid"), default)
    return {"none": None, "softmax": softmax, "sigmoid": sigmoid}[name]


def softmax(scores: Array) -> Array:
    """Probabilities [rows, n] that add up to 1 in each row; NaN where a row has NaN, or no finite score."""
    wide = _wide(scores)
    with np.errstate(invalid="ignore"):
        # Without its highest score a row cannot overflow.
        powers = np.exp(wide - wide.max(axis=-1, keepdims=True))
        return np.asarray(powers / powers.sum(axis=-1, keepdims=True))


def sigmoid(scores: Array) -> Array:
    """The probability of each score by itself, in its place."""
    with np.errstate(over="ignore"):  # an overflow to infinity ends as the probability 0, which is right
        return np.asarray(1 / (1 + np.exp(-_wide(scores))))


def _wide(scores: Array) -> Array:
    """Half precision reaches 65504 with e^11: too soon for an exponential."""
    return scores.astype(np.float32) if scores.dtype == np.float16 else scores
