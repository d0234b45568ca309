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
LACKING, LACKED = 0.1, 0.2
"""Share of rows that lack values, and of the values that these lack."""
MIXED = 0.3
"""Share of pictures that are mixed of two."""
FURTHEST, BENT = 0.1, 0.3
"""Of a picture's side, how far it is moved at most, and how far it is turned, stretched and slanted."""


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
    return np.asarray(np.clip(made, x.min(axis=0), x.max(axis=0)), np.float32)


def missing(x: Tensor, random: np.random.Generator) -> Tensor:
    """The same rows with some values NaN, in a few of them."""
    gone = (random.random((len(x), 1)) < LACKING) & (random.random(x.shape) < LACKED)
    return np.where(gone, np.float32(np.nan), x)


def pictures(x: Tensor, count: int, random: np.random.Generator) -> Tensor:
    """Made-up pictures, of (rows, height, width, channels) that are real: bent a little, some of them mixed of two.

    To bend is to move, turn, stretch and slant at once.
    """
    made = np.empty((count, *x.shape[1:]), np.float32)
    for index in range(count):
        made[index] = _bent(x[random.integers(len(x))], random)
        if random.random() < MIXED:
            share = np.float32(random.random())
            made[index] += share * (_bent(x[random.integers(len(x))], random) - made[index])
    return made


def _bent(picture: Tensor, random: np.random.Generator) -> Tensor:
    """One picture, read at places that a small affine map gives, between pixels; its edge goes on for ever."""
    sides = np.array(picture.shape[:2])
    matrix = np.eye(2) + random.uniform(-BENT, BENT, (2, 2))
    shift = random.uniform(-FURTHEST, FURTHEST, 2) * sides + (sides - 1) / 2
    places = np.indices(picture.shape[:2]).transpose(1, 2, 0) - (sides - 1) / 2
    places = np.clip(places @ matrix.T + shift, 0, sides - 1)
    low = np.minimum(places.astype(np.int64), sides - 2)
    part = (places - low).astype(np.float32)[..., None]
    (row, column), (down, right) = low.transpose(2, 0, 1), part.transpose(2, 0, 1, 3)
    above = picture[row, column] * (1 - right) + picture[row, column + 1] * right
    below = picture[row + 1, column] * (1 - right) + picture[row + 1, column + 1] * right
    return np.asarray(above * (1 - down) + below * down)
