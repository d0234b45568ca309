"""Write what the model is judged and compressed by: evaluation.jsonl, held out, and calibration.jsonl, of the training.

Values are lists in the order of model.toml's features. The split is train.py's.
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from sklearn.datasets import load_iris
from sklearn.model_selection import train_test_split
from train import LABELS

HERE = Path(__file__).parent


def write(name: str, rows: Iterable[tuple[Any, Any]]) -> None:
    """A line for each instance and its label."""
    table = ({"instance": instance, "label": label} for instance, label in rows)
    lines = [json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in table]
    (HERE / name).write_text("\n".join(lines) + "\n", encoding="utf-8")


def main() -> None:
    """Split as for training, and write both parts; a flower that measures as a held-out one is in one of them only."""
    features, species = load_iris(return_X_y=True)
    seen, held_out, seen_species, answers = train_test_split(
        features, species, test_size=45, stratify=species, random_state=0
    )
    judged = [(row, LABELS[number]) for row, number in zip(held_out.tolist(), answers, strict=True)]
    others = [(row, LABELS[number]) for row, number in zip(seen.tolist(), seen_species, strict=True)]
    write("evaluation.jsonl", judged)
    write("calibration.jsonl", (row for row in others if row not in judged))


if __name__ == "__main__":
    main()
