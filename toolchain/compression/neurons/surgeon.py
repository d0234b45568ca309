"""Which units a layer can do without, when the weights of the others are fitted anew by least squares."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

DAMPING = 0.01
"""Of the mean square of inputs, added to each: sample requests never say all."""
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
    """Take units out one by one, each time the one that costs least after the others have made up for it.

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
    whole = float(np.einsum("io,ij,jo->", w, squares, w))
    left = np.ones(len(w) // block, bool)
    lost = 0.0
    for _ in range(count):
        costs = _costs(w, inverse, block)
        costs[~left] = np.inf
        unit = int(costs.argmin())
        lost += float(costs[unit])
        left[unit] = False
        part = slice(unit * block, (unit + 1) * block)
        column = inverse[:, part] @ np.linalg.inv(inverse[part, part])
        w -= column @ w[part]
        inverse -= column @ inverse[part]
        w[part], inverse[part], inverse[:, part] = 0, 0, 0
        inverse[part, part] = np.eye(block)
    return Cut(np.flatnonzero(left), w[np.repeat(left, block)], max(lost, 0.0) / max(whole, 1e-30))


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
