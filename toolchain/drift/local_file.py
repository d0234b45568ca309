"""A file of rows compared with a model's reference, on this machine alone."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson

from functions.core.drift.reading import Side, sides
from functions.core.drift.reference import read as read_reference
from functions.core.drift.sketch import Bins
from functions.core.errors import OrtlessError
from functions.core.predictor import Predictor
from toolchain.drift.comparison import Comparison, compare, merged
from toolchain.drift.errors import InvalidRows, NoReference
from toolchain.drift.making import loaded

AT_ONCE = 64


def compared(folder: Path, data: Path, threshold: float) -> Comparison:
    """What a model's folder answers to the rows of a file, beside its reference.

    Args:
        data: JSON Lines of instances, or of {"instance": ...}, or CSV with the features' names in the first line.

    Raises:
        NoReference: the folder has none.
        InvalidRows: a row is none of the model's.
        InvalidPackage: the folder is none of a model.
    """
    rows = read(data)
    with loaded(folder, with_reference=True) as predictor:
        reference = read_reference(predictor.package)
        if reference is None:
            raise NoReference(folder.name)
        watched = sides(predictor, reference)
        found = [
            sketch
            for start in range(0, len(rows), AT_ONCE)
            for sketch in _sketches(predictor, watched, rows[start : start + AT_ONCE], data.name, start + 1)
        ]
    bins = Bins(reference.features)
    features = compare(reference, merged(bins, found), bins, threshold)
    return Comparison(folder.name, "folder", len(rows), data.name, features, reference.unwatched, threshold)


def read(data: Path) -> list[Any]:
    """The instances of a file. Raises InvalidRows where there are none, or a line cannot be read."""
    try:
        if data.suffix == ".csv":
            with data.open(encoding="utf-8", newline="") as stream:
                found = [{name: _value(text) for name, text in row.items()} for row in csv.DictReader(stream)]
        else:
            found = [_instance(line, f"{data.name}:{number}") for number, line in
                     enumerate(data.read_bytes().splitlines(), 1) if line.strip()]  # fmt: skip
    except (OSError, UnicodeDecodeError, csv.Error) as fault:
        raise InvalidRows(data.name, str(fault)) from None
    if not found:
        raise InvalidRows(data.name, "it has no rows")
    return found


def _instance(line: bytes, place: str) -> Any:
    try:
        row = orjson.loads(line)
    except orjson.JSONDecodeError as fault:
        raise InvalidRows(place, f"it is not JSON: {fault}") from None
    return row["instance"] if isinstance(row, dict) and "instance" in row else row


def _value(text: str | None) -> Any:
    """A cell: nothing, a number or a text."""
    if not text:
        return None
    try:
        return float(text)
    except ValueError:
        return text


def _sketches(predictor: Predictor, watched: Sequence[Side], instances: list[Any], name: str, first: int) -> list[Any]:
    """What is in some rows, as sketches of the log have it."""
    try:
        feeds = predictor.preprocess.encode(instances, "row")
        names = predictor.postprocess.outputs
        tensors = {**feeds, **dict(zip(names, predictor.infer(feeds, names), strict=True))}
    except OrtlessError as fault:
        raise InvalidRows(f"{name}, rows {first} to {first + len(instances) - 1}", str(fault)) from None
    found = [(side, side.sketch(tensors)) for side in watched]
    return [side.bins.document(sketch) for side, sketch in found if sketch is not None]
