"""What is watched of the inputs, by the kind of a package's preprocessing."""

from typing import Any

import numpy as np

from functions.core.drift import sequence, tabular
from functions.core.drift.part import Part, Spec, Tensors, is_number, summary
from functions.core.manifest import Manifest
from functions.core.tensors import Array, TensorSpec

WIDEST = 100
"""Columns up to which each of a tensor's is a feature of its own; of a wider one, its mean and spread are."""


def part(manifest: Manifest, preprocess: Any) -> Part:
    """The features of a package's inputs.

    Args:
        preprocess: the declared preprocessing, loaded.
    """
    match manifest.preprocess.get("kind", "rows"):
        case "tabular":
            return tabular.part(preprocess.columns)
        case "image":
            return _image(str(manifest.preprocess["tensor"]))
        case "text":
            return _text(manifest, preprocess)
        case "sequence":
            return sequence.part(manifest.preprocess, preprocess.steps)
    return rows(manifest.inputs)


def _image(name: str) -> Part:
    """How bright a picture is, as the model gets it, and how much contrast it has."""
    specs = (Spec("brightness"), Spec("contrast", low=0.0))
    return Part(specs, lambda tensors: summary(tensors[name]), (name,), together=False)


def _text(manifest: Manifest, preprocess: Any) -> Part:
    """How long a text is, in tokens, and what share of them the model does not know."""
    table, unknown, pad = manifest.preprocess, preprocess.unknown, preprocess.pad
    ids, named = str(table.get("ids", "input_ids")), str(table.get("mask", "attention_mask"))
    mask = named if manifest.input(named) else ""

    def read(tensors: Tensors) -> Array:
        tokens = tensors[ids]
        present = tensors[mask] != 0 if mask else tokens != pad
        lengths = present.sum(axis=1)
        strange = ((tokens == unknown) & present).sum(axis=1)
        return np.stack((lengths, strange / np.maximum(lengths, 1)), axis=1)

    specs = (Spec("tokens", low=0.0), Spec("unknown tokens", low=0.0, high=1.0, unit="share"))
    known = 2 if unknown is not None else 1
    names = (ids, mask) if mask else (ids,)
    return Part(specs[:known], lambda tensors: read(tensors)[:, :known], names, together=False)


def rows(tensors: tuple[TensorSpec, ...], prefix: str = "") -> Part:
    """The columns of tensors that nobody declared more of; of wide ones, and those of more dimensions, a summary."""
    taken = [spec for spec in tensors if is_number(spec)]
    specs = [Spec(f"{prefix}{name}") for spec in taken for name in _names(spec)]

    def read(values: Tensors) -> Array:
        return np.concatenate([_columns(spec, values[spec.name]) for spec in taken], axis=1)

    flat = all(len(spec.shape) < 3 and _is_narrow(spec) for spec in taken)
    return Part(tuple(specs), read, tuple(spec.name for spec in taken), together=flat)


def _is_narrow(spec: TensorSpec) -> bool:
    return len(spec.shape) == 1 or (len(spec.shape) == 2 and 0 < spec.shape[1] <= WIDEST)


def _names(spec: TensorSpec) -> list[str]:
    if not _is_narrow(spec):
        return [f"{spec.name}.mean", f"{spec.name}.spread"]
    single = len(spec.shape) == 1 or spec.shape[1] == 1
    return [spec.name] if single else [f"{spec.name}[{at}]" for at in range(spec.shape[1])]


def _columns(spec: TensorSpec, values: Array) -> Array:
    if not _is_narrow(spec):
        return summary(values)
    return values.reshape(len(values), -1).astype(np.float64)
