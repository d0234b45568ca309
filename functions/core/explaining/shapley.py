"""Shapley values of the parts of one instance: exact where there are few, else sampled by permutations.

Sources: L. S. Shapley, "A value for n-person games" (1953); E. Strumbelj and I. Kononenko, "An efficient explanation of
individual classifications using game theory" (2010); antithetic pairs as in R. Mitchell et al., "Sampling permutations
for Shapley value estimation" (2022).
"""

from math import factorial, sqrt
from random import Random  # numpy's generators are not shipped

import numpy as np

from functions.core.explaining.attribution import Attribution, Question
from functions.core.tensors import Array


def shapley(ask: Question, count: int, budget: int, seed: int) -> Attribution:
    """Attribute a score to parts.

    Args:
        ask: the model.
        count: how many parts.
        budget: variants that the model may be asked at most; at least 2 (count + 1).
        seed: of the permutations.

    Returns:
        Values [count] that add up to score - baseline.
    """
    if 2**count <= budget:
        return _exact(ask, count)
    return _sampled(ask, count, budget, Random(seed))  # noqa: S311 - it keeps no secret


def _exact(ask: Question, count: int) -> Attribution:
    """Over all subsets of the parts, numbered by their bits."""
    subsets = np.arange(2**count)
    kept = (subsets[:, None] >> np.arange(count)) & 1 == 1
    scores = ask(kept)
    sizes = kept.sum(axis=1)
    weights = np.array([factorial(size) * factorial(count - size - 1) for size in range(count)]) / factorial(count)
    values = np.empty(count)
    for part in range(count):
        without = subsets[~kept[:, part]]
        values[part] = weights[sizes[without]] @ (scores[without | (1 << part)] - scores[without])
    return Attribution(values, float(scores[0]), float(scores[-1]), 0.0, len(scores))


def _sampled(ask: Question, count: int, budget: int, random: Random) -> Attribution:
    """Walk from nothing to the instance along random orders, each also backwards, and average what each step moves."""
    pairs = max(1, budget // (2 * (count + 1)))
    moves = np.empty((pairs, count))
    for pair in range(pairs):
        order = np.array(random.sample(range(count), count))
        scores = ask(np.concatenate([_walk(order), _walk(order[::-1])])).reshape(2, count + 1)
        forward, backward = np.empty(count), np.empty(count)
        forward[order] = np.diff(scores[0])
        backward[order[::-1]] = np.diff(scores[1])
        moves[pair] = (forward + backward) / 2
    spread = moves.std(axis=0, ddof=1) if pairs > 1 else np.abs(moves[0])
    error = 1.96 * float(spread.max()) / sqrt(pairs)
    return Attribution(moves.mean(axis=0), float(scores[0, 0]), float(scores[0, -1]), error, pairs * 2 * (count + 1))


def _walk(order: Array) -> Array:
    """Variants [count + 1, count]: nothing, then one more part in each."""
    rank = np.empty(len(order), dtype=int)
    rank[order] = np.arange(len(order))
    return rank < np.arange(len(order) + 1)[:, None]
