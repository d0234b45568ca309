"""Samples as numpy writes them: a matrix of a table, or a tensor for each input."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from functions.core.tensors import Array, TensorSpec
from toolchain.importing import tables
from toolchain.importing.contract import Column, Expected, Samples
from toolchain.importing.errors import InvalidSamples, first_line


def read(path: Path, expected: Expected) -> Samples:
    """Read an .npy or .npz file; pickles within are not opened. Raises InvalidSamples where it does not fit."""
    try:
        content = np.load(path, allow_pickle=False)
        found = dict(content) if path.suffix.lower() == ".npz" else {expected.inputs[0].name: content}
    except (ValueError, EOFError, OSError) as fault:
        wanted = "arrays of numbers or texts, as numpy.save writes them"
        raise InvalidSamples(str(path), wanted, first_line(fault)) from None
    if expected.columns:
        return _matrix(path, next(iter(found.values())), expected.columns)
    return _tensors(path, found, expected.inputs)


def shapes(inputs: Sequence[TensorSpec]) -> str:
    """Tensors as a message says them."""
    return "; ".join(
        f"{spec.datatype} of shape [{', '.join(['rows', *(str(n) if n >= 0 else 'any' for n in spec.shape[1:])])}]"
        for spec in inputs
    )


def _tensors(path: Path, found: dict[str, Array], inputs: Sequence[TensorSpec]) -> Samples:
    if found.keys() != {spec.name for spec in inputs}:
        names = ", ".join(spec.name for spec in inputs)
        raise InvalidSamples(str(path), f"an array for each input, in an .npz: {names}", ", ".join(found) or "none")
    rows = {spec.name: _rows(path, found[spec.name], spec) for spec in inputs}
    counts = {name: len(values) for name, values in rows.items()}
    if len(set(counts.values())) > 1:
        raise InvalidSamples(str(path), "as many rows in each array", str(counts))
    count = counts[inputs[0].name]
    instances: list[Any] = rows[inputs[0].name]
    if len(inputs) > 1:
        instances = [{name: values[at] for name, values in rows.items()} for at in range(count)]
    return Samples(instances, None, _places(path, count), ())


def _matrix(path: Path, values: Array, columns: tuple[Column, ...]) -> Samples:
    values = values[:, np.newaxis] if values.ndim == 1 and len(columns) == 1 else values
    if values.ndim != 2 or values.shape[1] != len(columns) or values.dtype.kind not in "biufU":
        got = f"{values.dtype} of shape {list(values.shape)}"
        raise InvalidSamples(str(path), f"numbers of shape [rows, {len(columns)}]", got)
    places = _places(path, len(values))
    rows = [tables.row(row, columns, place) for row, place in zip(values.tolist(), places, strict=True)]
    return Samples(rows, None, places, columns)


def _rows(path: Path, values: Array, spec: TensorSpec) -> list[Any]:
    """The rows of a tensor, as JSON has them."""
    pairs = zip(spec.shape[1:], values.shape[1:], strict=False)
    if values.ndim != len(spec.shape) or not all(want in (-1, got) for want, got in pairs):
        raise InvalidSamples(str(path), shapes([spec]), f"{values.dtype} of shape {list(values.shape)}")
    if values.dtype.kind == "f" and not np.isfinite(values).all():
        place = f"{np.argwhere(~np.isfinite(values))[0].tolist()} of {path.name}"
        raise InvalidSamples(place, "finite numbers, as requests in JSON have no others", "NaN or infinity")
    if "INT" in spec.datatype and values.dtype.kind == "f" and (values == np.rint(values)).all():
        values = values.astype(np.int64)
    return list(values.tolist())


def _places(path: Path, count: int) -> list[str]:
    return [f"row {number} of {path.name}" for number in range(count)]
