"""Which units a layer can do without, when the weights of the others are fitted anew by least squares."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

DAMPING = 0.01
"""Of the mean square of inputs, added to each: sample requests never say all."""
STEPS = 64
"""Rounds in which units are taken out, several at once where there are more."""
ALIKE = 0.1
"""Squared partial correlation from which two units are not taken out in the same round."""
WIDEST = 8192
"""Inputs of a layer: the matrix of their products has to fit into memory, twice."""
Doubles = NDArray[np.float64]


class Moments:
    """Sums over rows of a layer's inputs, streamed: memory holds one matrix of (inputs, inputs)."""

    def __init__(self, width: int) -> None:
        self.count = 0
        self._sum = np.zeros(width)
        self._products = np.zeros((width, width))

    def add(self, rows: NDArray[np.float32]) -> None:
        """Count rows, (rows, inputs)."""
        self.count += len(rows)
        self._sum += rows.sum(axis=0, dtype=np.float64)
        self._products += rows.T @ rows

    @property
    def mean(self) -> Doubles:
        """(inputs,)."""
        return self._sum / max(self.count, 1)

    def squares(self, *, centred: bool) -> Doubles:
        """Mean products of inputs, of their differences from the mean if centred; damped, (inputs, inputs)."""
        found = self._products / max(self.count, 1)
        if centred:
            found = found - np.outer(self.mean, self.mean)
        found[np.diag_indices_from(found)] += DAMPING * np.trace(found) / len(found) + 1e-12
        return found


class Cut(NamedTuple):
    """What is left of a layer.

    Attributes:
        kept: units, in their order.
        weight: float64, (kept inputs, out): fitted anew.
        error: the mean square of what is lost, over that of the layer's outputs.
    """

    kept: NDArray[np.int64]
    weight: Doubles
    error: float


def cut(squares: Doubles, weight: NDArray[np.float32], block: int, count: int) -> Cut:
    """Take units out, each time those that cost least after the others have made up for them.

    A layer y = x @ weight without a unit's inputs j loses at least w_j' (H^-1_jj)^-1 w_j, where H are the inputs' mean
    products, and the others make up for the rest (Hassibi and Stork, Second Order Derivatives for Network Pruning,
    1993, for groups of weights).

    Args:
        squares: H, (inputs, inputs), positive definite.
        weight: (inputs, out).
        block: inputs of one unit, which stand side by side.
        count: units to take out, fewer than there are.
    """
    w: Doubles = weight.astype(np.float64)
    inverse: Doubles = np.linalg.inv(squares).astype(np.float64)
    whole = float(((squares @ w) * w).sum())
    left = np.ones(len(w) // block, bool)
    lost = 0.0
    while (gone := int((~left).sum())) < count:
        costs = _costs(w, inverse, block)
        costs[~left] = np.inf
        units = _apart(costs, inverse, block, min(max(1, count // STEPS), count - gone))
        left[units] = False
        part = np.concatenate([np.arange(unit * block, (unit + 1) * block) for unit in units])
        column = inverse[:, part] @ np.linalg.inv(inverse[np.ix_(part, part)])
        lost += float((w[part] * np.linalg.solve(inverse[np.ix_(part, part)], w[part])).sum())
        w -= column @ w[part]
        inverse -= column @ inverse[part]
        w[part], inverse[part], inverse[:, part] = 0, 0, 0
        inverse[part, part] = 1  # so that what is gone has a cost to divide by
    return Cut(np.flatnonzero(left), w[np.repeat(left, block)], max(lost, 0.0) / max(whole, 1e-30))


def _apart(costs: Doubles, inverse: Doubles, block: int, most: int) -> list[int]:
    """The cheapest unit, and with it the next ones that do not stand for it or for each other."""
    chosen: list[int] = []
    for unit in np.argsort(costs, kind="stable")[: 4 * most].tolist():
        if not np.isfinite(costs[unit]):
            break
        mine = slice(unit * block, (unit + 1) * block)
        others = np.repeat(np.array(chosen, np.int64) * block, block) + np.tile(np.arange(block), len(chosen))
        scales = np.outer(np.diag(inverse)[mine], np.diag(inverse)[others])
        if (inverse[mine, others] ** 2 < ALIKE * scales).all():
            chosen.append(unit)
        if len(chosen) == most:
            break
    return chosen


def _costs(w: Doubles, inverse: Doubles, block: int) -> Doubles:
    """What each unit costs, (units,)."""
    if block == 1:
        found: Doubles = (w**2).sum(axis=1) / np.diag(inverse)
        return found
    units = len(w) // block
    parts = inverse.reshape(units, block, units, block)[np.arange(units), :, np.arange(units)]
    rows = w.reshape(units, block, -1)
    solved = np.linalg.solve(parts, rows)
    costs: Doubles = (rows * solved).sum(axis=(1, 2))
    return costs
