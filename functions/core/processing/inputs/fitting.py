"""How a picture of any proportions becomes one of a model's: stretched, cut to its middle, or with bars beside it."""

from math import ceil

import numpy as np
from PIL import Image as Picture

from functions.core.processing.declaration import Declaration
from functions.core.tensors import Array

REDUCING_GAP = 3.0
"""A picture is first shrunk, fast, to no less than so many times the size that it needs, then resampled well."""
LEAST_CROP = 0.01
FILTERS = {
    "bilinear": Picture.Resampling.BILINEAR,
    "nearest": Picture.Resampling.NEAREST,
    "bicubic": Picture.Resampling.BICUBIC,
    "lanczos": Picture.Resampling.LANCZOS,
}

Size = tuple[int, int]
"""Width and height."""


class Fitting:
    """The fields resize, crop, fill and resample."""

    def __init__(self, declaration: Declaration, size: Size) -> None:
        """Read them. Raises InvalidPackage on a wrong one."""
        self._size = size
        self._kind = declaration.choice("resize", ("stretch", "cover", "contain"), "stretch")
        self._filter = FILTERS[declaration.choice("resample", tuple(FILTERS), "bilinear")]
        crop = declaration.number("crop", 1.0)
        if not LEAST_CROP <= crop <= 1 or ("crop" in declaration.table and self._kind != "cover"):
            declaration.refuse("crop", f'a share from {LEAST_CROP} to 1 of the sides, with resize = "cover"', crop)
        self._whole = int(size[0] / crop), int(size[1] / crop)
        self._fill = declaration.number("fill", 0.0)
        if not 0 <= self._fill <= 255 or ("fill" in declaration.table and self._kind != "contain"):
            declaration.refuse("fill", 'a level from 0 to 255, with resize = "contain"', self._fill)

    def needed(self, size: Size) -> Size:
        """The size from which a picture of `size`, upright or on its side, loses nothing that the model would see."""
        if self._filter is Picture.Resampling.NEAREST:
            return size
        if self._kind == "stretch":
            return self._size
        side = max(self._whole)
        if self._kind == "cover":
            return side, side
        return ceil(size[0] * side / max(size)), ceil(size[1] * side / max(size))

    def resized(self, picture: Picture.Image) -> Array:
        """The picture at the model's size, or with "contain" at what fits into it; levels, float32."""
        size, box = self._size, None
        if self._kind == "cover":
            box = self._middle(picture.size)
        elif self._kind == "contain":
            size = self._inner(picture.size)
        # Of a box only its pixels are computed, so that a picture of 1 x 20,000 costs no more than another.
        return np.asarray(picture.resize(size, self._filter, box=box, reducing_gap=REDUCING_GAP), np.float32)

    def padded(self, pixels: Array) -> Array:
        """Pixels [height, width, ...] in the middle of the model's size, with bars where they are smaller."""
        width, height = self._size
        if pixels.shape[:2] == (height, width):
            return pixels
        whole = np.full((height, width, *pixels.shape[2:]), self._fill, np.float32)
        top, left = (height - pixels.shape[0]) // 2, (width - pixels.shape[1]) // 2
        whole[top : top + pixels.shape[0], left : left + pixels.shape[1]] = pixels
        return whole

    def _middle(self, size: Size) -> tuple[float, float, float, float]:
        """The box of a picture that is left when it is resized until it covers `_whole`, and its middle is cut out.

        Sides and offsets are rounded as torchvision's Resize and CenterCrop do, whose result it is.
        """
        width, height = size
        wide, high = self._whole
        if width * high <= height * wide:
            resized = wide, max(1, height * wide // width)
        else:
            resized = max(1, width * high // height), high
        left, top = (round((resized[axis] - self._size[axis]) / 2) for axis in (0, 1))
        across, down = width / resized[0], height / resized[1]
        right, bottom = min((left + self._size[0]) * across, width), min((top + self._size[1]) * down, height)
        return left * across, top * down, right, bottom

    def _inner(self, size: Size) -> Size:
        """The largest size of a picture's proportions that fits into the model's."""
        scale = min(self._size[0] / size[0], self._size[1] / size[1])
        return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))
