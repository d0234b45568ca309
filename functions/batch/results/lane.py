"""Answers that are an output tensor as it stands: written as arrays, without a Python object for each number."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from functions.batch.options import Options
from functions.core.predictor import Predictor
from functions.core.processing.kinds import RAW
from functions.core.tensors import TENSOR, Array, TensorSpec

FLOATS = ("FP32", "FP64")
"""Datatypes whose numbers go to a file as they are."""
NARROW = {"FP16", "FP32"}
CLASSIFICATION, REGRESSION = "classification", "regression"
ALTERED = {
    RAW: (),
    CLASSIFICATION: ("top_k", "threshold", "positive"),
    REGRESSION: ("values", "range"),
}
"""Fields of a kind of postprocessing with which a prediction is more than its output's numbers."""


class Labels(NamedTuple):
    """A column of texts, of which there are few."""

    names: tuple[str, ...]
    places: Array
    """Of each row's text among the names."""


class Lane:
    """The way of a model's only output, of floats, to columns: of the row, or of a label and the score of each."""

    def __init__(self, predictor: Predictor, spec: TensorSpec, kind: str) -> None:
        self._postprocess: Any = predictor.postprocess
        self._spec, self._kind = spec, kind

    @property
    def is_text_of_arrays(self) -> bool:
        """Whether the JSON of a prediction is that of a tensor's row."""
        return self._kind != CLASSIFICATION

    def columns(self, tensors: Mapping[str, Array]) -> list[Array | Labels] | None:
        """The columns of rows, in the order of the prediction's schema; None where they want a look each.

        A number that is not finite stands for null.
        """
        value = tensors[self._spec.name]
        if value.ndim != len(self._spec.shape) or value.dtype.kind != "f":
            return None  # the graph answers otherwise than it announced: decoding says what is wrong, if anything is
        if self._kind == RAW:
            return [value]
        if self._kind != CLASSIFICATION:
            return [value.reshape(-1)] if value.size == len(value) else None
        scores = self._postprocess.scores([value])
        if np.isnan(scores).any():
            return None  # which label a row has then depends on more than the highest score
        names: tuple[str, ...] = self._postprocess.targets
        # The first of equals, as for a single row.
        return [Labels(names, scores.argmax(axis=1)), *(scores[:, at] for at in range(len(names)))]

    def predictions(self, tensors: Mapping[str, Array]) -> list[Any]:
        """The same rows as predictions. Raises InvalidPackage where the output is none that it announced."""
        found: list[Any] = self._postprocess.decode([tensors[self._spec.name]])
        return found


def lane(predictor: Predictor, options: Options) -> Lane | None:
    """The lane of a model's answers; None where a prediction is made row by row."""
    table = predictor.manifest.postprocess
    kind = table.get("kind", RAW)
    outputs = predictor.postprocess.outputs
    if kind not in ALTERED or len(outputs) != 1 or options.parameters or not table.keys().isdisjoint(ALTERED[kind]):
        return None
    spec = next(spec for spec in predictor.manifest.outputs if spec.name == outputs[0])
    if spec.kind != TENSOR or not spec.shape or spec.optional or spec.datatype not in FLOATS:
        return None
    return Lane(predictor, spec, kind)


def is_narrow(predictor: Predictor) -> bool:
    """Whether numbers of a prediction are those of outputs of at most 32 bits, so that a column needs no more."""
    table = predictor.manifest.postprocess
    kind, outputs = table.get("kind", RAW), predictor.postprocess.outputs
    datatypes = {spec.datatype for spec in predictor.manifest.outputs if spec.name in outputs}
    if kind == CLASSIFICATION or (kind == REGRESSION and table.keys().isdisjoint(ALTERED[REGRESSION])):
        return datatypes <= NARROW
    return kind == RAW and not datatypes.isdisjoint(NARROW) and "FP64" not in datatypes
