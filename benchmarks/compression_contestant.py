"""One contestant of `benchmarks.compression`, in its own process: prints the milliseconds of a run."""

import sys
from pathlib import Path
from statistics import median
from time import perf_counter_ns

import onnx

from benchmarks.minilm.sentences import Encoding, sentences
from toolchain.compression.calibration import load

CALLS = {1: 40, 32: 5}
WARM_UP = 3


def main(model: str, folder: str, batch: str) -> None:
    """Time runs with the first sentences, and print the median."""
    rows = int(batch)
    feeds = Encoding(Path(folder) / "tokenizer.json").feeds(sentences(rows + 1)[1:])
    session = load(onnx.load(model))
    samples = []
    for _ in range(WARM_UP + CALLS[rows]):
        before = perf_counter_ns()
        session.run(None, feeds)
        samples.append(perf_counter_ns() - before)
    sys.stdout.write(str(median(samples[WARM_UP:]) / 1e6))


if __name__ == "__main__":
    main(*sys.argv[1:])
