"""What does the way from event to answer add to the model's own run? In process, each contestant in a fresh one.

`overhead` is the median of handler(event) less the median of `session.run` on the same input, taken in turn.
"""

import json
import os
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

from benchmarks.pictures import write_picture_model
from benchmarks.table import Row, interleave, show
from functions.packaging.build import MODELS, build, build_all

ROUNDS = 7
ROW_LIMIT = 0.15
PICTURE_LIMIT = 0.25
ROW = ("linear-regression", "features", "row")
PICTURE = ("picture-mean", "image", "picture")
CONTESTANTS = ("naive", "naive, async route", "ortless v1", "ortless v2")


def measure(model: str, tensor: str, what: str, packages: Path, rounds: int = ROUNDS) -> list[Row]:
    """Microseconds that each contestant adds to `session.run`, one sample per fresh process."""

    def sample(contestant: str) -> float:
        command = [sys.executable, "-m", "benchmarks.warm_contestant", contestant, what, model, tensor]
        variables = os.environ | {"ORTLESS_PACKAGES": str(packages), "AWS_DEFAULT_REGION": "us-east-1"}
        output = subprocess.run(command, env=variables, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        return float(json.loads(output.stdout)["overhead_us"])

    names = [name for name in CONTESTANTS if what == "row" or "async" not in name]
    return interleave({name: partial(sample, name) for name in names}, rounds, f"warm, {what}")


def broken(rows: list[Row], limit: float, what: str) -> list[str]:
    """Which lane of ours adds more than its share of what the naive bundle adds, in words."""
    naive = rows[0].median
    return [
        f"warm overhead of a {what}: {row.name} is {row.median / naive:.2f} x naive, at most {limit} is allowed"
        for row in rows
        if row.name.startswith("ortless") and row.median > limit * naive
    ]


def main() -> list[str]:
    """Measure, print, and say what is over its limit."""
    with tempfile.TemporaryDirectory() as folder:
        packages = Path(folder) / "packages"
        build_all(MODELS, packages)
        build(write_picture_model(Path(folder)), packages)
        rows = measure(*ROW, packages)
        pictures = measure(*PICTURE, packages)
    show("Warm overhead over session.run: 1 row of 3 features", "us", rows, against=("naive",))
    show("Warm overhead over session.run: 1 x 3 x 224 x 224 as JSON", "us", pictures, against=("naive",))
    return broken(rows, ROW_LIMIT, "row") + broken(pictures, PICTURE_LIMIT, "picture")
