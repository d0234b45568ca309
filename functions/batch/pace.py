"""How many rows a model takes at once, found by trying it on its golden instances."""

from time import perf_counter
from typing import Any, NamedTuple

import orjson

from functions.core.errors import OrtlessError
from functions.core.golden import FILE
from functions.core.predictor import Predictor

MOST_ROWS = 4096
"""Beyond it no model was seen to gain, and a failed batch is dear to take apart."""
LEAST_GAIN = 1.05
"""A doubling that gains less is not worth its memory."""
MEMORY_SHARE = 0.25
"""Of the function's memory, for a batch's tensors: the model, the window and the results need the rest."""
INTERMEDIATE = 8
"""Bytes of a graph's intermediate tensors to each byte of its feeds and outputs; a guess on the safe side."""
SECONDS = 2.0
TRY_SECONDS = 0.02
"""Runs of a size are repeated for so long: a single short one says little."""


class Pace(NamedTuple):
    """What was found."""

    rows_at_once: int
    rows_per_second: float


def measure(predictor: Predictor, memory_mb: int) -> Pace:
    """Double the batch while that gains, fits the memory, and time is left; one row at once where nothing is known.

    A model's golden instances are repeated to fill the batch. Without any, or where they fail in a batch, one row
    is the answer: slow, and never wrong.
    """
    instances = _golden(predictor)
    best = Pace(1, 1.0)
    ends, rows = perf_counter() + SECONDS, 1
    while instances and rows <= MOST_ROWS:
        batch = [instances[index % len(instances)] for index in range(rows)]
        try:
            seconds, size = _timed(predictor, batch, ends)
        except OrtlessError:
            break
        if rows > 1 and size * INTERMEDIATE > memory_mb * 2**20 * MEMORY_SHARE:
            break
        speed = rows / seconds
        if rows > 1 and speed < best.rows_per_second * LEAST_GAIN:
            break
        best = Pace(rows, speed)
        # The next size takes at most twice as long, and is run at least twice.
        if perf_counter() + 4 * seconds > ends or 2 * size * INTERMEDIATE > memory_mb * 2**20 * MEMORY_SHARE:
            break
        rows *= 2
    return best


def _timed(predictor: Predictor, batch: list[Any], ends: float) -> tuple[float, int]:
    """Seconds of the fastest of some runs after a first, and bytes of the feeds and outputs."""
    outputs = predictor.postprocess.outputs
    start = perf_counter()
    feeds = predictor.preprocess.encode(batch, "golden")
    values = predictor.infer(feeds, outputs)
    predictor.postprocess.decode(values)
    fastest, until = perf_counter() - start, perf_counter() + TRY_SECONDS
    while (now := perf_counter()) < min(until, ends):
        predictor.postprocess.decode(predictor.infer(predictor.preprocess.encode(batch, "golden"), outputs))
        fastest = min(fastest, perf_counter() - now)
    size = sum(getattr(value, "nbytes", 0) for value in [*feeds.values(), *values])
    return max(fastest, 1e-9), size


def _golden(predictor: Predictor) -> list[Any]:
    if FILE not in predictor.manifest.files:
        return []
    cases = orjson.loads(predictor.package.read(FILE))["cases"]
    return [instance for case in cases for instance in case["request"]["instances"]]
