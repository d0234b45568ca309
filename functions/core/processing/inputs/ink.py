"""Where the ink of a drawing is: what is written anywhere on a page becomes a picture of its own."""

from math import ceil

import numpy as np
from PIL import Image as Picture
from PIL import ImageChops

from functions.core.tensors import Array

SEARCH = 512
"""Pixels of the longer side at which ink is looked for; what is smaller than one of them is dust."""
FAINTEST = 0.5
"""Share of the strongest ink's contrast from which on something is ink."""
CONTRAST = 16.0
"""Levels by which the strongest ink must differ from the paper: on an empty page there is nothing to find."""
DETAIL = 8
"""The drawing keeps so many pixels for each that the model will see."""

Box = tuple[int, int, int, int]
"""Left, top, right and bottom."""


def trimmed(picture: Picture.Image, margin: float, size: int) -> Picture.Image:
    """Cut a picture to what is drawn on it.

    Args:
        picture: of mode L or RGB, ink on paper or chalk on a board.
        margin: to leave on each side, as a share of the drawing's longer side.
        size: pixels of the longer side that the model will see.

    Returns:
        A square, in its middle the drawing, light on dark; all of the picture where nothing is drawn.
    """
    factor = ceil(max(picture.size) / SEARCH)
    levels = np.asarray(picture.convert("L").reduce(factor), np.float32)
    paper = _median(_border(levels))
    if paper - levels.min() > levels.max() - paper:  # unlike the border's mean, right even where ink touches it
        picture, levels, paper = ImageChops.invert(picture), 255 - levels, 255 - paper
    contrast = levels - paper
    if contrast.max() < CONTRAST:
        return picture
    ink = contrast > FAINTEST * contrast.max()
    (top, bottom), (left, right) = _extent(ink.any(axis=1)), _extent(ink.any(axis=0))
    box = (left * factor, top * factor, min(right * factor, picture.width), min(bottom * factor, picture.height))
    return _square(picture, box, margin, size, round(paper))


def _border(levels: Array) -> Array:
    return np.concatenate([levels[0], levels[-1], levels[:, 0], levels[:, -1]])


def _median(levels: Array) -> float:
    """Of numbers [n]; numpy's own needs its masked arrays, which are not shipped."""
    ordered = np.sort(levels)
    return float(ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2


def _extent(some: Array) -> tuple[int, int]:
    """The first that is true, and the one after the last."""
    found = np.flatnonzero(some)
    return int(found[0]), int(found[-1]) + 1


def _square(picture: Picture.Image, box: Box, margin: float, size: int, paper: int) -> Picture.Image:
    """The box and its margin in the middle of a square of paper, shrunk while it is cut: of a long line it is huge."""
    left, top, right, bottom = box
    side = max(right - left, bottom - top) * (1 + 2 * margin)
    factor = max(1, int(side / (DETAIL * size)))
    drawing = picture.reduce(factor, box)
    whole = max(1, round(side / factor))
    square = Picture.new(picture.mode, (whole, whole), (paper,) * len(picture.getbands()))
    square.paste(drawing, ((whole - drawing.width) // 2, (whole - drawing.height) // 2))
    return square
