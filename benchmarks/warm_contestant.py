"""One contestant of `benchmarks.warm`, in its own process: prints its overhead as JSON."""

import importlib
import json
import os
import sys
from collections.abc import Callable
from statistics import median
from time import perf_counter_ns
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from benchmarks.events import post
from benchmarks.pictures import picture

WARM_UP = {"row": 300, "picture": 5}
CALLS = {"row": 2000, "picture": 25}
NAIVE_PATHS = {("naive", "row"): "/predict", ("naive", "picture"): "/predict-picture"}


def main(contestant: str, what: str, model: str, tensor: str) -> None:
    """Time the contestant's handler and `session.run` in turn, and print the difference of their medians."""
    values = picture() if what == "picture" else np.array([[1, 2, 3]], np.float32)
    path = f"{os.environ['ORTLESS_PACKAGES']}/{model}/model.onnx"
    os.environ["MODEL_PATH"] = path
    handler, event = _contestant(contestant, what, model, tensor, values)
    session = onnxruntime.InferenceSession(path)
    overhead = _median_us(lambda: handler(event, None), lambda: session.run(None, {tensor: values}), what)
    sys.stdout.write(json.dumps({"overhead_us": overhead}))


def _contestant(
    contestant: str, what: str, model: str, tensor: str, values: NDArray[np.float32]
) -> tuple[Callable[..., Any], dict[str, Any]]:
    if contestant.startswith("naive"):
        path = NAIVE_PATHS.get((contestant, what), "/predict-async")
        return importlib.import_module("benchmarks.naive.app").handler, post(path, {"data": values.tolist()})
    handler = importlib.import_module("functions.predict.handler").handler
    if contestant == "ortless v1":
        return handler, post(f"/v1/models/{model}:predict", {"instances": values.tolist()})
    tensors = [{"name": tensor, "shape": list(values.shape), "datatype": "FP32", "data": values.tolist()}]
    return handler, post(f"/v2/models/{model}/infer", {"inputs": tensors})


def _median_us(ours: Callable[[], Any], baseline: Callable[[], Any], what: str) -> float:
    assert ours()["statusCode"] == 200  # noqa: S101 - a contestant that fails must not be timed
    for _ in range(WARM_UP[what]):
        ours()
        baseline()
    samples: list[tuple[int, int]] = []
    for _ in range(CALLS[what]):
        before = perf_counter_ns()
        ours()
        between = perf_counter_ns()
        baseline()
        samples.append((between - before, perf_counter_ns() - between))
    return (median(sample[0] for sample in samples) - median(sample[1] for sample in samples)) / 1000


if __name__ == "__main__":
    main(*sys.argv[1:])
