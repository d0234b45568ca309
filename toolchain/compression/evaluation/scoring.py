"""Metrics against labels: classes, several labels, numbers, rankings. Each looks at the rows once, and then tells the
figures of any draws of them."""

from functools import partial

import numpy as np
from numpy.typing import NDArray

from toolchain.compression.evaluation.answers import NONE
from toolchain.compression.evaluation.case import Case
from toolchain.compression.evaluation.intervals import Measure, Weights, mean

Floats = NDArray[np.float64]
BINS = 15
"""Of confidence, for the calibration error (Guo et al., On Calibration of Modern Neural Networks, 2017)."""


def accuracy(case: Case) -> Measure:
    """Share of rows whose class is right; of several labels, whose labels all are."""
    same = case.answers.choices == case.labels
    right = (same.all(axis=1) if same.ndim > 1 else same).astype(np.float64)
    return partial(mean, values=right)


def indicators(choices: NDArray[np.int64], targets: int) -> Floats:
    """Choices of classes [rows], or of labels [rows, targets], as 0 and 1 [rows, targets]."""
    if choices.ndim > 1:
        return choices.astype(np.float64)
    return np.asarray(choices[:, None] == np.arange(targets), np.float64)


def f1_of_each(case: Case) -> Measure:
    """The harmonic mean of precision and recall of each class, [draws, targets]; NaN where no row is of it."""
    said = indicators(case.answers.choices, len(case.targets))
    true = indicators(case.labels, len(case.targets))

    def measure(weights: Weights) -> Floats:
        hits, total, rows = weights @ (said * true), weights @ (said + true), weights @ true
        # A class that is only answered, never right, has no recall: it would come and go with the draws.
        return np.asarray(np.divide(2 * hits, total, out=np.full_like(hits, np.nan), where=rows > 0))

    return measure


def macro_f1(case: Case) -> Measure:
    """The mean of every class's F1; a class that no row is of does not count."""
    each = f1_of_each(case)
    return lambda weights: _mean_of_known(each(weights))


def auc(case: Case) -> Measure:
    """The area under the ROC curve: of the second of two classes, else the mean of every class against the rest."""
    count = len(case.targets)
    true = indicators(case.labels, count)
    columns = (1,) if case.kind == "classes" and count == 2 else range(count)
    areas = [area(case.answers.scores[:, at], true[:, at]) for at in columns]
    return lambda weights: _mean_of_known(np.stack([measure(weights) for measure in areas], axis=1))


def area(scores: Floats, positive: Floats) -> Measure:
    """How probable it is that a positive row scores above a negative one, ties counting half, [draws].

    The statistic of Mann and Whitney, with every row as often as its weight says; NaN where a side has no rows.
    """
    order = np.argsort(scores, kind="stable")
    starts = np.flatnonzero(np.diff(scores[order], prepend=-np.inf) != 0)
    up = positive[order]

    def measure(weights: Weights) -> Floats:
        sorted_weights = weights[:, order]
        ups = np.add.reduceat(sorted_weights * up, starts, axis=1)
        downs = np.add.reduceat(sorted_weights * (1 - up), starts, axis=1)
        below = np.cumsum(downs, axis=1) - downs / 2
        pairs = ups.sum(axis=1) * downs.sum(axis=1)
        won = (ups * below).sum(axis=1)
        return np.asarray(np.divide(won, pairs, out=np.full(len(weights), np.nan), where=pairs > 0))

    return measure


def calibration_error(case: Case) -> Measure:
    """The expected calibration error: by how much confidence and share of right answers differ, over 15 even bins."""
    confidence = case.answers.scores.max(axis=1)
    correct = (case.answers.scores.argmax(axis=1) == case.labels).astype(np.float64)
    at = np.clip(np.ceil(confidence * BINS).astype(np.int64) - 1, 0, BINS - 1)
    gaps = np.zeros((len(confidence), BINS))
    gaps[np.arange(len(at)), at] = correct - confidence
    return lambda weights: np.asarray(np.abs(weights @ gaps).sum(axis=1) / weights.sum(axis=1))


def rmse(case: Case) -> Measure:
    """The root of the mean squared error, over rows and numbers."""
    squares = (_errors(case) ** 2).mean(axis=1)
    return lambda weights: np.asarray(np.sqrt(mean(weights, squares)))


def mae(case: Case) -> Measure:
    """The mean absolute error, over rows and numbers."""
    return partial(mean, values=np.abs(_errors(case)).mean(axis=1))


def r2(case: Case) -> Measure:
    """The coefficient of determination, its mean over numbers; one that is always the same does not count."""
    centred = case.labels - case.labels.mean(axis=0)  # the same sums, without their loss of digits
    squares = _errors(case) ** 2

    def measure(weights: Weights) -> Floats:
        spread = mean(weights, centred**2) - mean(weights, centred) ** 2
        wrong = mean(weights, squares)
        return _mean_of_known(1 - np.divide(wrong, spread, out=np.full_like(wrong, np.nan), where=spread > 1e-12))

    return measure


def ndcg(case: Case) -> Measure:
    """Normalised discounted cumulative gain of the items that are given, each right one counting the same.

    As Järvelin and Kekäläinen have it (2002): the gain of the item at place i is divided by log2(i + 1).
    """
    hits, wanted = _hits(case)
    discounts = 1 / np.log2(np.arange(hits.shape[1]) + 2)
    ideal = np.concatenate([[0.0], np.cumsum(discounts)])[np.minimum(wanted, hits.shape[1])]
    return partial(mean, values=(hits * discounts).sum(axis=1) / ideal)


def recall(case: Case) -> Measure:
    """Share of the right items that are given, as a mean over rows."""
    hits, wanted = _hits(case)
    return partial(mean, values=hits.sum(axis=1) / wanted)


def _hits(case: Case) -> tuple[Floats, NDArray[np.int64]]:
    """Which of the items given are right, [rows, k], and how many there are, [rows]."""
    given, wanted = case.answers.choices, case.labels
    hits = (given[:, :, None] == wanted[:, None, :]) & (wanted != NONE)[:, None, :]
    return hits.any(axis=2).astype(np.float64), (wanted != NONE).sum(axis=1)


def _errors(case: Case) -> Floats:
    return np.asarray(case.answers.scores - case.labels)


def _mean_of_known(figures: Floats) -> Floats:
    """The mean along the last axis of what is known; NaN where nothing is."""
    known = np.isfinite(figures)
    count = known.sum(axis=1)
    total = np.where(known, figures, 0).sum(axis=1)
    return np.asarray(np.divide(total, count, out=np.full(len(figures), np.nan), where=count > 0))
