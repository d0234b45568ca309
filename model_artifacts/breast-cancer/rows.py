"""Write what the model is judged and compressed by: evaluation.jsonl, held out, and calibration.jsonl, of the training.

Values are lists in the order of model.toml's features. The split is train.py's.
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split
from train import LABELS

HERE = Path(__file__).parent


def write(name: str, rows: Iterable[tuple[Any, Any]]) -> None:
    """A line for each instance and its label."""
    table = ({"instance": instance, "label": label} for instance, label in rows)
    lines = [json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in table]
    (HERE / name).write_text("\n".join(lines) + "\n", encoding="utf-8")


def main() -> None:
    """Split as for training, and write both parts."""
    data = load_breast_cancer()
    malignant = data.target == LABELS.index("malignant")
    seen, held_out, seen_malignant, answers = train_test_split(
        data.data, malignant, test_size=190, stratify=malignant, random_state=0
    )
    for name, values, which in (
        ("evaluation.jsonl", held_out, answers),
        ("calibration.jsonl", seen, seen_malignant),
    ):
        write(name, ((row.tolist(), LABELS[0 if one else 1]) for row, one in zip(values, which, strict=True)))


if __name__ == "__main__":
    main()
