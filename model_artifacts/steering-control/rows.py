"""Write what the model is judged and compressed by: evaluation.jsonl, steps of held-out drives with sensors that err,
and calibration.jsonl, steps of training drives; labels are the formula's angles for what was true.

Values are lists in the order of model.toml's features.
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from train import DRIVES, HELD_OUT, examples

HERE = Path(__file__).parent
LOW, HIGH = np.array([-5, -60, -100, 0]), np.array([5, 60, 100, 40])  # the ranges that model.toml declares
PARTS = {"evaluation.jsonl": (1, HELD_OUT, 1, 5_000), "calibration.jsonl": (0, DRIVES, 0, 500)}
"""Seed, drives and noise as in training and its report; how many of their steps are kept, drawn at random."""


def write(name: str, rows: Iterable[tuple[Any, Any]]) -> None:
    """A line for each instance and its label."""
    table = ({"instance": instance, "label": label} for instance, label in rows)
    lines = [json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in table]
    (HERE / name).write_text("\n".join(lines) + "\n", encoding="utf-8")


def main() -> None:
    """Simulate as for training, and write both parts."""
    for name, (seed, drives, noise, count) in PARTS.items():
        features, angles = examples(np.random.default_rng(seed), drives, noise)
        chosen = np.random.default_rng(4).choice(len(angles), count, replace=False)
        seen = features[chosen].astype(float).clip(LOW, HIGH).round(4)
        write(name, zip(seen.tolist(), angles[chosen].astype(float).round(4).tolist(), strict=True))


if __name__ == "__main__":
    main()
