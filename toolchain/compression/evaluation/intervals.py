"""The bootstrap: what a figure would be on other rows of the same kind.

Rows are drawn again with replacement, as weights: how often each row was drawn. Figures of two models are computed
with the same weights, so that the interval of their difference is a paired one (Efron and Tibshirani, An Introduction
to the Bootstrap, 1993, chapters 13 and 16).
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Weights = NDArray[np.float64]
Measure = Callable[[Weights], NDArray[np.float64]]
"""Weights [draws, rows] -> the figure of each draw [draws]."""
DRAWS = 1000
BLOCK = 100
"""Draws whose weights are held at a time."""
LOW, HIGH = 2.5, 97.5
"""Percentiles: 95 % lie between."""


class Interval(NamedTuple):
    """A figure on all rows, and where 95 % of its draws lie."""

    value: float
    low: float
    high: float


def weights(rows: int, seed: int, draws: int = DRAWS) -> Iterator[Weights]:
    """How often each row is drawn, in blocks of draws [block, rows]; the same for the same seed."""
    random = np.random.default_rng(seed)
    for start in range(0, draws, BLOCK):
        block = min(BLOCK, draws - start)
        drawn = random.integers(0, rows, (block, rows)) + np.arange(block)[:, None] * rows
        yield np.bincount(drawn.ravel(), minlength=block * rows).reshape(block, rows).astype(np.float64)


def interval(measure: Measure, rows: int, seed: int) -> Interval:
    """A figure with its interval; draws in which it is not defined do not count."""
    value = float(measure(np.ones((1, rows)))[0])
    drawn = np.concatenate([measure(block) for block in weights(rows, seed)])
    known = drawn[np.isfinite(drawn)]
    if not np.isfinite(value) or not len(known):
        return Interval(value, float("nan"), float("nan"))
    low, high = np.percentile(known, (LOW, HIGH))
    return Interval(value, float(low), float(high))


def mean(block: Weights, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weighted means: of values [rows] -> [draws]; of values [rows, columns] -> [draws, columns]."""
    total = block.sum(axis=1)
    return np.asarray((block @ values) / (total if values.ndim == 1 else total[:, None]))
