"""Makes reference.json of a model's folder from the rows that it is evaluated on."""

import hashlib
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import orjson

from functions.core.drift import reference
from functions.core.drift.outputs import PREFIX
from functions.core.drift.part import Part
from functions.core.drift.reading import parts
from functions.core.drift.reference import FEATURES, FILE, Feature, Reference
from functions.core.errors import InvalidPackage
from functions.core.package import digest_of
from functions.core.predictor import Predictor
from functions.core.settings import Settings
from functions.core.tensors import Array
from functions.packaging import build, source
from functions.packaging.gate import Gate
from toolchain.compression.evaluation import datasets
from toolchain.compression.evaluation.datasets import Rows
from toolchain.compression.evaluation.requests import encode
from toolchain.drift.binning import feature
from toolchain.drift.errors import NoRows

LEAST = 30
"""Rows below which a reference would say more of chance than of the data."""
MOST = 2000
"""Rows that are asked at most: of more, every so many-th."""


class Made(NamedTuple):
    """A reference, and whether it is another one than was there."""

    reference: Reference
    is_new: bool


def ensure(folder: Path) -> Made:
    """Make reference.json where there is none, or where it is of other rows, another graph or other features.

    Raises:
        NoRows: there are no rows, or too few.
        InvalidData: a row does not fit the model.
        InvalidPackage: the folder is none of a model.
    """
    made_from = origin(folder)
    path = folder / FILE
    if path.is_file():
        try:
            found = reference.parse(path.read_bytes(), folder.name)
        except InvalidPackage:
            pass
        else:
            if dict(found.made_from) == made_from:
                return Made(found, is_new=False)
    made = make(folder, made_from)
    content = made.render()
    if is_new := not path.is_file() or path.read_bytes() != content:
        path.write_bytes(content)
    return Made(made, is_new)


def has_data(folder: Path) -> bool:
    """Whether the rows are here that a reference is made from: whoever publishes need not have them."""
    return _rows(source.read(folder)) is not None


def _rows(model: source.Source) -> str | None:
    agreed = model.compress or Gate()
    return next((name for name in (agreed.data, agreed.calibration) if (model.folder / name).is_file()), None)


def origin(folder: Path) -> dict[str, str]:
    """What a reference of a folder is made from: digests of its rows, its graph and its processing.

    Raises:
        NoRows: there are no rows.
        InvalidPackage: the folder is none of a model.
    """
    model = source.read(folder)
    rows = _rows(model)
    if rows is None:
        raise NoRows(folder.name, f"the folder has no {(model.compress or Gate()).data}")
    graph = folder / model.stand_ins().get(source.GRAPH, source.GRAPH)
    processing = orjson.dumps([model.preprocess, model.postprocess], option=orjson.OPT_SORT_KEYS)
    return {
        "file": rows,
        "rows": digest_of(str(folder / rows)).sha256,
        "graph": digest_of(str(graph)).sha256,
        "processing": hashlib.sha256(processing).hexdigest(),
    }


def make(folder: Path, made_from: Mapping[str, str]) -> Reference:
    """Ask the model every row, and count what goes in and comes out. Raises as `ensure`."""
    rows = datasets.read(folder / made_from["file"])
    if len(rows) < LEAST:
        raise NoRows(folder.name, f"{rows.file} has {len(rows)} rows, and less than {LEAST} say little")
    with loaded(folder) as predictor:
        chosen = range(0, len(rows), -(-len(rows) // MOST))
        features, unwatched = _features(predictor, rows, chosen)
    return Reference(len(chosen), features, unwatched, made_from)


@contextmanager
def loaded(folder: Path, *, with_reference: bool = False) -> Iterator[Predictor]:
    """The model of a folder, compiled; its golden requests are left to those who publish it.

    Raises:
        InvalidPackage: the folder is none of a model.
    """
    model = source.read(folder)
    files = tuple(name for name in model.files if with_reference or name != FILE)
    with tempfile.TemporaryDirectory(prefix="ortless-") as scratch:
        draft = Path(scratch) / model.name
        draft.mkdir()
        yield Predictor(build.assemble(model._replace(files=files), draft), Settings())


def _features(predictor: Predictor, rows: Rows, chosen: Sequence[int]) -> tuple[tuple[Feature, ...], tuple[str, ...]]:
    """The features that are watched, and the names of those that are not."""
    read = list(matrices(predictor, rows, chosen))
    features: list[Feature] = []
    unwatched: list[str] = []
    for side, part in enumerate(parts(predictor)):
        if not part.specs:
            continue
        values = np.concatenate([found[side] for found in read])
        features += [feature(spec, values[:, at]) for at, spec in enumerate(part.specs[:FEATURES])]
        unwatched += [spec.name for spec in part.specs[FEATURES:]]
    return tuple(features), tuple(unwatched)


def matrices(predictor: Predictor, rows: Rows, chosen: Sequence[int]) -> Iterator[tuple[Array, Array]]:
    """What is watched of each row: the values of the inputs and of the outputs, [1, features] each."""
    given, answered = parts(predictor)
    for index in chosen:
        feeds = encode(predictor, rows, index)
        names = predictor.postprocess.outputs
        outputs = dict(zip(names, predictor.infer(feeds, names), strict=True))
        yield _values(given, feeds), _values(answered, outputs)


def _values(part: Part, tensors: Mapping[str, Any]) -> Array:
    return part.read(tensors) if part.specs else np.zeros((1, 0))


def is_output(name: str) -> bool:
    """Whether a feature is one of the outputs."""
    return name.startswith(PREFIX)
