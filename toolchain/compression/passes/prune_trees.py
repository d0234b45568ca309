"""Leaves that tell least are joined, down to whole trees, and those that stay are fitted to the sums of all.

What joining two leaves costs is the squared error it makes in their rows; rows are the sample requests, and others
mixed from them, which the ensemble itself answers. It goes on from the cheapest (as in Breiman et al., Classification
and Regression Trees, 1984, but over all trees at once), and a tree of which nothing is left becomes a constant.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from toolchain.compression.calibration import Calibration
from toolchain.compression.errors import NotApplicable
from toolchain.compression.graph import Graph
from toolchain.compression.trees.ensemble import Ensemble
from toolchain.compression.trees.pruning import fitted, pruned
from toolchain.compression.trees.reading import nodes, read
from toolchain.compression.trees.reduction import reduced
from toolchain.compression.trees.writing import write

MIXED = 8000
SHARE_MIXED = 0.3


@dataclass(frozen=True)
class Options:
    """How.

    Attributes:
        share: of the leaves, to be joined with others.
        rounds: how often the leaves that stay are fitted, tree by tree; 0 leaves them at the mean of those joined,
            which keeps an ensemble monotonic that was made so.
    """

    share: float = 0.5
    rounds: int = 10

    def __post_init__(self) -> None:
        if not 0 < self.share < 1:
            raise ValueError(f"share is above 0 and below 1, got {self.share}")
        if self.rounds < 0:
            raise ValueError(f"rounds is 0 or more, got {self.rounds}")


def applies(graph: Graph) -> str | None:
    """Whether there are trees."""
    return None if nodes(graph) else "no ensemble of trees"


def run(graph: Graph, options: Options, calibration: Calibration) -> Graph:
    """The graph with fewer leaves and trees.

    Raises:
        NotApplicable: the trees cannot be read, or the sample requests are too few to tell leaves apart.
    """
    graph = graph.copy()
    found = [read(graph, node) for node in nodes(graph)]
    taken = {trees.x: [] for trees in found}  # type: dict[str, list[NDArray[np.float32]]]
    for values in calibration.activations(graph, list(taken)):
        for name, value in values.items():
            taken[name].append(value)
    pairs = []
    for trees in found:
        x, weight = _rows(np.concatenate(taken[trees.x]).astype(np.float32))
        whole = reduced(trees.ensemble)
        small = pruned(whole, x, weight, options.share)
        if options.rounds:
            small = fitted(small, x, weight, whole.answers(x), options.rounds)
        pairs.append((trees, reduced(small)))
        graph.note(_said(whole, pairs[-1][1]))
    write(graph, pairs)
    graph.sweep()
    return graph


def _rows(real: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """The sample requests, and rows mixed from pairs of them; either kind weighs as much as the other, (rows,)."""
    if len(real) < 2:
        raise NotApplicable("one row of sample requests tells no leaves apart")
    random = np.random.default_rng(0)
    first, second = random.integers(0, len(real), (2, MIXED))
    mixed = np.where(random.random((MIXED, real.shape[1])) < SHARE_MIXED, real[second], real[first])
    weight = np.concatenate([np.full(len(real), MIXED / len(real)), np.ones(MIXED)])
    return np.concatenate([real, mixed]), weight


def _said(before: Ensemble, after: Ensemble) -> str:
    return f"{len(before.roots)} trees with {before.leaves} leaves became {len(after.roots)} with {after.leaves}"
