"""How long from nothing to the first answer? Under Lambda's own runtime client, a fresh process each time.

Every contestant runs from compiled bytecode, with the same model and the same numbers. `ortless` looks at the
model's alias in the registry (S3 of the embedded cloud) before it answers, as it does on AWS.
"""

import os
import tempfile
from functools import partial
from pathlib import Path

from benchmarks.events import post
from benchmarks.lambda_runtime import cold_start
from benchmarks.registry import published
from benchmarks.table import Row, interleave, show

ROUNDS = 15
MODEL = "linear-regression"
ROWS = [[1.0, 2.0, 3.0]]
LIMITS = {"bare": 1.25, "naive": 0.4}
"""What `ortless` may take at most, as a multiple of the other's median."""


def measure(rounds: int = ROUNDS) -> list[Row]:
    """Seconds from spawning a process to its first answer, per contestant."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    with tempfile.TemporaryDirectory() as folder, published(Path(folder)) as registry:
        bundle = {"MODEL_PATH": f"{registry['ORTLESS_PACKAGES']}/{MODEL}/model.onnx"}
        ours = post(f"/v1/models/{MODEL}:predict", {"instances": ROWS})
        contestants = {
            "bare": ("benchmarks.bare.app.handler", post("/predict", {"data": ROWS}), bundle),
            "naive": ("benchmarks.naive.app.handler", post("/predict", {"data": ROWS}), bundle),
            "ortless": ("functions.predict.handler.handler", ours, registry),
            "ortless, no registry": (
                "functions.predict.handler.handler",
                ours,
                {key: value for key, value in registry.items() if key != "ORTLESS_MODEL_BUCKET"},
            ),
        }
        starts = {name: partial(_seconds, *contestant) for name, contestant in contestants.items()}
        interleave(starts, 2, "bytecode")  # the first start of each compiles what it imports
        return interleave(starts, rounds, "cold starts")


def broken(rows: list[Row]) -> list[str]:
    """Which limits the medians exceed, in words."""
    medians = {row.name: row.median for row in rows}
    return [
        f"cold start is {medians['ortless'] / medians[name]:.2f} x {name}, at most {limit} is allowed"
        for name, limit in LIMITS.items()
        if medians["ortless"] > limit * medians[name]
    ]


def main() -> list[str]:
    """Measure, print, and say what is over its limit."""
    rows = measure()
    in_ms = [Row(row.name, [1000 * sample for sample in row.samples]) for row in rows]
    show("Cold start: process spawn to first answer", "ms", in_ms, against=("bare", "naive"))
    return broken(rows)


def _seconds(handler: str, event: dict[str, object], environment: dict[str, str]) -> float:
    return cold_start(handler, event, environment).seconds
