"""An explanation of each prediction, by the means that fit the model's declared processing."""

from collections.abc import Mapping
from time import monotonic
from typing import Any, NamedTuple

import numpy as np

from functions.core.errors import DeadlineExceeded, InvalidInput, brief
from functions.core.explaining.attribution import Question
from functions.core.explaining.occlusion import occlusion
from functions.core.explaining.shapley import shapley
from functions.core.tensors import Array

LARGEST_BUDGET = 4096
ROWS_LIMIT = 65_536
"""Rows that all explanations of one request may ask the model: what bounds its time."""


class Options(NamedTuple):
    """What a caller may choose: rows to ask per instance, the sampling's seed, the label (None: the likeliest)."""

    budget: int = 512
    seed: int = 0
    target: str | None = None


def options(parameters: object, path: str) -> Options:
    """The options of a request. Raises InvalidInput."""
    if parameters is None:
        return Options()
    if type(parameters) is not dict:
        raise InvalidInput(path, "an object", brief(parameters))
    for name in parameters:
        if name not in Options._fields:
            raise InvalidInput(path, f"only {', '.join(Options._fields)}", brief(name))
    budget = _whole(parameters, "budget", 8, LARGEST_BUDGET, path)
    seed = _whole(parameters, "seed", 0, 2**32 - 1, path)
    target = parameters.get("target")
    if target is not None and type(target) is not str:
        raise InvalidInput(f"{path}.target", "a label", brief(target))
    return Options(budget, seed, target)


def explain(predictor: Any, instances: list[Any], chosen: Options, path: str) -> list[dict[str, Any]]:
    """One explanation for each instance.

    Args:
        predictor: a core Predictor; its processing says what the parts of an instance are.

    Raises:
        InvalidInput: an instance does not fit, there is no such target, or the model's kind has no parts to explain.
        DeadlineExceeded: all of it took longer than one run may.
    """
    if len(instances) * chosen.budget > ROWS_LIMIT:
        raise InvalidInput(path, f"at most {ROWS_LIMIT // chosen.budget} instances at this budget", f"{len(instances)}")
    inputs = predictor.preprocess.encode(instances, path)
    parts = getattr(predictor.preprocess, "parts", None)
    scores = getattr(predictor.postprocess, "scores", None)
    if parts is None or scores is None or len(inputs) != 1:
        expected = "a model of tabular features or pictures with a label or a number as its answer"
        raise InvalidInput(path, expected, f"{predictor.manifest.name!r}, which declares none")
    ((tensor, rows),) = inputs.items()
    ends = monotonic() + predictor.deadline
    return [_explain(predictor, tensor, row, chosen, ends) for row in rows]


def _explain(predictor: Any, tensor: str, row: Array, chosen: Options, ends: float) -> dict[str, Any]:
    outputs = predictor.postprocess.outputs

    def score(rows: Array) -> Array:
        # Each run has the deadline of a run; together they have no more than one.
        if monotonic() >= ends:
            raise DeadlineExceeded(predictor.manifest.name, predictor.deadline)
        values = predictor.infer({tensor: rows.astype(row.dtype)}, outputs)
        return np.asarray(predictor.postprocess.scores(values), dtype=np.float64)

    targets = predictor.postprocess.targets
    index = _target(targets, chosen.target, score(row[None])[0])
    ask: Question = lambda rows: score(rows)[:, index]  # noqa: E731 - as a function it would say no more
    names, baseline = predictor.preprocess.parts()
    document: dict[str, Any] = {"target": targets[index]} if targets[index] else {}
    if names:
        found = shapley(ask, row.astype(np.float64), baseline, max(chosen.budget, 2 * len(row) + 2), chosen.seed)
        return document | {"method": "shapley"} | found.document(dict(zip(names, found.values.tolist(), strict=True)))
    found = occlusion(ask, row, chosen.budget)
    return document | {"method": "occlusion"} | found.document(found.values.tolist())


def _target(targets: tuple[str, ...], wanted: str | None, scores: Array) -> int:
    if wanted is None:
        return int(scores.argmax())
    if wanted not in targets:
        raise InvalidInput("parameters.target", f"one of {list(targets)}", brief(wanted))
    return targets.index(wanted)


def _whole(parameters: Mapping[str, Any], name: str, low: int, high: int, path: str) -> int:
    value = parameters.get(name, Options._field_defaults[name])
    if type(value) is not int or not low <= value <= high:
        raise InvalidInput(f"{path}.{name}", f"an integer from {low} to {high}", brief(value))
    return value
