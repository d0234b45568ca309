"""Samples that a user gives - .csv, .npy, .npz or .jsonl - as instances and labels, with the place of each."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from functions.core.tensors import Array, TensorSpec
from toolchain.importing import tables
from toolchain.importing.contract import Column
from toolchain.importing.errors import InvalidSamples, first_line

LARGEST = 20_000
"""Rows that are taken of a file at most; of more, evenly spread ones."""


class Samples(NamedTuple):
    """Rows of a file, or made-up ones.

    Attributes:
        instances: in the user's terms: an object by column, or rows of tensors.
        labels: what is right, or None where nobody said.
        places: of each row, for messages.
        columns: of a table, with the names that the file gives those that had none.
        file: its name; "" where the rows are made up.
    """

    instances: list[Any]
    labels: list[Any] | None
    places: Sequence[str]
    columns: tuple[Column, ...]
    file: str = ""

    def at(self, indices: Sequence[int]) -> "Samples":
        """Some of the rows."""
        labels = None if self.labels is None else [self.labels[index] for index in indices]
        picked = [self.instances[index] for index in indices], labels, [self.places[index] for index in indices]
        return self._replace(instances=picked[0], labels=picked[1], places=picked[2])


def read(path: Path, columns: tuple[Column, ...], inputs: Sequence[TensorSpec], wanted: tables.Wanted) -> Samples:
    """Read a file.

    Args:
        columns: of a table; empty for a model of tensors, which takes `inputs`.
        wanted: which of a table's columns are labels, and whether the model names its own.

    Raises:
        InvalidSamples: it is not there, of another kind, or does not fit the model.
    """
    if not path.is_file():
        raise InvalidSamples(str(path), "a file of samples", "nothing" if not path.exists() else "a folder")
    reader = {".csv": _csv, ".npy": _arrays, ".npz": _arrays, ".jsonl": _lines}.get(path.suffix.lower())
    if reader is None:
        raise InvalidSamples(str(path), "a .csv, .npy, .npz or .jsonl file", repr(path.suffix or path.name))
    try:
        found = reader(path, columns, inputs, wanted)
    except (OSError, UnicodeDecodeError) as fault:
        raise InvalidSamples(str(path), "a file that can be read", first_line(fault)) from None
    if not found.instances:
        raise InvalidSamples(str(path), "at least one row", "none")
    count = len(found.instances)
    if count > LARGEST:
        found = found.at(np.linspace(0, count - 1, LARGEST).astype(int).tolist())
    return found._replace(file=path.name)


def _csv(path: Path, columns: tuple[Column, ...], inputs: Sequence[TensorSpec], wanted: tables.Wanted) -> Samples:
    if not columns:
        raise InvalidSamples(str(path), f"tensors of {_shapes(inputs)}: .npy, .npz or .jsonl", "a table")
    found = tables.read(path, columns, wanted)
    return Samples(found.instances, found.labels, found.places, found.columns)


def _lines(
    path: Path,
    columns: tuple[Column, ...],
    inputs: Sequence[TensorSpec],
    wanted: tables.Wanted,  # noqa: ARG001
) -> Samples:
    """Lines of {"instance": ..., "label": ...}, or of instances alone."""
    import orjson  # only such files need it

    rows, places = [], []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if line.strip():
            places.append(f"{path.name}:{number}")
            try:
                value = orjson.loads(line)
            except orjson.JSONDecodeError as fault:
                raise InvalidSamples(places[-1], "a row in JSON", str(fault)) from None
            rows.append(value if isinstance(value, dict) and "instance" in value else {"instance": value})
    labelled = [place for place, row in zip(places, rows, strict=True) if "label" in row]
    if labelled and len(labelled) != len(rows):
        bare = next(place for place in places if place not in labelled)
        raise InvalidSamples(bare, f"a label, as {labelled[0]} has one", "none")
    instances = [row["instance"] for row in rows]
    if columns:
        instances = [tables.row(instance, columns, place) for instance, place in zip(instances, places, strict=True)]
    return Samples(instances, [row["label"] for row in rows] if labelled else None, places, columns)


def _arrays(
    path: Path,
    columns: tuple[Column, ...],
    inputs: Sequence[TensorSpec],
    wanted: tables.Wanted,  # noqa: ARG001
) -> Samples:
    try:
        content = np.load(path, allow_pickle=False)
    except (ValueError, EOFError, OSError) as fault:
        raise InvalidSamples(
            str(path), "arrays of numbers or texts, as numpy.save writes them", first_line(fault)
        ) from None
    arrays = dict(content) if path.suffix == ".npz" else {inputs[0].name: content}
    if columns:
        return _matrix(path, next(iter(arrays.values())), columns)
    if arrays.keys() != {spec.name for spec in inputs}:
        names = ", ".join(spec.name for spec in inputs)
        raise InvalidSamples(str(path), f"an array for each input, in an .npz: {names}", ", ".join(arrays))
    rows = {spec.name: _rows(path, arrays[spec.name], spec) for spec in inputs}
    counts = {name: len(values) for name, values in rows.items()}
    if len(set(counts.values())) > 1:
        raise InvalidSamples(str(path), "as many rows in each array", str(counts))
    (count,) = set(counts.values())
    only = inputs[0].name if len(inputs) == 1 else ""
    instances = [rows[only][at] if only else {name: rows[name][at] for name in rows} for at in range(count)]
    return Samples(instances, None, [f"row {number} of {path.name}" for number in range(count)], ())


def _matrix(path: Path, values: Array, columns: tuple[Column, ...]) -> Samples:
    values = values[:, np.newaxis] if values.ndim == 1 and len(columns) == 1 else values
    if values.ndim != 2 or values.shape[1] != len(columns) or values.dtype.kind not in "biufU":
        expected = f"numbers of shape [rows, {len(columns)}]"
        raise InvalidSamples(str(path), expected, f"{values.dtype} of shape {list(values.shape)}")
    places = [f"row {number} of {path.name}" for number in range(len(values))]
    rows = [tables.row(row, columns, place) for row, place in zip(values.tolist(), places, strict=True)]
    return Samples(rows, None, places, columns)


def _rows(path: Path, values: Array, spec: TensorSpec) -> list[Any]:
    """The rows of a tensor, as JSON has them."""
    fits = len(values.shape) == len(spec.shape) and all(
        want in (-1, got) for want, got in zip(spec.shape[1:], values.shape[1:], strict=True)
    )
    if not fits:
        raise InvalidSamples(str(path), _shapes([spec]), f"{values.dtype} of shape {list(values.shape)}")
    if values.dtype.kind == "f" and not np.isfinite(values).all():
        place = np.argwhere(~np.isfinite(values))[0].tolist()
        raise InvalidSamples(
            f"{place} of {path.name}", "finite numbers, as requests in JSON have no others", "NaN or inf"
        )
    if spec.datatype.startswith(("INT", "UINT")) and values.dtype.kind == "f" and (values == np.rint(values)).all():
        values = values.astype(np.int64)
    return list(values.tolist())


def _shapes(inputs: Sequence[TensorSpec]) -> str:
    shown = (
        f"{spec.datatype} of shape {['rows', *(size if size >= 0 else 'any' for size in spec.shape[1:])]}"
        for spec in inputs
    )
    return "; ".join(shown).replace("'", "")
