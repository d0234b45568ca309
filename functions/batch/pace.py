"""How many rows a model takes at once, found by trying it on its golden instances, or on zeros in their place."""

from collections.abc import Mapping, Sequence
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np
import orjson

from functions.batch.scoring import lengths
from functions.core.errors import OrtlessError
from functions.core.golden import FILE
from functions.core.predictor import Predictor
from functions.core.processing.kinds import RAW
from functions.core.tensors import DATATYPES, TENSOR

MOST_ROWS = 1024
"""Rows of a window, of which a run takes no more; a failed batch of more would be dear to take apart, too."""
LEAST_GAIN = 1.02
"""A batch that gains less over a smaller one is not worth its memory."""
PATIENCE = 2
"""Doublings that may gain nothing before it is over: one of them may be chance."""
LENGTHS = (0.2, 0.5, 0.8)
"""Shares of texts that are shorter than those tried."""
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


UNKNOWN = Pace(1, 100.0)
"""Of a model that could not be tried. One row at once is never wrong; 100 in a second are what a model of 10 ms gives,
so that a piece has some thousand rows: of one row in a second a file would have as many pieces as rows."""


def measure(predictor: Predictor, memory_mb: int) -> Pace:
    """Double the batch while that gains, fits the memory, and time is left.

    A model's golden instances are repeated to fill the batch. Without any, a model that takes tensors as they are is
    tried on zeros of the shapes that it declares. Where there is nothing to try, or that fails: UNKNOWN.
    """
    samples = _samples(predictor, _golden(predictor) or _zeros(predictor))
    memory = memory_mb * 2**20 * MEMORY_SHARE / INTERMEDIATE
    best: Pace | None = None
    ends, rows, misses = perf_counter() + SECONDS, 1, 0
    while samples and rows <= MOST_ROWS and misses < PATIENCE:
        batches = [[sample[index % len(sample)] for index in range(rows)] for sample in samples]
        try:
            timed = [_timed(predictor, batch, ends) for batch in batches]
        except OrtlessError:
            break
        seconds, size = sum(seconds for seconds, _ in timed), max(size for _, size in timed)
        if best and size > memory:
            break
        speed = rows * len(samples) / seconds
        if not best or speed >= best.rows_per_second * LEAST_GAIN:
            best, misses = Pace(rows, speed), 0
        else:
            misses += 1
        # The next size takes at most twice as long, and is run at least twice.
        if perf_counter() + 4 * seconds > ends or 2 * size > memory:
            break
        rows *= 2
    return best or UNKNOWN


def _samples(predictor: Predictor, instances: list[Any]) -> list[list[Any]]:
    """What batches are made of: all instances or, where they have lengths, some of one length each, as in a window."""
    sizes = lengths(predictor, instances)
    if sizes is None:
        return [instances] if instances else []
    ordered = sorted(range(len(instances)), key=sizes.__getitem__)
    return [[instances[ordered[int(share * len(ordered))]]] for share in LENGTHS]


def _timed(predictor: Predictor, batch: list[Any], ends: float) -> tuple[float, int]:
    """Seconds of the fastest of some runs after a first, and bytes of the feeds and outputs."""
    start = perf_counter()
    feeds, values = _answered(predictor, batch)
    fastest, until = perf_counter() - start, perf_counter() + TRY_SECONDS
    while (now := perf_counter()) < min(until, ends):
        _answered(predictor, batch)
        fastest = min(fastest, perf_counter() - now)
    size = sum(getattr(value, "nbytes", 0) for value in [*feeds.values(), *values])
    return max(fastest, 1e-9), size


def _answered(predictor: Predictor, batch: list[Any]) -> tuple[Mapping[str, Any], Sequence[Any]]:
    feeds = predictor.preprocess.encode(batch, "golden")
    values = predictor.infer(feeds, predictor.postprocess.outputs)
    predictor.postprocess.decode(values)
    return feeds, values


def _golden(predictor: Predictor) -> list[Any]:
    if FILE not in predictor.manifest.files:
        return []
    cases = orjson.loads(predictor.package.read(FILE))["cases"]
    return [instance for case in cases for instance in case["request"]["instances"]]


def _zeros(predictor: Predictor) -> list[Any]:
    """A row of zeros for a model without preprocessing; a dimension that it leaves open is 1. None for any other."""
    inputs = predictor.manifest.inputs
    datatypes = [DATATYPES[spec.datatype] for spec in inputs]
    is_raw = predictor.manifest.preprocess.get("kind", RAW) == RAW
    if not is_raw or not inputs or not all(spec.kind == TENSOR and spec.shape for spec in inputs):
        return []
    if not all(datatype.carrier for datatype in datatypes):
        return []
    rows = {spec.name: np.zeros([max(1, size) for size in spec.shape[1:]], int).tolist() for spec in inputs}
    return [rows if len(rows) > 1 else next(iter(rows.values()))]
