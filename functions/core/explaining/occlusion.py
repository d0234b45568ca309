"""Which regions of a picture matter: each is covered in turn, and the score that is lost is its attribution.

Source: M. D. Zeiler and R. Fergus, "Visualizing and understanding convolutional networks" (2014).
"""

from math import isqrt

import numpy as np

from functions.core.explaining.attribution import Attribution, Question
from functions.core.tensors import Array

BATCH = 32
"""Covered pictures in one run: what bounds memory."""


def occlusion(ask: Question, picture: Array, budget: int) -> Attribution:
    """Attribute the score of a picture to the cells of a grid over it.

    Args:
        ask: the model.
        picture: [channels, height, width].
        budget: pictures that the model may be asked at most; at least 6.

    Returns:
        Values [rows, columns], as fine a grid as the budget allows. What covers a cell is the picture's mean, and
        `baseline` is the score of a picture of nothing else.
    """
    _, height, width = picture.shape
    side = max(1, isqrt(budget - 2))
    rows, columns = min(side, height), min(side, width)
    blank = np.broadcast_to(picture.mean(axis=(1, 2), keepdims=True), picture.shape)
    baseline, score = ask(np.stack([blank, picture]))
    top = np.arange(rows + 1) * height // rows
    left = np.arange(columns + 1) * width // columns
    cells = [(row, column) for row in range(rows) for column in range(columns)]
    values = np.empty((rows, columns))
    for start in range(0, len(cells), BATCH):
        batch = cells[start : start + BATCH]
        covered = np.repeat(picture[None], len(batch), axis=0)
        for index, (row, column) in enumerate(batch):
            place = (slice(None), slice(top[row], top[row + 1]), slice(left[column], left[column + 1]))
            covered[index][place] = blank[place]
        for cell, remaining in zip(batch, ask(covered), strict=True):
            values[cell] = score - remaining
    return Attribution(values, float(baseline), float(score), 0.0, len(cells) + 2)
