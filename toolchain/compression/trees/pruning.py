"""Leaves joined by what that costs, and fitted again."""

import heapq
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from toolchain.compression.trees.ensemble import LEAF, Ensemble

UNSEEN = 1e-3
"""Weight of a leaf that no row reaches: less than any row's."""
RIDGE = 20.0
"""Rows' weight that pulls a fitted leaf towards what it was."""


def pruned(ensemble: Ensemble, x: NDArray[np.float32], weight: NDArray[np.float64], share: float) -> Ensemble:
    """The ensemble with a share of its leaves joined, the cheapest first.

    Args:
        ensemble: stays as it is.
        x: (rows, features).
        weight: of each row, (rows,).
        share: of all leaves, between 0 and 1.
    """
    seen = _weights(ensemble, x, weight)
    feature, value = ensemble.feature.copy(), ensemble.value.astype(np.float64)
    parent = _parents(ensemble)
    heap: list[tuple[float, int]] = []

    def offer(node: int) -> None:
        yes, no = int(ensemble.yes[node]), int(ensemble.no[node])
        if feature[yes] == LEAF and feature[no] == LEAF:
            both = seen[yes] + seen[no]
            cost = seen[yes] * seen[no] / both * float(((value[yes] - value[no]) ** 2).sum())
            heapq.heappush(heap, (cost, node))

    for node in np.flatnonzero(feature != LEAF).tolist():
        offer(node)
    left = int(ensemble.leaves * share)
    while left > 0 and heap:
        _, node = heapq.heappop(heap)
        yes, no = int(ensemble.yes[node]), int(ensemble.no[node])
        seen[node] = seen[yes] + seen[no]
        value[node] = (seen[yes] * value[yes] + seen[no] * value[no]) / seen[node]
        feature[node] = LEAF
        left -= 1
        if parent[node] >= 0:
            offer(int(parent[node]))
    return _settled(replace(ensemble, feature=feature, value=value.astype(np.float32)))


def fitted(
    ensemble: Ensemble,
    x: NDArray[np.float32],
    weight: NDArray[np.float64],
    right: NDArray[np.float32],
    rounds: int,
) -> Ensemble:
    """The ensemble with leaves moved so that its sums come near to `right`, (rows, outputs): tree by tree, in turn."""
    place = ensemble.reached(x)
    value, base = ensemble.value.astype(np.float64), ensemble.base.astype(np.float64)
    rest = right - base - value[place].sum(axis=1)
    for _ in range(rounds):
        moved = (weight[:, None] * rest).sum(axis=0) / weight.sum()
        base, rest = base + moved, rest - moved
        for tree in range(place.shape[1]):
            leaves = place[:, tree]
            count = np.bincount(leaves, weight, len(value))[:, None] + RIDGE
            change = np.stack([np.bincount(leaves, weight * part, len(value)) for part in rest.T], axis=1) / count
            value += change
            rest -= change[leaves]
    return replace(ensemble, value=value.astype(np.float32), base=base.astype(np.float32))


def _weights(ensemble: Ensemble, x: NDArray[np.float32], weight: NDArray[np.float64]) -> NDArray[np.float64]:
    place = ensemble.reached(x)
    seen = np.full(len(ensemble.feature), UNSEEN)
    for tree in range(place.shape[1]):
        seen += np.bincount(place[:, tree], weight, len(seen))
    return seen


def _parents(ensemble: Ensemble) -> NDArray[np.int64]:
    parent = np.full(len(ensemble.feature), -1, np.int64)
    inner = np.flatnonzero(ensemble.feature != LEAF)
    parent[ensemble.yes[inner]] = inner
    parent[ensemble.no[inner]] = inner
    return parent


def _settled(ensemble: Ensemble) -> Ensemble:
    """With trees that are but a leaf moved into the base."""
    lone = ensemble.feature[ensemble.roots] == LEAF
    base = ensemble.base + ensemble.value[ensemble.roots[lone]].sum(axis=0)
    return replace(ensemble.condensed(ensemble.roots[~lone].tolist()), base=base)
