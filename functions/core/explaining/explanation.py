"""An explanation of each prediction, by the means that fit the model's declared processing."""

from collections.abc import Mapping
from time import monotonic
from typing import Any, NamedTuple

import numpy as np

from functions.core.errors import DeadlineExceeded, InvalidInput, brief
from functions.core.explaining.occlusion import occlusion
from functions.core.explaining.shapley import shapley
from functions.core.processing.inputs.parts import SHAPLEY, Parts
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
        InvalidInput: an instance does not fit, there is no such target, or the model has no parts or no score.
        DeadlineExceeded: all of it took longer than one run may.
    """
    if len(instances) * chosen.budget > ROWS_LIMIT:
        raise InvalidInput(path, f"at most {ROWS_LIMIT // chosen.budget} instances at this budget", f"{len(instances)}")
    parts = getattr(predictor.preprocess, "parts", None)
    scores = getattr(predictor.postprocess, "scores", None)
    if parts is None or scores is None:
        expected = "a model whose instances have parts and whose answers have a score"
        raise InvalidInput(path, expected, f"{predictor.manifest.name!r}, which has none")
    ends = monotonic() + predictor.deadline
    taken = [parts(instance, f"{path}[{index}]", chosen.budget - 2) for index, instance in enumerate(instances)]
    return [_explain(predictor, instance, chosen, ends) for instance in taken]


def _explain(predictor: Any, parts: Parts, chosen: Options, ends: float) -> dict[str, Any]:
    outputs = predictor.postprocess.outputs

    def score(kept: Array) -> Array:
        # Each run has the deadline of a run; together they have no more than one.
        if monotonic() >= ends:
            raise DeadlineExceeded(predictor.manifest.name, predictor.deadline)
        values = predictor.infer(parts.feeds(kept), outputs)
        return np.asarray(predictor.postprocess.scores(values), dtype=np.float64)

    scores = score(np.ones((1, parts.count), bool))[0]
    targets = predictor.postprocess.targets or _numbers(len(scores))
    best = getattr(predictor.postprocess, "chosen", _best)
    index = best(scores) if chosen.target is None else _target(targets, chosen.target)
    if not np.isfinite(scores[index]):
        raise InvalidInput("parameters.target", "a target that the model scores here", brief(targets[index]))

    def ask(kept: Array) -> Array:
        batch = parts.batch
        batches = [score(kept[start : start + batch])[:, index] for start in range(0, len(kept), batch)]
        return np.concatenate(batches)

    if parts.method == SHAPLEY:
        found = shapley(ask, parts.count, max(chosen.budget, 2 * parts.count + 2), chosen.seed)
    else:
        found = occlusion(ask, parts.count)
    document: dict[str, Any] = {"target": targets[index]} if targets[index] else {}
    return document | {"method": parts.method} | found.document(parts.document(found.values))


def _numbers(count: int) -> tuple[str, ...]:
    """Names of targets that have none: a single one needs none."""
    return tuple(map(str, range(count))) if count > 1 else ("",)


def _best(scores: Array) -> int:
    return int(np.where(np.isnan(scores), -np.inf, scores).argmax())


def _target(targets: tuple[str, ...], wanted: str) -> int:
    if wanted not in targets:
        raise InvalidInput("parameters.target", f"one of {list(targets)}", brief(wanted))
    return targets.index(wanted)


def _whole(parameters: Mapping[str, Any], name: str, low: int, high: int, path: str) -> int:
    value = parameters.get(name, Options._field_defaults[name])
    if type(value) is not int or not low <= value <= high:
        raise InvalidInput(f"{path}.{name}", f"an integer from {low} to {high}", brief(value))
    return value
