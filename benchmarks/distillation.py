"""How small does a student get that answers as well as its teacher, to within a point?

`python -m benchmarks.distillation`: distils three samples and a random forest, on requests without answers, and
compares teachers and students on rows that neither saw, whose answers are known. The rows come from scikit-learn's
data and from credit-risk's simulation, in the environment that `make train` makes; the forest is trained there.
"""

import argparse
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from time import process_time
from typing import Any, NamedTuple

import numpy as np
import onnx
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from benchmarks import machine
from benchmarks.train_environment import TRAIN, python_in
from toolchain.compression.calibration import Calibration, load
from toolchain.compression.evaluation import intervals, scoring
from toolchain.compression.evaluation.intervals import Interval
from toolchain.compression.recipe import apply, parse

FOLDER = Path("build/benchmarks/students")
MODELS = Path("model_artifacts")
STUDENTS = {
    ("credit-risk", 1000): "hidden=32",
    ("credit-risk", 300): "hidden=32",
    ("forest", 1000): "hidden=32",
    ("breast-cancer", 379): "hidden=16",
    ("digits-cnn", 1000): "channels=8",
    ("digits-cnn", 300): "channels=8",
}
"""Options for each teacher, and number of requests to learn from."""
SEEDS = (0, 1, 2)
"""Of the students; what counts is the worst of them."""
SMALLER, DROP = 10, 0.01
"""At least so many times, at most so much of AUC or accuracy."""


class Found(NamedTuple):
    """A teacher and a student.

    Attributes:
        sizes: bytes of both.
        seconds: of teaching, on one core.
        metric: what the figures are.
        figures: of both, on all rows.
        drop: the teacher's figure less the student's, with the interval of draws of the same rows.
    """

    sizes: tuple[int, int]
    seconds: float
    metric: str
    figures: tuple[float, float]
    drop: Interval


def rows_of(name: str) -> Mapping[str, NDArray[Any]]:
    """`asked`, `held_out` and `right` of a teacher; see `benchmarks.students.rows`."""
    with np.load(FOLDER / f"{name}.npz") as found:
        return dict(found)


def distilled(name: str, count: int, options: str, seed: int) -> Found:
    """Teach a student, and compare."""
    recipe = f"distill({options}, seed={seed}) | compact"
    rows = rows_of(name)
    path = MODELS / name / "model.onnx"
    teacher = (path if path.exists() else FOLDER / f"{name}.onnx").read_bytes()
    takes = onnx.load_model_from_string(teacher).graph.input[0].name
    began = process_time()
    requests = Calibration([{takes: row[None]} for row in rows["asked"][:count]])
    student = apply(parse(recipe), teacher, requests).model
    seconds = process_time() - began
    soft = [_probabilities(model, {takes: rows["held_out"]}) for model in (teacher, student)]
    metric, (before, after) = _measures(soft, rows["right"])
    every = np.ones((1, len(rows["right"])))
    figures = float(before(every)[0]), float(after(every)[0])
    drop = intervals.interval(lambda weights: before(weights) - after(weights), len(rows["right"]), 0)
    return Found((len(teacher), len(student)), seconds, metric, figures, drop)


def _probabilities(model: bytes, feed: Mapping[str, NDArray[Any]]) -> NDArray[np.float64]:
    found = load(onnx.load_model_from_string(model)).run(["probabilities"], dict(feed))[0]
    return np.asarray(found, np.float64)


def _measures(soft: Sequence[NDArray[np.float64]], right: NDArray[np.int64]) -> tuple[str, list[intervals.Measure]]:
    if soft[0].shape[1] == 2:
        return "AUC", [scoring.area(one[:, 1], right.astype(np.float64)) for one in soft]
    return "accuracy", [_accuracy(one.argmax(axis=1) == right) for one in soft]


def _accuracy(correct: NDArray[np.bool_]) -> intervals.Measure:
    return lambda weights: intervals.mean(weights, correct.astype(np.float64))


def main(arguments: Sequence[str] = ()) -> list[str]:
    """Teach, compare and print; what is over its limit."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.distillation", description=__doc__)
    parser.add_argument("--train", type=Path, default=TRAIN, help="environment with scikit-learn and skl2onnx")
    chosen = parser.parse_args(arguments)
    script = Path(__file__).parent / "students" / "rows.py"
    subprocess.run([python_in(chosen.train), str(script), str(MODELS), str(FOLDER)], check=True)
    found = {
        about: sorted((distilled(*about, options, seed) for seed in SEEDS), key=lambda each: each.drop.value)
        for about, options in STUDENTS.items()
    }
    _show(found)
    return [line for (name, count), each in found.items() for line in _exceeded(f"{name}, {count} requests", each[-1])]


def _exceeded(name: str, each: Found) -> Iterator[str]:
    smaller = each.sizes[0] / each.sizes[1]
    if smaller < SMALLER:
        yield f"{name}: {smaller:.1f} x smaller"
    if each.drop.value > DROP:
        yield f"{name}: a drop of {each.drop.value:.4f}"


def _show(found: Mapping[tuple[str, int], Sequence[Found]]) -> None:
    heads = (
        "teacher",
        "requests",
        "student",
        "bytes",
        "x smaller",
        "figure",
        "teacher's",
        "drops",
        "worst, 95 %",
        "taught",
    )
    table = Table(*heads, title=f"Students: {SMALLER} x smaller or more, a drop of {DROP} or less")
    for (name, count), each in found.items():
        worst = each[-1]
        before, after = worst.sizes
        cells = (STUDENTS[name, count], f"{after:,}", f"{before / after:.1f}", worst.metric, f"{worst.figures[0]:.4f}")
        drops = "\n".join(f"{one.drop.value:+.4f}" for one in each)
        interval = f"{worst.drop.low:+.4f} to\n{worst.drop.high:+.4f}"
        table.add_row(f"{name}\n{before:,} bytes", f"{count}", *cells, drops, interval, f"{worst.seconds:.1f} s")
    console = Console(width=130)
    console.print(machine.describe(), highlight=False)
    console.print(table)
    console.print(
        f"Drops of {len(SEEDS)} students, of seeds {SEEDS}; of the worst, where 95 % lie when rows are drawn again.",
        highlight=False,
    )


if __name__ == "__main__":
    sys.exit("\n".join(main(sys.argv[1:])) or None)
