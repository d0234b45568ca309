"""More questions than there are sample requests: rows mixed from pairs of them, pictures moved a little.

The teacher answers these too, so they need not be likely, only near to what is; see Bucila, Caruana and
Niculescu-Mizil, Model Compression, 2006, and, for mixing, Zhang et al., mixup, 2018.
"""

import numpy as np
from numpy.typing import NDArray

Tensor = NDArray[np.float32]
SWAPPED = 0.3
"""Chance that a value is another row's."""
NOISE = 0.1
"""Standard deviation of what is added to values, in theirs."""
FURTHEST = 0.125
"""Of a picture's side, how far it is moved."""


def rows(x: Tensor, count: int, random: np.random.Generator) -> Tensor:
    """Made-up rows, of (rows, values) that are real.

    A third each takes some values of another row; lies between two rows; and is one with noise. What is a whole
    number in all real rows stays whole, and everything stays within the range of the real rows.
    """
    first, second = x[random.integers(0, len(x), (2, count))]
    swapped = np.where(random.random(first.shape) < SWAPPED, second, first)
    between = first + random.random((count, 1), np.float32) * (second - first)
    noisy = swapped + random.normal(0, NOISE, first.shape).astype(np.float32) * x.std(axis=0)
    made = np.choose(random.integers(0, 3, (count, 1)), [swapped, between, noisy])
    whole = (x == np.rint(x)).all(axis=0)
    made = np.where(whole, np.rint(made), made)
    return np.clip(made, x.min(axis=0), x.max(axis=0)).astype(np.float32)


def pictures(x: Tensor, count: int, random: np.random.Generator) -> Tensor:
    """Made-up pictures, of (rows, height, width, channels) that are real: moved, half of them mixed with another."""
    made = np.empty((count, *x.shape[1:]), np.float32)
    for index in range(count):
        made[index] = _moved(x[random.integers(len(x))], random)
        if random.random() < 0.5:
            share = np.float32(random.random())
            made[index] += share * (_moved(x[random.integers(len(x))], random) - made[index])
    return made


def _moved(picture: Tensor, random: np.random.Generator) -> Tensor:
    """One picture moved by a few pixels; its edge is repeated where nothing is known."""
    height, width, _ = picture.shape
    down, right = (max(1, int(side * FURTHEST)) for side in (height, width))
    row, column = random.integers(-down, down + 1), random.integers(-right, right + 1)
    lines = np.clip(np.arange(height) + row, 0, height - 1)
    columns = np.clip(np.arange(width) + column, 0, width - 1)
    return picture[lines[:, None], columns]
