"""Write what the model is judged and compressed by: evaluation.jsonl, squares of the right sides of the photographs,
which are held out, and calibration.jsonl, of the left sides; each is a small JPEG.
"""

import base64
import json
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from PIL import Image
from train import LABELS, encoded, photographs, squares

HERE = Path(__file__).parent
SIDE, QUALITY = 96, 80  # of the JPEGs: as sharp as the photographs are, and small enough for hundreds of rows
PARTS = {"evaluation.jsonl": (2, True, 900), "calibration.jsonl": (3, False, 60)}
"""Seed, other than those of training and report; whether held out; rows."""


def write(name: str, rows: Iterable[tuple[Any, Any]]) -> None:
    """A line for each instance and its label."""
    table = ({"instance": instance, "label": label} for instance, label in rows)
    lines = [json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in table]
    (HERE / name).write_text("\n".join(lines) + "\n", encoding="utf-8")


def pictures(seed: int, held_out: bool) -> Iterator[tuple[dict[str, Any], str]]:
    """Squares as pictures, without end."""
    for pixels, label in squares(photographs(), seed, held_out):
        small = Image.fromarray(pixels).resize((SIDE, SIDE), Image.Resampling.BICUBIC)
        file = encoded(small, "JPEG", quality=QUALITY, optimize=True)
        yield {"image": {"b64": base64.b64encode(file).decode()}}, LABELS[label]


def main() -> None:
    """Cut and write both parts."""
    for name, (seed, held_out, count) in PARTS.items():
        write(name, islice(pictures(seed, held_out), count))


if __name__ == "__main__":
    main()
