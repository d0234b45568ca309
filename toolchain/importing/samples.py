"""Samples that a user gives - .csv, .npy, .npz or .jsonl - as instances and labels, with the place of each."""

from pathlib import Path
from typing import Any

import numpy as np
import orjson

from toolchain.importing import arrays, tables
from toolchain.importing.contract import Expected, Samples
from toolchain.importing.errors import InvalidSamples, first_line

LARGEST = 20_000
"""Rows that are taken of a file at most; of more, evenly spread ones."""


def read(path: Path, expected: Expected) -> Samples:
    """Read a file.

    Raises:
        InvalidSamples: it is not there, of another kind, or does not fit the model.
    """
    if not path.is_file():
        raise InvalidSamples(str(path), "a file of samples", "nothing" if not path.exists() else "a folder")
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise InvalidSamples(str(path), f"a file of {', '.join(READERS)}", repr(path.suffix or path.name))
    try:
        found = reader(path, expected)
    except (OSError, UnicodeDecodeError) as fault:
        raise InvalidSamples(str(path), "a file that can be read", first_line(fault)) from None
    if not found.instances:
        raise InvalidSamples(str(path), "at least one row", "none")
    count = len(found.instances)
    if count > LARGEST:
        found = found.at(np.linspace(0, count - 1, LARGEST).astype(int).tolist())
    return found._replace(file=path.name)


def _csv(path: Path, expected: Expected) -> Samples:
    if not expected.columns:
        raise InvalidSamples(str(path), f"tensors of {arrays.shapes(expected.inputs)}: .npy, .npz or .jsonl", "a table")
    return tables.read(path, expected)


def _lines(path: Path, expected: Expected) -> Samples:
    """Lines of {"instance": ..., "label": ...}, or of instances alone."""
    rows = {
        f"{path.name}:{number}": _row(line, f"{path.name}:{number}")
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if line.strip()
    }
    labelled = [place for place, row in rows.items() if "label" in row]
    if labelled and len(labelled) != len(rows):
        bare = next(place for place in rows if place not in labelled)
        raise InvalidSamples(bare, f"a label, as {labelled[0]} has one", "none")
    instances = [row["instance"] for row in rows.values()]
    if expected.columns:
        instances = [
            tables.row(instance, expected.columns, place) for place, instance in zip(rows, instances, strict=True)
        ]
    labels = [row["label"] for row in rows.values()] if labelled else None
    return Samples(instances, labels, list(rows), expected.columns)


def _row(line: str, place: str) -> dict[str, Any]:
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError as fault:
        raise InvalidSamples(place, "a row in JSON", str(fault)) from None
    return value if isinstance(value, dict) and "instance" in value else {"instance": value}


READERS = {".csv": _csv, ".npy": arrays.read, ".npz": arrays.read, ".jsonl": _lines}
