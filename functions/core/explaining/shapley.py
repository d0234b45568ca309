"""Shapley values of the features of one row: exact where there are few, else sampled by permutations.

Sources: L. S. Shapley, "A value for n-person games" (1953); E. Strumbelj and I. Kononenko, "An efficient explanation of
individual classifications using game theory" (2010); antithetic pairs as in R. Mitchell et al., "Sampling permutations
for Shapley value estimation" (2022).
"""

from math import factorial, sqrt

import numpy as np

from functions.core.explaining.attribution import Attribution, Question
from functions.core.tensors import Array


def shapley(ask: Question, row: Array, baseline: Array, budget: int, seed: int) -> Attribution:
    """Attribute the score of a row to its features.

    Args:
        ask: the model.
        row: the features, [k].
        baseline: what stands for a feature that is left out, [k].
        budget: rows that the model may be asked at most; at least 2 (k + 1).
        seed: of the permutations.

    Returns:
        Values [k] that add up to score - baseline.
    """
    if 2 ** len(row) <= budget:
        return _exact(ask, row, baseline)
    return _sampled(ask, row, baseline, budget, np.random.default_rng(seed))


def _exact(ask: Question, row: Array, baseline: Array) -> Attribution:
    """Over all subsets of the features, numbered by their bits."""
    count = len(row)
    subsets = np.arange(2**count)
    chosen = (subsets[:, None] >> np.arange(count)) & 1 == 1
    scores = ask(np.where(chosen, row, baseline))
    sizes = chosen.sum(axis=1)
    weights = np.array([factorial(size) * factorial(count - size - 1) for size in range(count)]) / factorial(count)
    values = np.empty(count)
    for feature in range(count):
        without = subsets[~chosen[:, feature]]
        values[feature] = weights[sizes[without]] @ (scores[without | (1 << feature)] - scores[without])
    return Attribution(values, float(scores[0]), float(scores[-1]), 0.0, len(scores))


def _sampled(ask: Question, row: Array, baseline: Array, budget: int, random: np.random.Generator) -> Attribution:
    """Walk from the baseline to the row along random orders, each also backwards, and average what each step moves."""
    count = len(row)
    pairs = max(1, budget // (2 * (count + 1)))
    moves = np.empty((pairs, count))
    for pair in range(pairs):
        order = random.permutation(count)
        steps = np.concatenate([_walk(row, baseline, order), _walk(row, baseline, order[::-1])])
        scores = ask(steps).reshape(2, count + 1)
        forward, backward = np.empty(count), np.empty(count)
        forward[order] = np.diff(scores[0])
        backward[order[::-1]] = np.diff(scores[1])
        moves[pair] = (forward + backward) / 2
    spread = moves.std(axis=0, ddof=1) if pairs > 1 else np.abs(moves[0])
    error = 1.96 * float(spread.max()) / sqrt(pairs)
    return Attribution(moves.mean(axis=0), float(scores[0, 0]), float(scores[0, -1]), error, pairs * 2 * (count + 1))


def _walk(row: Array, baseline: Array, order: Array) -> Array:
    """Rows [k + 1, k]: the baseline, then one more feature of the row in each."""
    rank = np.empty(len(order), dtype=int)
    rank[order] = np.arange(len(order))
    return np.where(rank < np.arange(len(order) + 1)[:, None], row, baseline)
