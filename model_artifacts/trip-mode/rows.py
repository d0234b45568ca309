"""Write what the model is judged and compressed by: evaluation.jsonl, held-out trips, and calibration.jsonl, of the
training. Steps are lists in the order of model.toml's features.
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from train import HELD_OUT, TRIPS
from trips import DIGITS, MODES, trips

HERE = Path(__file__).parent
PARTS = {"evaluation.jsonl": (1, HELD_OUT, 2_000), "calibration.jsonl": (0, TRIPS, 200)}
"""Seed and number of trips as in training; how many of them are kept, the first, which are drawn at random anyhow."""


def write(name: str, rows: Iterable[tuple[Any, Any]]) -> None:
    """A line for each instance and its label."""
    table = ({"instance": instance, "label": label} for instance, label in rows)
    lines = [json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in table]
    (HERE / name).write_text("\n".join(lines) + "\n", encoding="utf-8")


def listed(trip: np.ndarray) -> list[list[float]]:
    """The steps of a trip, with no more digits than are recorded."""
    steps = [[round(float(value), digits) for value, digits in zip(step, DIGITS, strict=True)] for step in trip]
    return [[int(value) if value == int(value) else value for value in step] for step in steps]


def main() -> None:
    """Simulate as for training, and write both parts."""
    for name, (seed, simulated, count) in PARTS.items():
        rows, modes = trips(np.random.default_rng(seed), simulated)
        write(name, ((listed(row), MODES[mode]) for row, mode in zip(rows[:count], modes[:count], strict=True)))


if __name__ == "__main__":
    main()
