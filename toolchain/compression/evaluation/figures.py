"""Every figure there is of a model beside the original, each with its interval; and where it lost the most."""

from typing import Any, NamedTuple

import numpy as np
import orjson
from numpy.typing import NDArray

from toolchain.compression.evaluation import likeness, scoring
from toolchain.compression.evaluation.answers import NONE, Kind
from toolchain.compression.evaluation.case import Case
from toolchain.compression.evaluation.intervals import HIGH, LOW, weights
from toolchain.compression.evaluation.metrics import AGREEMENT, METRICS, Metric

Floats = NDArray[np.float64]
LEAST = 10
"""Rows from which on a slice can be the worst."""
SHOWN = 30
"""Classes up to which a confusion matrix is legible."""
SLICED: dict[Kind, str] = {
    "classes": "accuracy", "labels": "accuracy", "items": "ndcg", "vectors": "cosine", "numbers": "rmse",
}  # fmt: skip
"""What slices are compared by; agreement where it needs labels that there are not."""


class Figure(NamedTuple):
    """A metric of a model beside the original's; intervals are 95 % ones, NaN where there is none.

    Attributes:
        metric: its name.
        original, value: of both.
        low, high: of `value`.
        drop: by how much `value` is worse; drop_low, drop_high: of that, paired.
    """

    metric: str
    original: float
    value: float
    low: float
    high: float
    drop: float
    drop_low: float
    drop_high: float


class Slice(NamedTuple):
    """A part of the rows: what it is, how many rows it has, and the metric there."""

    name: str
    rows: int
    metric: str
    original: float
    value: float
    drop: float


def figures(case: Case, seed: int) -> list[Figure]:
    """Every metric that can be computed."""
    found = [_figure(name, metric, case, seed) for name, metric in METRICS.items() if metric.fits(case)]
    if case.kind == "vectors":
        nan = float("nan")
        extra = {"spearman": likeness.rank_correlation(case), "least_cosine": float(likeness.cosines(case).min())}
        found += [Figure(name, 1.0, value, nan, nan, 1 - value, nan, nan) for name, value in extra.items()]
    return found


def slices(case: Case, instances: list[Any]) -> list[Slice]:
    """The metric on parts of the rows: by what is right, or by the original's answer; else by the request's length."""
    name = SLICED[case.kind] if METRICS[SLICED[case.kind]].fits(case) else AGREEMENT
    metric = METRICS[name]
    found = []
    for label, members in _parts(case, instances):
        part = _part(case, members)
        ones = np.ones((1, part.rows))
        before, after = (float(metric.of(each)(ones)[0]) for each in (part.of_original(), part))
        found.append(Slice(label, part.rows, name, before, after, metric.sign * (before - after)))
    return found


def worst(found: list[Slice]) -> Slice | None:
    """The slice that lost the most; of those with ten rows, if there are any."""
    large = [part for part in found if part.rows >= LEAST] or found
    return max(large, key=lambda part: part.drop, default=None)


def confusion(case: Case) -> dict[str, Any] | None:
    """How often each class was answered for each right one (the original's answer, without labels), before and after.

    None where answers are no classes, or there are more than 30.
    """
    if case.kind != "classes" or len(case.targets) > SHOWN:
        return None
    rows = case.original.choices if case.truth is None else case.labels
    names = [*case.targets, *(["none"] if NONE in np.concatenate([rows, *_choices(case)]) else [])]
    before, after = (_counts(rows, answers, len(names)) for answers in _choices(case))
    against = "the original's answer" if case.truth is None else "label"
    return {"rows": against, "labels": names, "original": before, "compressed": after}


def of_classes(case: Case) -> list[dict[str, Any]]:
    """F1 of each class or label, before and after; empty where answers are neither, or there are no labels."""
    if case.kind not in ("classes", "labels") or case.truth is None:
        return []
    ones = np.ones((1, case.rows))
    before, after = (scoring.f1_of_each(each)(ones)[0].tolist() for each in (case.of_original(), case))
    counts = scoring.indicators(case.labels, len(case.targets)).sum(axis=0).astype(int).tolist()
    rows = zip(case.targets, counts, before, after, strict=True)
    return [{"label": label, "rows": count, "original": f1, "compressed": other} for label, count, f1, other in rows]


def _figure(name: str, metric: Metric, case: Case, seed: int) -> Figure:
    before, after = metric.of(case.of_original()), metric.of(case)
    ones = np.ones((1, case.rows))
    original, value = float(before(ones)[0]), float(after(ones)[0])
    drawn = [np.stack([before(block), after(block)]) for block in weights(case.rows, seed)]
    olds, news = np.concatenate(drawn, axis=1)
    drop = _bounds(metric.sign * (olds - news))
    return Figure(name, original, value, *_bounds(news), metric.sign * (original - value), *drop)


def _bounds(drawn: Floats) -> tuple[float, float]:
    known = drawn[np.isfinite(drawn)]
    if not len(known):
        return float("nan"), float("nan")
    low, high = np.percentile(known, (LOW, HIGH))
    return float(low), float(high)


def _parts(case: Case, instances: list[Any]) -> list[tuple[str, NDArray[np.int64]]]:
    right = case.truth
    if case.kind == "classes":
        values = case.original.choices if right is None else right
        names = dict(enumerate(case.targets)) | {NONE: "none"}
        return [(names[index], np.flatnonzero(values == index)) for index in np.unique(values).tolist()]
    if case.kind == "labels":
        values = case.original.choices if right is None else right
        with_each = [np.flatnonzero(values[:, index]) for index in range(len(case.targets))]
        return [(name, rows) for name, rows in zip(case.targets, with_each, strict=True) if len(rows)]
    if case.kind == "numbers":
        numbers = (case.original.scores if right is None else right)[:, 0]
        return _quarters(numbers, "numbers")
    return _quarters(np.array([len(orjson.dumps(instance)) for instance in instances], np.float64), "bytes of request")


def _quarters(values: Floats, what: str) -> list[tuple[str, NDArray[np.int64]]]:
    """Four parts of about the same size, by value."""
    order = np.argsort(values, kind="stable")
    parts = [np.sort(part) for part in np.array_split(order, 4) if len(part)]
    return [(f"{what} {values[part].min():.4g} to {values[part].max():.4g}", part) for part in parts]


def _part(case: Case, rows: NDArray[np.int64]) -> Case:
    original, answers = (
        each._replace(choices=each.choices[rows], scores=each.scores[rows]) for each in (case.original, case.answers)
    )
    truth = None if case.truth is None else case.truth[rows]
    return case._replace(original=original, answers=answers, truth=truth)


def _choices(case: Case) -> list[NDArray[np.int64]]:
    return [case.original.choices, case.answers.choices]


def _counts(rows: NDArray[np.int64], columns: NDArray[np.int64], size: int) -> list[list[int]]:
    table = np.zeros((size, size), np.int64)
    np.add.at(table, (rows, columns), 1)  # none is the last one, as its index is -1
    counts: list[list[int]] = table.tolist()
    return counts
