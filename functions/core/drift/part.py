"""A part of what is watched: features, and how their values are had from tensors."""

from collections.abc import Callable, Mapping
from math import inf
from typing import Any, NamedTuple

import numpy as np

from functions.core.tensors import DATATYPES, TENSOR, Array, TensorSpec

Tensors = Mapping[str, Any]
PIXELS = 4096
"""Elements of a row that its mean and its spread are taken of, at most: every so many-th of a larger one."""


class Spec(NamedTuple):
    """A feature as the package declares it; of a category the values are indices among its names."""

    name: str
    categories: tuple[str, ...] = ()
    low: float = -inf
    high: float = inf
    unit: str = ""


class Part(NamedTuple):
    """Features of the inputs, or of the outputs.

    Attributes:
        specs: the features.
        read: their values in tensors by name, float64 [rows, features]; NaN is a missing one.
        tensors: the names of those that it reads.
        together: whether tensors of several requests can be joined and read at once.
    """

    specs: tuple[Spec, ...]
    read: Callable[[Tensors], Array]
    tensors: tuple[str, ...]
    together: bool


def summary(tensor: Array) -> Array:
    """Mean and standard deviation of each row, [rows, 2], of some of its elements where it has many."""
    flat = tensor.reshape(len(tensor), -1)
    some = flat[:, :: max(1, flat.shape[1] // PIXELS)].astype(np.float64)
    return np.stack((some.mean(axis=1), some.std(axis=1)), axis=1)


def is_number(spec: TensorSpec) -> bool:
    """Whether a tensor is of numbers, a row for each instance."""
    datatype = DATATYPES[spec.datatype]
    plain = spec.kind == TENSOR and not spec.optional and not datatype.element and not datatype.binary_only
    return plain and datatype.dtype.kind in "fiub" and bool(spec.shape) and spec.shape[0] < 0
