"""The shape of a student: layers of a size that is asked for."""

from typing import NamedTuple

import numpy as np

from toolchain.compression.distillation.layers import Convolution, Dense, Layer, Pool, Rectifier

SIDE = 32
"""Pixels: larger pictures are first cut into squares, each of which becomes one pixel."""
FLAT = 4
"""Pixels: pictures of that side, or smaller, are laid flat for the last layer."""


class Size(NamedTuple):
    """How large.

    Attributes:
        hidden: units of each hidden layer, for rows of values.
        channels: of the first convolution, for pictures; each one that follows after the picture shrank has twice as
            many, up to four times.
        layers: hidden layers, or convolutions.
    """

    hidden: int
    channels: int
    layers: int


def build(shape: tuple[int, ...], units: int, size: Size, random: np.random.Generator) -> list[Layer]:
    """Layers, untrained.

    Args:
        shape: of a row: (values,) or (height, width, channels).
        units: of the last layer.
        size: of what comes before.
        random: draws the weights.
    """
    return _rows(shape[0], units, size, random) if len(shape) == 1 else _pictures(shape, units, size, random)


def _rows(values: int, units: int, size: Size, random: np.random.Generator) -> list[Layer]:
    layers: list[Layer] = []
    for _ in range(size.layers):
        layers += [Dense(random, (values,), size.hidden), Rectifier()]
        values = size.hidden
    return [*layers, Dense(random, (values,), units)]


def _pictures(shape: tuple[int, ...], units: int, size: Size, random: np.random.Generator) -> list[Layer]:
    height, width, taken = shape
    layers: list[Layer] = []
    wide = size.channels
    for number in range(size.layers):
        cut = min(height, width) // SIDE if number == 0 else 0
        kernel, stride = (cut, cut) if cut > 1 else (3, 1)
        layers += [Convolution(random, taken, wide, kernel, stride), Rectifier()]
        height, width, taken = height // stride, width // stride, wide
        if max(height, width) > FLAT and min(height, width) > 1:
            layers.append(Pool())
            height, width = height // 2, width // 2
            wide = min(2 * wide, 4 * size.channels)
    while max(height, width) > FLAT and min(height, width) > 1:
        layers.append(Pool())
        height, width = height // 2, width // 2
    return [*layers, Dense(random, (height, width, taken), units)]
