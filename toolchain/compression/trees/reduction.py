"""What no row can tell: branches that are never taken, and those whose ends are equal."""

from dataclasses import replace

import numpy as np

from toolchain.compression.trees.ensemble import LEAF, MODES, Ensemble

AT_MOST = MODES.index("BRANCH_LEQ")


def reduced(ensemble: Ensemble) -> Ensemble:
    """The same ensemble with fewer nodes; every row, NaN included, gets the same values."""
    made = replace(
        ensemble,
        yes=ensemble.yes.copy(),
        no=ensemble.no.copy(),
        feature=ensemble.feature.copy(),
        value=ensemble.value.copy(),
    )
    roots = [_bypassed(made, int(root)) for root in ensemble.roots]
    return made.condensed(roots)


def _bypassed(made: Ensemble, root: int) -> int:
    """Decide what is decided already further up, then join equal leaves from below; the root that is left."""
    order: list[int] = []
    start = _decided(made, root, {})
    stack: list[tuple[int, dict[int, tuple[float, float]]]] = [(start, {})]
    while stack:
        node, known = stack.pop()
        if made.feature[node] == LEAF:
            continue
        order.append(node)
        below, above = _halves(made, node, known)
        made.yes[node] = _decided(made, int(made.yes[node]), below)
        made.no[node] = _decided(made, int(made.no[node]), above)
        stack += [(int(made.yes[node]), below), (int(made.no[node]), above)]
    for node in reversed(order):
        yes, no = made.yes[node], made.no[node]
        if made.feature[yes] == made.feature[no] == LEAF and np.array_equal(made.value[yes], made.value[no]):
            made.feature[node], made.value[node] = LEAF, made.value[yes]
    return start


def _halves(
    made: Ensemble, node: int, known: dict[int, tuple[float, float]]
) -> tuple[dict[int, tuple[float, float]], dict[int, tuple[float, float]]]:
    """What is known of columns on either side: greater than, and at most. Nothing new where NaN may be on that side."""
    feature, limit = int(made.feature[node]), float(made.threshold[node])
    if made.mode[node] != AT_MOST:
        return known, known
    low, high = known.get(feature, (-np.inf, np.inf))
    return known | {feature: (low, min(high, limit))}, known | {feature: (max(low, limit), high)}


def _decided(made: Ensemble, node: int, known: dict[int, tuple[float, float]]) -> int:
    """The first node on the way whose comparison can still go either way; one that NaN reaches otherwise stays."""
    while made.feature[node] != LEAF and made.mode[node] == AT_MOST:
        low, high = known.get(int(made.feature[node]), (-np.inf, np.inf))
        limit = float(made.threshold[node])
        holds = high <= limit
        if not (holds or low >= limit) or bool(made.missing[node]) != holds:
            return node
        node = int(made.yes[node] if holds else made.no[node])
    return node
