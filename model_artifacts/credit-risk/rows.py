"""Write what the model is judged and compressed by: evaluation.jsonl, held out, and calibration.jsonl, of the training.

Values are lists in the order of model.toml's features. All 12,000 held-out applications; 3,000 of the training ones.
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from train import HELD_OUT, LABELS, TRAINING, applications

HERE = Path(__file__).parent
CALIBRATION = 3_000


def write(name: str, rows: Iterable[tuple[Any, Any]]) -> None:
    """A line for each instance and its label."""
    table = ({"instance": instance, "label": label} for instance, label in rows)
    lines = [json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in table]
    (HERE / name).write_text("\n".join(lines) + "\n", encoding="utf-8")


def main() -> None:
    """Simulate as for training, and write both parts."""
    parts = {
        "evaluation.jsonl": applications(np.random.default_rng(1), HELD_OUT),
        "calibration.jsonl": [values[:CALIBRATION] for values in applications(np.random.default_rng(0), TRAINING)],
    }
    for name, (features, defaulted) in parts.items():
        rows = zip(features.tolist(), defaulted.tolist(), strict=True)
        write(name, (([int(value) for value in row], LABELS[one]) for row, one in rows))  # simulated in whole numbers


if __name__ == "__main__":
    main()
