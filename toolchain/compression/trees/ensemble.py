"""An ensemble of trees, whichever operator carries it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

MODES = ("BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT", "BRANCH_EQ", "BRANCH_NEQ")
"""In the order of ONNX's TreeEnsemble, which numbers them."""
LEAF = -1
ROWS = 2048
"""Rows routed at a time: memory holds so many positions for each tree."""


@dataclass(frozen=True)
class Ensemble:
    """Trees whose leaves add up: y = base + the values of the leaves that a row reaches, one of each tree.

    Attributes:
        roots: int64, (trees,): indices of nodes.
        feature: int64, (nodes,): the column that a node looks at, or LEAF.
        threshold: float32, (nodes,).
        mode: uint8, (nodes,): index in MODES.
        yes: int64, (nodes,): where a row goes for which the comparison holds.
        no: int64, (nodes,): where the others go.
        missing: bool, (nodes,): whether NaN goes where the comparison holds, whatever it says.
        value: float32, (nodes, outputs): what a leaf adds.
        base: float32, (outputs,).
    """

    roots: NDArray[np.int64]
    feature: NDArray[np.int64]
    threshold: NDArray[np.float32]
    mode: NDArray[np.uint8]
    yes: NDArray[np.int64]
    no: NDArray[np.int64]
    missing: NDArray[np.bool_]
    value: NDArray[np.float32]
    base: NDArray[np.float32]

    @property
    def leaves(self) -> int:
        """How many there are."""
        return int((self.feature == LEAF).sum())

    def reached(self, x: NDArray[np.float32]) -> NDArray[np.int64]:
        """The leaf that each row, (rows, features), reaches in each tree: (rows, trees)."""
        parts = [self._reached(x[at : at + ROWS]) for at in range(0, len(x), ROWS)]
        return np.concatenate(parts) if parts else np.empty((0, len(self.roots)), np.int64)

    def _reached(self, x: NDArray[np.float32]) -> NDArray[np.int64]:
        place = np.tile(self.roots, (len(x), 1))
        rows = np.arange(len(x))[:, None]
        while (inner := self.feature[place] != LEAF).any():
            value, limit, mode = x[rows, np.maximum(self.feature[place], 0)], self.threshold[place], self.mode[place]
            holds = np.select([mode == number for number in range(len(MODES))], _compared(value, limit))
            holds = holds | (np.isnan(value) & self.missing[place])
            place = np.where(inner, np.where(holds, self.yes[place], self.no[place]), place)
        return place

    def answers(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """What the trees add up to for each row: (rows, outputs)."""
        parts = [self.value[self._reached(x[at : at + ROWS])].sum(axis=1) for at in range(0, len(x), ROWS)]
        total: NDArray[np.float32] = self.base + np.concatenate(parts)
        return total

    def condensed(self, roots: Sequence[int]) -> "Ensemble":
        """The nodes that can be come to from these roots, in the order of a walk along the branches that hold."""
        order: list[int] = []
        for root in roots:
            stack = [int(root)]
            while stack:
                node = stack.pop()
                order.append(node)
                if self.feature[node] != LEAF:
                    stack += [int(self.no[node]), int(self.yes[node])]
        new = np.full(len(self.feature), LEAF, np.int64)
        new[order] = np.arange(len(order))
        inner = self.feature[order] != LEAF
        return replace(
            self,
            roots=new[np.asarray(roots, np.int64)],
            feature=self.feature[order],
            threshold=self.threshold[order],
            mode=self.mode[order],
            yes=np.where(inner, new[self.yes[order]], 0),
            no=np.where(inner, new[self.no[order]], 0),
            missing=self.missing[order],
            value=self.value[order],
        )


def _compared(value: NDArray[np.float32], limit: NDArray[np.float32]) -> list[NDArray[np.bool_]]:
    return [value <= limit, value < limit, value >= limit, value > limit, value == limit, value != limit]
