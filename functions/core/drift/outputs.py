"""What is watched of the outputs, by the kind of a package's postprocessing."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from functions.core.drift.inputs import rows
from functions.core.drift.part import Part, Spec, Tensors
from functions.core.manifest import Manifest
from functions.core.tensors import Array

PREFIX = "output:"


def part(manifest: Manifest, postprocess: Any) -> Part:
    """The features of a package's outputs.

    Args:
        postprocess: the declared postprocessing, loaded.
    """
    match manifest.postprocess.get("kind", "rows"):
        case "classification":
            return _choice(postprocess, "label", _positive(manifest))
        case "nearest":
            return _choice(postprocess, "answer")
        case "ranking":
            return _choice(postprocess, "first item")
        case "multilabel":
            return _labels(postprocess)
        case "regression":
            return _numbers(postprocess, str(manifest.postprocess.get("unit", "")))
        case "embedding":
            return _vector(postprocess)
    found = rows(manifest.outputs, PREFIX)
    return found._replace(specs=tuple(spec._replace(low=-np.inf, high=np.inf) for spec in found.specs))


def _choice(postprocess: Any, chosen: str, positive: tuple[int, float] | None = None) -> Part:
    """What is answered, as often as it is, and the score of that."""

    def read(tensors: Tensors) -> Array:
        scores = np.asarray(postprocess.scores(_values(postprocess, tensors)), np.float64)
        best = scores.argmax(axis=1)
        if positive is not None:  # of two labels, one is the answer from a threshold on
            best = np.where(scores[:, positive[0]] >= positive[1], positive[0], 1 - positive[0])
        top = np.take_along_axis(scores, best[:, None], axis=1)
        return np.concatenate((np.where(np.isnan(top), np.nan, best[:, None]), top), axis=1)

    specs = (Spec(f"{PREFIX}{chosen}", tuple(map(str, postprocess.targets))), Spec(f"{PREFIX}score"))
    return Part(specs, read, tuple(postprocess.outputs), together=True)


def _positive(manifest: Manifest) -> tuple[int, float] | None:
    """The index of the label that has a threshold, and that."""
    table = manifest.postprocess
    if "positive" not in table or "labels" not in table:
        return None
    return list(table["labels"]).index(table["positive"]), float(table.get("threshold", 0.5))


def _labels(postprocess: Any) -> Part:
    """How many labels are likelier than not, and the score of the likeliest."""

    def read(tensors: Tensors) -> Array:
        scores = np.asarray(postprocess.scores(_values(postprocess, tensors)), np.float64)
        return np.stack(((scores >= 0.5).sum(axis=1), scores.max(axis=1)), axis=1)

    specs = (Spec(f"{PREFIX}labels", low=0.0), Spec(f"{PREFIX}score"))
    return Part(specs, read, tuple(postprocess.outputs), together=True)


def _numbers(postprocess: Any, unit: str) -> Part:
    def read(tensors: Tensors) -> Array:
        return np.asarray(postprocess.scores(_values(postprocess, tensors)), np.float64)

    specs = tuple(Spec(f"{PREFIX}{target or 'value'}", unit=unit) for target in postprocess.targets)
    return Part(specs, read, tuple(postprocess.outputs), together=True)


def _vector(postprocess: Any) -> Part:
    """How long a vector is before it is made one of length 1, and the mean of its numbers after."""

    def read(tensors: Tensors) -> Array:
        vectors = np.asarray(tensors[postprocess.outputs[0]], np.float64).reshape(
            len(tensors[postprocess.outputs[0]]), -1
        )
        norms = np.sqrt((vectors * vectors).sum(axis=1))
        return np.stack((norms, vectors.mean(axis=1) / np.maximum(norms, np.finfo(np.float64).tiny)), axis=1)

    specs = (Spec(f"{PREFIX}norm", low=0.0), Spec(f"{PREFIX}mean"))
    return Part(specs, read, tuple(postprocess.outputs), together=False)


def _values(postprocess: Any, tensors: Tensors) -> Sequence[Any]:
    return [tensors[name] for name in postprocess.outputs]
