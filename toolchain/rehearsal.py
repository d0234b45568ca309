"""A package's answers to requests that nobody had to think up, kept as its first golden requests."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import orjson

from functions.core.errors import DeadlineExceeded, InvalidInput, InvalidPackage, ModelFailed
from functions.core.package import Package
from functions.core.predictor import Predictor
from functions.core.settings import Settings
from functions.core.tensors import TensorSpec
from toolchain import sampling
from toolchain.draft import Draft

BATCH = 3
SIZE_LIMIT = 1_000_000
"""Bytes of golden requests beyond which a scaffold has none: they are answered at every start."""
LEGIBLE = 10_000
"""Bytes of golden requests up to which they are laid out for a reader."""
TOLERANCE = 1e-4
DECLINED = (ModelFailed, InvalidInput, InvalidPackage, DeadlineExceeded, ValueError)
"""How a model declines a request that was made up; the last one, with outputs of different numbers of rows."""
SETTINGS = Settings(deadline_seconds=5.0)


class Rehearsal(NamedTuple):
    """Golden cases; `unanswered` says why there are none, if so."""

    cases: list[dict[str, Any]]
    unanswered: str

    def document(self, tolerance: float = TOLERANCE) -> bytes:
        """The content of golden.json; the larger the numbers, the more another processor may differ."""
        numbers = (abs(number) for case in self.cases for number in _numbers(case["response"]))
        tolerance *= max([1.0, *numbers])
        content = {"tolerance": tolerance, "cases": self.cases}
        document = _json(content)
        return (orjson.dumps(content, option=orjson.OPT_INDENT_2) if len(document) < LEGIBLE else document) + b"\n"

    def by_output(self, outputs: Sequence[TensorSpec]) -> dict[str, list[Any]]:
        """The rows of each output, from answers of tensor rows; empty if there are none."""
        rows = [row for case in self.cases for row in case["response"]["predictions"]]
        if len(outputs) == 1:
            return {outputs[0].name: rows} if rows else {}
        if not all(isinstance(row, dict) and {spec.name for spec in outputs} <= row.keys() for row in rows) or not rows:
            return {}
        return {spec.name: [row[spec.name] for row in rows] for spec in outputs}


def rehearse(package: Package, drafted: Draft) -> Rehearsal:
    """Ask a package for one instance, and for several, as if it were made with that processing.

    Raises:
        InvalidPackage: the processing does not fit the graph.
    """
    manifest = package.manifest._replace(preprocess=drafted.preprocess, postprocess=drafted.postprocess)
    predictor = Predictor(package._replace(manifest=manifest), SETTINGS)
    is_open = not drafted.preprocess and any(-1 in spec.shape[1:] for spec in manifest.inputs)
    reason = "it takes no input"
    for extent in sampling.EXTENTS if is_open else sampling.EXTENTS[:1]:
        cases, reason = _cases(predictor, drafted, extent)
        if cases and (size := len(_json(cases))) > SIZE_LIMIT:
            return Rehearsal([], f"a request and its answer take {size} bytes, more than {SIZE_LIMIT}")
        if cases:
            return Rehearsal(cases, "")
    return Rehearsal([], reason)


def _cases(predictor: Predictor, drafted: Draft, extent: int) -> tuple[list[dict[str, Any]], str]:
    inputs = predictor.manifest.inputs
    rows = max((spec.shape[0] for spec in inputs if spec.shape), default=-1)  # a graph may take so many rows only
    cases: list[dict[str, Any]] = []
    for name, count in (("batch", rows),) if rows > 1 else (("one", 1), ("batch", BATCH)):
        instances = sampling.instances(inputs, drafted.preprocess, count, extent)
        try:
            predictions = predictor.predict(instances)
        except DECLINED as fault:
            return cases, str(fault)
        answer = plain(predictions)
        cases.append({"name": name, "request": {"instances": instances}, "response": {"predictions": answer}})
    return cases, ""


def plain(predictions: Sequence[Any]) -> list[Any]:
    """Predictions as JSON has them."""
    read: list[Any] = orjson.loads(_json(predictions))
    return read


def _json(content: object) -> bytes:
    return orjson.dumps(content, option=orjson.OPT_SERIALIZE_NUMPY, default=_item)


def _item(value: Any) -> Any:
    """The number in a scalar of numpy's longlong, which orjson takes in arrays only."""
    return value.item()


def _numbers(value: Any) -> Iterator[float]:
    if isinstance(value, (dict, list)):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _numbers(part)
    elif type(value) in (int, float):
        yield value
