"""How much a model's answers are the original's: no labels needed."""

from functools import partial

import numpy as np
from numpy.typing import NDArray

from toolchain.compression.evaluation.answers import NONE
from toolchain.compression.evaluation.case import Case
from toolchain.compression.evaluation.intervals import Measure, Weights, mean

Floats = NDArray[np.float64]
PAIRED = 1000
"""Rows whose similarities to each other are ranked."""
BLOCK = 512
"""Rows compared with all others at a time."""


def agreement(case: Case) -> Measure:
    """How far the answers are the original's, 0 to 1.

    Of classes and labels, the share of rows with the same; of items, the share of the original's that are given; of
    vectors, the share of rows whose nearest other row is the same; of numbers, 1 less the relative error: the norm
    of the difference over that of the original's deviations from their mean.
    """
    if case.kind == "numbers":
        return _nearness(case)
    return partial(mean, values=agreeing(case))


def agreeing(case: Case) -> Floats:
    """How far each row agrees, [rows]; not of numbers, which agree as a whole."""
    got, right = case.answers.choices, case.original.choices
    match case.kind:
        case "vectors":
            return np.asarray(nearest(case.answers.scores) == nearest(case.original.scores), np.float64)
        case "items":
            kept = ((right[:, :, None] == got[:, None, :]) & (right != NONE)[:, :, None]).any(axis=2).sum(axis=1)
            return np.asarray(kept / np.maximum((right != NONE).sum(axis=1), 1))
    same = got == right
    return np.asarray(same.all(axis=1) if same.ndim > 1 else same, np.float64)


def cosine(case: Case) -> Measure:
    """The mean cosine between each vector and the original's."""
    return partial(mean, values=cosines(case))


def cosines(case: Case) -> Floats:
    """The cosine between each row's vector and the original's, [rows]; of two zero vectors 1."""
    a, b = case.answers.scores, case.original.scores
    norms = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    same = (a == b).all(axis=1).astype(np.float64)
    return np.asarray(np.divide((a * b).sum(axis=1), norms, out=same, where=norms > 0))


def nearest(vectors: Floats) -> NDArray[np.int64]:
    """The row that is most like each by cosine, other than itself, [rows]."""
    unit = _unit(vectors)
    found = []
    for start in range(0, len(unit), BLOCK):
        likenesses = unit[start : start + BLOCK] @ unit.T
        likenesses[np.arange(len(likenesses)), np.arange(start, start + len(likenesses))] = -np.inf
        found.append(likenesses.argmax(axis=1))
    return np.concatenate(found)


def rank_correlation(case: Case) -> float:
    """Spearman's correlation of the similarities of all pairs of rows, of the first thousand."""
    similarities = [_pairs(scores[:PAIRED]) for scores in (case.answers.scores, case.original.scores)]
    a, b = (_ranks(values) for values in similarities)
    a, b = a - a.mean(), b - b.mean()
    norms = float(np.linalg.norm(a) * np.linalg.norm(b))
    return float(a @ b) / norms if norms else float("nan")


def differences(case: Case) -> Floats:
    """Squared differences of numbers from the original's, summed for each row; the same infinity is none, [rows]."""
    got, right = case.answers.scores, case.original.scores
    same = got == right
    return np.asarray(((np.where(same, 0, got) - np.where(same, 0, right)) ** 2).sum(axis=1))


def _nearness(case: Case) -> Measure:
    right = np.where(np.isfinite(case.original.scores), case.original.scores, 0)
    spread = ((right - right.mean(axis=0)) ** 2).sum(axis=1)
    moved = differences(case)

    def measure(weights: Weights) -> Floats:
        wrong, whole = weights @ moved, weights @ spread
        relative = np.divide(wrong, whole, out=np.where(wrong > 0, np.inf, 0.0), where=whole > 0)
        return np.asarray(np.maximum(0, 1 - np.sqrt(relative)))

    return measure


def _pairs(vectors: Floats) -> Floats:
    unit = _unit(vectors)
    return np.asarray((unit @ unit.T)[np.triu_indices(len(unit), 1)])


def _ranks(values: Floats) -> Floats:
    """Places in ascending order; equal values share the mean of theirs."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    return np.asarray((np.cumsum(counts) - (counts + 1) / 2)[inverse])


def _unit(vectors: Floats) -> Floats:
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.where(norms == 0, 1, norms))
