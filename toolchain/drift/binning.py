"""From the values of a feature to its bins: quantiles of numbers, the most frequent of categories."""

from math import inf, isfinite

import numpy as np

from functions.core.drift.part import Spec
from functions.core.drift.reference import BINS, CATEGORIES, LONGEST, MOST_CODES, Feature
from functions.core.drift.sketch import Bins
from functions.core.tensors import Array

ROWS_OF_A_BIN = 10
"""Rows that a bin of numbers is worth at least: with fewer its share says little."""
MARGIN = 0.1
"""By how much of the span of the reference a value may lie outside it before it is unexpected."""
DIGITS = 6


def feature(spec: Spec, values: Array) -> Feature:
    """The feature that the reference has of values, float64 [rows]; NaN is a missing one."""
    there = values[np.isfinite(values)]
    made = _category(spec, there) if spec.categories else _number(spec, there)
    sketch = Bins([made._replace(counts=(0,) * (len(made.edges or made.codes) + 1))]).count(values[:, None])
    return made._replace(counts=tuple(sketch.counts.tolist()), missing=int(sketch.missing[0]))


def _number(spec: Spec, values: Array) -> Feature:
    if not len(values):
        return Feature(spec.name, (), low=_finite(spec.low), high=_finite(spec.high, inf), unit=spec.unit)
    low, high = float(values.min()), float(values.max())
    room = MARGIN * (high - low)
    return Feature(
        spec.name,
        (),
        edges=edges(values),
        low=max(spec.low, _rounded(low - room)),
        high=min(spec.high, _rounded(high + room)),
        unit=spec.unit,
    )


def edges(values: Array) -> tuple[float, ...]:
    """Between the quantiles of values: half-way to the next larger value, so that rounding moves none over an edge."""
    ordered = np.sort(values)
    bins = max(1, min(BINS, len(ordered) // ROWS_OF_A_BIN))
    found = set[float]()
    for number in range(1, bins):
        below = float(ordered[-(-number * len(ordered) // bins) - 1])
        larger = np.searchsorted(ordered, below, side="right")
        if larger < len(ordered):
            found.add(_between(below, float(ordered[larger])))
    return tuple(sorted(found))


def _between(below: float, above: float) -> float:
    middle = below / 2 + above / 2
    short = _rounded(middle)
    return short if below < short < above else middle


def _category(spec: Spec, values: Array) -> Feature:
    """Categories with a bin of their own: all of them, or those that are frequent."""
    known = min(len(spec.categories), MOST_CODES)
    inside = values[(values >= 0) & (values < known)].astype(np.int64)
    counts = np.bincount(inside, minlength=known)
    frequent = np.argsort(-counts, kind="stable")[:CATEGORIES] if known > CATEGORIES else np.arange(known)
    codes = sorted(frequent.tolist())
    names = tuple(_name(spec.categories[code]) for code in codes)
    return Feature(spec.name, (), codes=tuple(codes), categories=names, low=0.0, high=len(spec.categories) - 1.0)


def _name(text: str) -> str:
    return (text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}...") or '""'


def _rounded(value: float) -> float:
    """To a few digits: the last ones of an output hang on the processor that computed it."""
    return float(f"{value:.{DIGITS}g}")


def _finite(value: float, otherwise: float = -inf) -> float:
    return value if isfinite(value) else otherwise
