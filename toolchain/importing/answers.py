"""The same rows, asked of the original and, through the package as it ships, of the converted graph."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from functions.core.errors import DeadlineExceeded, InvalidInput, ModelFailed
from functions.core.predictor import Predictor
from functions.core.settings import Settings
from functions.core.tensors import Array
from toolchain import rehearsal
from toolchain.importing import tables
from toolchain.importing.contract import Asked, Imported, Samples
from toolchain.importing.errors import InvalidSamples, NotConvertible, first_line
from toolchain.importing.verification import joined
from toolchain.rehearsal import Rehearsal

SETTINGS = Settings(deadline_seconds=120.0)
BATCH = 256
"""Rows that are asked at a time, of a table; of other tensors 8."""
GOLDEN = 3
"""Rows of the larger golden request."""


class Heard(NamedTuple):
    """Outputs by name, [rows, ...]: the original's, in the form and type of the graph's, and the graph's."""

    original: dict[str, Array]
    converted: dict[str, Array]


def ask(predictor: Predictor, imported: Imported, given: Samples) -> Heard:
    """Ask both for every row.

    Raises:
        InvalidSamples: a row does not fit the package, one of the models does not take it, or answers differ in shape.
        NotConvertible: the graph has no rows.
    """
    manifest = predictor.manifest
    fixed = max((spec.shape[0] for spec in manifest.inputs if spec.shape), default=-1)
    batch = fixed if fixed > 0 else BATCH if given.columns else 8
    if len(given.instances) % batch and fixed > 1:
        given = given.at(range(len(given.instances) // fixed * fixed))
    names = [spec.name for spec in manifest.outputs]
    pairs = []
    for start in range(0, len(given.instances), batch):
        part = given.at(range(start, min(start + batch, len(given.instances))))
        feeds = _encoded(predictor, part)
        expected = _originally(imported, part, feeds)
        pairs.append((expected, _converted(predictor, feeds, names, part)))
    try:
        original, converted = (joined([pair[side] for pair in pairs]) for side in (0, 1))
    except ValueError as fault:
        same = "rows whose answers have one shape, as rows of one length have"
        raise InvalidSamples(_span(given), same, first_line(fault)) from None
    return Heard({name: _as(original[name], converted[name]) for name in names}, converted)


def golden(predictor: Predictor, given: Samples, heard: Heard, tolerance: float) -> bytes:
    """golden.json: requests of the samples with the original's answers; empty where they would be too large."""
    cases = []
    for name, rows in _picked(predictor, given).items():
        outputs = [heard.original[output][rows] for output in predictor.postprocess.outputs]
        predictions = rehearsal.plain(predictor.postprocess.decode(outputs))
        instances = [given.instances[row] for row in rows]
        cases.append({"name": name, "request": {"instances": instances}, "response": {"predictions": predictions}})
    document = Rehearsal(cases, "").document(max(tolerance, rehearsal.TOLERANCE))
    return document if len(document) <= rehearsal.SIZE_LIMIT else b""


def _picked(predictor: Predictor, given: Samples) -> dict[str, list[int]]:
    """Rows of each golden request: one, several, and one with a gap, where the model takes so many at a time."""
    fixed = max((spec.shape[0] for spec in predictor.manifest.inputs if spec.shape), default=-1)
    if fixed > 0:
        return {"one" if fixed == 1 else "batch": list(range(fixed))}
    found = {"one": [0], "batch": list(range(min(GOLDEN, len(given.instances))))}
    gap = next((at for at, row in enumerate(given.instances) if given.columns and None in row.values()), 0)
    return found | ({"gap": [gap]} if gap else {})


def _encoded(predictor: Predictor, part: Samples) -> dict[str, Array]:
    if not hasattr(predictor.preprocess, "encode"):
        hint = "export it with a dimension of rows first, in every input and output"
        raise NotConvertible("The graph", "its tensors have no rows", hint)
    try:
        feeds: dict[str, Array] = predictor.preprocess.encode(part.instances, "instances")
    except InvalidInput as fault:
        words, _, path = str(fault).removeprefix("Expected ").rpartition(" - at ")
        expected, _, got = words.partition(" - got ")
        raise InvalidSamples(_place(path.strip("`"), part), expected, got) from None
    return feeds


def _place(path: str, part: Samples) -> str:
    """A path into instances, as a place in the file that they are of."""
    found = re.fullmatch(r"instances\[(\d+)\]\.?(.*)", path)
    if not found:
        return f"{part.places[0]} to {part.places[-1]}"
    return f"`{found[2]}` of {part.places[int(found[1])]}" if found[2] else part.places[int(found[1])]


def _originally(imported: Imported, part: Samples, feeds: Mapping[str, Array]) -> Mapping[str, Array]:
    table = tables.table(part.instances, part.columns) if part.columns else {}
    try:
        return imported.answer(Asked(table, feeds))
    except Exception as fault:  # an original refuses in whatever way it likes
        said = f"{type(fault).__name__}: {first_line(fault)}"
        raise InvalidSamples(_span(part), "rows that the original model answers", said) from None


def _converted(predictor: Predictor, feeds: Mapping[str, Any], names: list[str], part: Samples) -> dict[str, Array]:
    try:
        return dict(zip(names, predictor.infer(feeds, names), strict=True))
    except (ModelFailed, DeadlineExceeded) as fault:
        raise InvalidSamples(
            _span(part), "rows that the converted model answers, as the original does", first_line(fault)
        ) from None


def _span(part: Samples) -> str:
    return part.places[0] if len(part.places) == 1 else f"{part.places[0]} to {part.places[-1]}"


def _as(original: Array, converted: Array) -> Array:
    """The original's output in the shape and type of the graph's, where it holds the same numbers."""
    if original.size == converted.size:
        original = original.reshape(converted.shape)
    if original.dtype.kind in "fiub" and converted.dtype.kind == "f":
        with np.errstate(over="ignore"):
            return original.astype(converted.dtype)
    return original.astype(str).astype(object) if converted.dtype.kind == "O" else original
