"""Named features, as they are in the tensors that they were encoded to: the way back."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from functions.core.drift.part import Part, Spec, Tensors
from functions.core.processing.inputs.feature import Feature
from functions.core.processing.inputs.features import Columns
from functions.core.tensors import DATATYPES, Array


class Place(NamedTuple):
    """Where a feature is: columns of a tensor."""

    feature: Feature
    start: int
    width: int

    def values(self, tensor: Array) -> Array:
        """Its values in the user's units, categories by index; NaN where there are none."""
        if self.feature.category and DATATYPES[self.feature.spec.datatype].dtype.kind == "O":
            codes = self.feature.category.codes
            return np.array([codes.get(word, len(codes)) for word in tensor[:, self.start]], np.float64)
        if self.feature.category and self.feature.category.is_expanded:
            span = tensor[:, self.start : self.start + self.width]
            return np.where(span.any(axis=1), span.argmax(axis=1), self.width).astype(np.float64)
        return self._number(tensor[:, self.start])

    def _number(self, column: Array) -> Array:
        feature = self.feature
        values = column.astype(np.float64)
        if feature.mean or feature.std != 1:
            values = values * feature.std + feature.mean
        if feature.missing is not None and not feature.category and not np.isnan(feature.missing):
            # Nothing is left of a null but what stands for it: that counts as missing, whoever sent it.
            values[column == np.asarray((feature.missing - feature.mean) / feature.std, column.dtype)] = np.nan
        return values


def part(columns: Columns) -> Part:
    """The features of a declaration."""
    places, widths = [], dict[str, int]()
    for feature in columns.features:
        text = DATATYPES[feature.spec.datatype].dtype.kind == "O"
        width = feature.category.columns if feature.category and not text else 1
        start = widths.get(feature.spec.name, 0)
        widths[feature.spec.name] = start + width
        places.append(Place(feature, start, width))
    names = tuple(widths)
    specs = tuple(map(spec, columns.features))
    if len(names) == 1 and all(_is_plain(feature) for feature in columns.features):
        return Part(specs, lambda tensors: _matrix(tensors[names[0]]).astype(np.float64), names, together=True)
    return Part(specs, lambda tensors: _read(places, tensors), names, together=True)


def spec(feature: Feature) -> Spec:
    """What is known of a feature before any row."""
    names = feature.category.names if feature.category else ()
    return Spec(feature.name, names, feature.low, feature.high)


def _read(places: Sequence[Place], tensors: Tensors) -> Array:
    return np.stack([place.values(_matrix(tensors[place.feature.spec.name])) for place in places], axis=1)


def _matrix(tensor: Any) -> Array:
    return np.asarray(tensor if tensor.ndim == 2 else tensor.reshape(-1, 1))


def _is_plain(feature: Feature) -> bool:
    """Whether its values are those of a column as they are."""
    scaled = feature.mean != 0 or feature.std != 1
    return not (feature.category or scaled) and (feature.missing is None or bool(np.isnan(feature.missing)))
