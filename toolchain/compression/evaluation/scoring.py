"""Metrics against labels: classes, several labels, numbers, rankings."""

import numpy as np
from numpy.typing import NDArray

from toolchain.compression.evaluation.answers import NONE
from toolchain.compression.evaluation.case import Case
from toolchain.compression.evaluation.intervals import Weights, mean

Floats = NDArray[np.float64]
BINS = 15
"""Of confidence, for the calibration error (Guo et al., On Calibration of Modern Neural Networks, 2017)."""


def accuracy(case: Case, weights: Weights) -> Floats:
    """Share of rows whose class is right; of several labels, whose labels all are."""
    return mean(weights, right(case).astype(np.float64))


def right(case: Case) -> NDArray[np.bool_]:
    """Whether each row's answer is right, [rows]."""
    same = case.answers.choices == case.labels
    return np.asarray(same.all(axis=1) if same.ndim > 1 else same)


def indicators(choices: NDArray[np.int64], targets: int) -> Floats:
    """Choices of classes [rows], or of labels [rows, targets], as 0 and 1 [rows, targets]."""
    if choices.ndim > 1:
        return choices.astype(np.float64)
    return np.asarray(choices[:, None] == np.arange(targets), np.float64)


def f1_of_each(case: Case, weights: Weights) -> Floats:
    """The harmonic mean of precision and recall of each class, [draws, targets]; NaN where it never occurs."""
    said = indicators(case.answers.choices, len(case.targets))
    true = indicators(case.labels, len(case.targets))
    hits, total = weights @ (said * true), weights @ (said + true)
    return np.asarray(np.divide(2 * hits, total, out=np.full_like(hits, np.nan), where=total > 0))


def macro_f1(case: Case, weights: Weights) -> Floats:
    """The mean of every class's F1; a class that occurs neither in labels nor in answers does not count."""
    return _mean_of_known(f1_of_each(case, weights))


def auc(case: Case, weights: Weights) -> Floats:
    """The area under the ROC curve: of the second of two classes, else the mean of every class against the rest."""
    count = len(case.targets)
    true = indicators(case.labels, count)
    columns = (1,) if case.kind == "classes" and count == 2 else range(count)
    return _mean_of_known(np.stack([area(case.answers.scores[:, at], true[:, at], weights) for at in columns], axis=1))


def area(scores: Floats, positive: Floats, weights: Weights) -> Floats:
    """How probable it is that a positive row scores above a negative one, ties counting half, [draws].

    The statistic of Mann and Whitney, with every row as often as its weight says; NaN where a side has no rows.
    """
    order = np.argsort(scores, kind="stable")
    starts = np.flatnonzero(np.diff(scores[order], prepend=-np.inf) != 0)
    ups = np.add.reduceat(weights[:, order] * positive[order], starts, axis=1)
    downs = np.add.reduceat(weights[:, order] * (1 - positive[order]), starts, axis=1)
    below = np.cumsum(downs, axis=1) - downs / 2
    pairs = ups.sum(axis=1) * downs.sum(axis=1)
    return np.asarray(np.divide((ups * below).sum(axis=1), pairs, out=np.full(len(weights), np.nan), where=pairs > 0))


def calibration_error(case: Case, weights: Weights) -> Floats:
    """The expected calibration error: by how much confidence and share of right answers differ, over 15 even bins."""
    confidence = case.answers.scores.max(axis=1)
    correct = (case.answers.scores.argmax(axis=1) == case.labels).astype(np.float64)
    at = np.clip(np.ceil(confidence * BINS).astype(np.int64) - 1, 0, BINS - 1)
    gaps = np.zeros((len(confidence), BINS))
    gaps[np.arange(len(at)), at] = correct - confidence
    return np.asarray(np.abs(weights @ gaps).sum(axis=1) / weights.sum(axis=1))


def rmse(case: Case, weights: Weights) -> Floats:
    """The root of the mean squared error, over rows and numbers."""
    return np.asarray(np.sqrt(mean(weights, (_errors(case) ** 2).mean(axis=1))))


def mae(case: Case, weights: Weights) -> Floats:
    """The mean absolute error, over rows and numbers."""
    return mean(weights, np.abs(_errors(case)).mean(axis=1))


def r2(case: Case, weights: Weights) -> Floats:
    """The coefficient of determination, its mean over numbers; one that is always the same does not count."""
    centred = case.labels - case.labels.mean(axis=0)  # the same sums, without their loss of digits
    spread = mean(weights, centred**2) - mean(weights, centred) ** 2
    wrong = mean(weights, _errors(case) ** 2)
    return _mean_of_known(1 - np.divide(wrong, spread, out=np.full_like(wrong, np.nan), where=spread > 1e-12))


def ndcg(case: Case, weights: Weights) -> Floats:
    """Normalised discounted cumulative gain of the items that are given, each right one counting the same.

    As Järvelin and Kekäläinen have it (2002): the gain of the item at place i is divided by log2(i + 1).
    """
    hits, wanted = _hits(case)
    discounts = 1 / np.log2(np.arange(hits.shape[1]) + 2)
    ideal = np.concatenate([[0.0], np.cumsum(discounts)])[np.minimum(wanted, hits.shape[1])]
    return mean(weights, (hits * discounts).sum(axis=1) / ideal)


def recall(case: Case, weights: Weights) -> Floats:
    """Share of the right items that are given, as a mean over rows."""
    hits, wanted = _hits(case)
    return mean(weights, hits.sum(axis=1) / wanted)


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
