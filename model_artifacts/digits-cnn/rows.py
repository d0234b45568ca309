"""Write what the model is judged and compressed by: evaluation.jsonl, of held-out digits, and calibration.jsonl, of the
training digits, as 8 x 8 arrays.

A digit comes as it is and as drawings of it; their arrays are what model.toml's preprocessing makes of the pictures.
Digits of Pillow's typeface are among both parts, to judge by in weights that the training has not seen.
"""

import json
from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from train import drawing, encoded, preprocessed

HERE = Path(__file__).parent
DRAWINGS = 11  # of each digit; they are of the same hands, so less than as many new digits
CALIBRATION = 1_437  # digits, all of the training, each with one drawing: students learn from them
TYPED = {
    "evaluation.jsonl": ((80, 150, 230), (0.006, 0.018, 0.034)),
    "calibration.jsonl": ((60, 120, 200), (0.0, 0.0125, 0.025, 0.04375)),
}
"""Sizes of typed digits, and widths of strokes added to them, in sizes; those to calibrate with are the training's."""


def write(name: str, rows: Iterable[tuple[Any, Any]]) -> None:
    """A line for each instance and its label."""
    table = ({"instance": instance, "label": label} for instance, label in rows)
    lines = [json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in table]
    (HERE / name).write_text("\n".join(lines) + "\n", encoding="utf-8")


def drawn(digit: np.ndarray, places: np.random.Generator) -> np.ndarray:
    """A digit as ink on paper, of any size and place, saved as a JPEG, and read again: [8, 8] from 0 to 255."""
    margin = int(places.integers(5, 110))
    corner = tuple(int(at) for at in margin + places.integers(-margin, margin, 2, endpoint=True))
    file = encoded(drawing(digit, margin, corner), "JPEG", quality=int(places.integers(40, 95)))
    return preprocessed(Image.open(BytesIO(file)))


def rows(images: np.ndarray, digits: np.ndarray, drawings: int) -> Iterator[tuple[list[list[int]], str]]:
    """Arrays with their digits."""
    places = np.random.default_rng(0)
    for image, digit in zip(images, digits, strict=True):
        for array in (image, *(drawn(image, places) for _ in range(drawings))):
            yield np.rint(array).astype(int).tolist(), str(digit)


def typed(sizes: Iterable[int], weights: Iterable[float]) -> Iterator[tuple[list[list[int]], str]]:
    """Digits of Pillow's typeface on paper, of several sizes and weights, as arrays."""
    for size in sizes:
        font = ImageFont.load_default(size=size)
        for weight in weights:
            for digit in range(10):
                page = Image.new("L", (280, 280), 255)
                stroke = round(weight * size)
                ImageDraw.Draw(page).text((140, 140), str(digit), font=font, anchor="mm", fill=0, stroke_width=stroke)
                yield np.rint(preprocessed(page)).astype(int).tolist(), str(digit)


def main() -> None:
    """Split as for training, and write both parts."""
    digits = load_digits()
    images = np.float32(np.rint(digits.images * 255 / 16))
    seen, held_out, seen_digits, held_out_digits = train_test_split(
        images, digits.target, test_size=360, stratify=digits.target, random_state=0
    )
    parts = {
        "evaluation.jsonl": rows(held_out, held_out_digits, DRAWINGS),
        "calibration.jsonl": rows(seen[:CALIBRATION], seen_digits[:CALIBRATION], 1),
    }
    for name, written in parts.items():
        write(name, [*written, *typed(*TYPED[name])])


if __name__ == "__main__":
    main()
