"""One contestant in a process of its own: prints the median milliseconds of a run, as JSON.

`python -m toolchain.compression.evaluation.timing GRAPH OPTIMIZED FEEDS OUTPUTS`, the graph compiled as it ships.
"""

import json
import sys
from statistics import median
from time import perf_counter_ns

import numpy as np
import onnxruntime

from functions.core.session import session_options

WARM_UP = 3
LEAST, MOST = 5, 200
BUDGET_NS = 150_000_000
"""After the least number of runs; a fast model is run more often."""


def main(graph: str, optimized: str, feeds: str, outputs: str) -> None:
    """Run the graph on the tensors of a file, with one thread."""
    with np.load(feeds) as file:  # texts come as fixed-width strings: objects would have to be pickled
        tensors = {name: file[name] for name in file.files}
    tensors = {name: value.astype(object) if value.dtype.kind == "U" else value for name, value in tensors.items()}
    options = session_options(1, optimized=optimized == "optimized")
    session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    names = json.loads(outputs)
    for _ in range(WARM_UP):
        session.run(names, tensors)
    samples: list[int] = []
    while len(samples) < LEAST or (len(samples) < MOST and sum(samples) < BUDGET_NS):
        before = perf_counter_ns()
        session.run(names, tensors)
        samples.append(perf_counter_ns() - before)
    sys.stdout.write(json.dumps(median(samples) / 1e6))


if __name__ == "__main__":
    main(*sys.argv[1:])
