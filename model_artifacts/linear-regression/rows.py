"""Write what the model is judged and compressed by: evaluation.jsonl and calibration.jsonl, points of the formula."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from train import points

HERE = Path(__file__).parent
PARTS = {"evaluation.jsonl": (1, 500), "calibration.jsonl": (2, 50)}  # seeds other than that of the training, and rows


def write(name: str, rows: Iterable[tuple[Any, Any]]) -> None:
    """A line for each instance and its label."""
    table = ({"instance": instance, "label": label} for instance, label in rows)
    lines = [json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in table]
    (HERE / name).write_text("\n".join(lines) + "\n", encoding="utf-8")


def main() -> None:
    """Write points that the fit has not seen; x1 to x3 are a list."""
    for name, (seed, count) in PARTS.items():
        features, answers = points(np.random.default_rng(seed), count)
        write(name, zip(features.tolist(), answers.tolist(), strict=True))


if __name__ == "__main__":
    main()
