"""Write what the model is judged and compressed by: evaluation.jsonl, held-out readers, and calibration.jsonl, of the
training. An instance is what somebody read; the label is the book read next.
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from readers import catalogue, histories
from train import HELD_OUT, READERS, STEPS

HERE = Path(__file__).parent
PARTS = {"evaluation.jsonl": (1, HELD_OUT, 3_000), "calibration.jsonl": (0, READERS, 200)}
"""Seed and number of readers as in training; how many of them are kept, the first, which are drawn at random anyhow."""


def write(name: str, rows: Iterable[tuple[Any, Any]]) -> None:
    """A line for each instance and its label."""
    table = ({"instance": instance, "label": label} for instance, label in rows)
    lines = [json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in table]
    (HERE / name).write_text("\n".join(lines) + "\n", encoding="utf-8")


def main() -> None:
    """Simulate as for training, and write both parts; of a long history the last 50 books count.

    Who read one book read the same as others: what is judged by is not calibrated with.
    """
    books, judged = catalogue(), []
    for name, (seed, simulated, count) in PARTS.items():
        readers = histories(np.random.default_rng(seed), books, simulated)[0][:count]
        titles = [[books.names[book] for book in reader] for reader in readers]
        rows = [(row[:-1][-STEPS:], row[-1]) for row in titles if row[:-1][-STEPS:] not in judged]
        judged = [row for row, _ in rows]
        write(name, rows)


if __name__ == "__main__":
    main()
