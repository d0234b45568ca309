"""A sketch: how many values fell into which bin of the reference. Counts, nothing else; sketches add up."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from functions.core.drift import psi
from functions.core.drift.reference import Feature
from functions.core.tensors import Array


class Sketch(NamedTuple):
    """Counts of some features; `Bins` knows which.

    Attributes:
        counts: over the bins of all features, one feature after the other.
        missing: values that were missing, of each feature; they are in no bin.
        outside: values outside the feature's range, of each feature; they are in the outermost bins.
    """

    counts: Array
    missing: Array
    outside: Array

    def merged(self, other: "Sketch") -> "Sketch":
        """Both together; in whatever order sketches are merged, they give the same."""
        return Sketch(self.counts + other.counts, self.missing + other.missing, self.outside + other.outside)


class Figures(NamedTuple):
    """What sketches say of each feature: arrays in the features' order.

    Attributes:
        rows: that were looked at.
        psi: the population stability index, less chance.
        missing: share of the rows without a value.
        missing_more: by how much that share exceeds the reference's; 0 where it does not.
        outside: share of the rows whose value is outside the feature's range.
    """

    rows: Array
    psi: Array
    missing: Array
    missing_more: Array
    outside: Array


class Bins:
    """The bins of some features, side by side."""

    def __init__(self, features: Sequence[Feature]) -> None:
        self.features = tuple(features)
        sizes = [len(feature.counts) for feature in features]
        self.sizes = np.array(sizes, np.int64)
        self.starts = np.cumsum([0, *sizes[:-1]], dtype=np.int64) if sizes else np.zeros(0, np.int64)
        self._low = np.array([feature.low for feature in features])
        self._high = np.array([feature.high for feature in features])

    @cached_property
    def reference(self) -> Sketch:
        """The counts of the reference itself."""
        counts = np.array([count for feature in self.features for count in feature.counts], np.int64)
        missing = np.array([feature.missing for feature in self.features], np.int64)
        return Sketch(counts, missing, np.zeros_like(missing))

    def empty(self) -> Sketch:
        """A sketch of no rows."""
        one = np.zeros(len(self.features), np.int64)
        return Sketch(np.zeros(int(self.sizes.sum()), np.int64), one, one)

    def count(self, rows: Array) -> Sketch:
        """The sketch of rows, float64 [rows, features]; NaN is a missing value."""
        absent = np.isnan(rows)
        missing = absent.sum(axis=0)
        outside = ((rows < self._low) | (rows > self._high)).sum(axis=0)
        places = np.empty(rows.shape, np.int64)
        for column, (feature, start) in enumerate(zip(self.features, self.starts, strict=True)):
            places[:, column] = _bin(feature, rows[:, column]) + start
        counts = np.bincount(places.ravel(), minlength=int(self.sizes.sum()))
        if missing.any():  # NaN was sorted behind everything else
            counts[self.starts + self.sizes - 1] -= missing
        return Sketch(counts, missing, outside)

    def figures(self, sketch: Sketch) -> Figures:
        """What a sketch says of each feature."""
        if not self.features:
            none = np.zeros(0)
            return Figures(none, none, none, none, none)
        reference = self.reference
        known, came = (np.add.reduceat(each.counts, self.starts) for each in (reference, sketch))
        found = psi.index(reference.counts, sketch.counts, self.starts)
        rows = came + sketch.missing
        of_rows = np.maximum(rows, 1)
        missing = sketch.missing / of_rows
        usual = reference.missing / np.maximum(known + reference.missing, 1)
        excess = np.maximum(missing - usual, 0.0)
        index = psi.beyond_chance(found, self.sizes, known, came)
        return Figures(rows, index, missing, excess, sketch.outside / of_rows)

    def document(self, sketch: Sketch) -> dict[str, dict[str, Any]]:
        """The sketch as JSON has it, by the features' names."""
        parts = np.split(sketch.counts, self.starts[1:])
        found = zip(self.features, parts, sketch.missing.tolist(), sketch.outside.tolist(), strict=True)
        return {
            feature.name: {"counts": counts.tolist(), "missing": missing, "outside": outside}
            for feature, counts, missing, outside in found
        }

    def read(self, document: Mapping[str, Any]) -> Sketch:
        """The sketch that a document is; what it does not know has no rows.

        Raises:
            ValueError: a feature has another number of bins.
        """
        sketch = self.empty()
        missing, outside = sketch.missing.copy(), sketch.outside.copy()
        for at, (feature, start) in enumerate(zip(self.features, self.starts, strict=True)):
            if (found := document.get(feature.name)) is not None:
                if len(found["counts"]) != len(feature.counts):
                    raise ValueError(f"{feature.name} has {len(found['counts'])} bins, not {len(feature.counts)}")
                sketch.counts[start : start + len(feature.counts)] = found["counts"]
                missing[at], outside[at] = found["missing"], found["outside"]
        return Sketch(sketch.counts, missing, outside)


def _bin(feature: Feature, values: Array) -> Array:
    if not feature.codes:
        return np.searchsorted(feature.edges, values, side="right")
    # The index of a category, and of any other value the last bin.
    table = np.full(feature.codes[-1] + 2, len(feature.codes), np.int64)
    table[list(feature.codes)] = np.arange(len(feature.codes))
    top = len(table) - 1
    whole = np.where((values >= 0) & (values <= top), values, top)
    return np.asarray(table[np.rint(whole).astype(np.int64)])
