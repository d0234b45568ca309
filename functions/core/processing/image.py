"""A picture, or an array of its pixels -> one tensor of shape [rows, channels, height, width]."""

from collections.abc import Sequence
from io import BytesIO
from typing import Any

import numpy as np
import pybase64
from PIL import Image as Picture
from PIL import ImageOps

from functions.core.errors import InvalidInput, brief
from functions.core.processing.declaration import Declaration
from functions.core.tensors import Array, fits

FORMATS = ("PNG", "JPEG", "WEBP")
PIXEL_LIMIT = 25_000_000
"""Larger pictures are refused by what their header says, before anything is decoded."""
CHANNELS = {"L": 1, "RGB": 3}

# Pillow's own limit would warn or raise on opening; the one above is checked in its place.
Picture.MAX_IMAGE_PIXELS = None


class Image:
    """An instance is {"image": {"b64": ...}}, or an array of pixels 0 to 255, itself or under "image"."""

    def __init__(self, declaration: Declaration) -> None:
        self._spec = declaration.tensor()
        self._mode = declaration.choice("mode", tuple(CHANNELS), "RGB")
        height, width = (int(extent) for extent in declaration.numbers("size", 2, ()))
        self._size = (width, height)
        channels = CHANNELS[self._mode]
        self._shape = (height, width) if channels == 1 else (height, width, channels)
        if self._spec.datatype != "FP32" or not fits((1, channels, height, width), (-1, *self._spec.shape[1:])):
            declaration.refuse("tensor", f"FP32 of shape [-1, {channels}, {height}, {width}]", list(self._spec))
        self._scale = np.float32(declaration.number("scale", 1 / 255))
        self._mean = np.array(declaration.numbers("mean", channels, [0.0] * channels), np.float32)
        self._std = np.array(declaration.numbers("std", channels, [1.0] * channels), np.float32)
        self._dark = declaration.choice("background", ("any", "dark"), "any") == "dark"

    def encode(self, instances: Sequence[Any], path: str) -> dict[str, Array]:
        """Feeds of shape [len(instances), channels, height, width]."""
        pixels = np.stack([self._pixels(instance, f"{path}[{index}]") for index, instance in enumerate(instances)])
        pixels = pixels.reshape(len(instances), self._size[1], self._size[0], -1)
        values = (pixels * self._scale - self._mean) / self._std
        return {self._spec.name: np.ascontiguousarray(values.transpose(0, 3, 1, 2), dtype=np.float32)}

    def schema(self) -> dict[str, Any]:
        """A picture in base64, or its pixels."""
        from functions.core.processing.schemas import nested  # only documents ask for it

        picture = {
            "type": "object",
            "required": ["b64"],
            "properties": {"b64": {"type": "string", "contentEncoding": "base64", "contentMediaType": "image/*"}},
        }
        pixels = nested(self._shape, {"type": "number", "minimum": 0, "maximum": 255})
        properties = {"image": {"anyOf": [picture, pixels]}}
        return {"type": "object", "required": ["image"], "properties": properties, "additionalProperties": False}

    def parts(self) -> tuple[list[str], Array]:
        """Explanations attribute to regions, which have no names."""
        return [], np.empty(0)

    def _pixels(self, instance: object, path: str) -> Array:
        if type(instance) is dict and "image" in instance:
            instance, path = instance["image"], f"{path}.image"
        if type(instance) is dict and type(instance.get("b64")) is str:
            return self._picture(instance["b64"], f"{path}.b64")
        if type(instance) is list:
            return self._array(instance, path)
        raise InvalidInput(path, 'an object {"b64": "<base64 of a picture>"} or an array of pixels', brief(instance))

    def _array(self, instance: list[Any], path: str) -> Array:
        try:
            pixels = np.array(instance, dtype=object)
        except ValueError:
            pixels = np.empty(0)
        if pixels.shape != self._shape:
            raise InvalidInput(path, f"pixels of shape {list(self._shape)}", f"shape {list(pixels.shape)}")
        for index, value in np.ndenumerate(pixels):
            if type(value) not in (int, float) or not 0 <= value <= 255:
                at = "".join(f"[{step}]" for step in index)
                raise InvalidInput(f"{path}{at}", "a number from 0 to 255", brief(value))
        return pixels.astype(np.float32)

    def _picture(self, text: str, path: str) -> Array:
        picture = _open(text, path)
        if picture.width * picture.height > PIXEL_LIMIT:
            got = f"{picture.width} x {picture.height}"
            raise InvalidInput(path, f"a picture of at most {PIXEL_LIMIT} pixels", got)
        try:
            picture.draft(self._mode, self._size)  # a JPEG decodes straight to about the size that is needed
            upright = _on_paper(ImageOps.exif_transpose(picture)).convert(self._mode)
            pixels = np.asarray(upright.resize(self._size, Picture.Resampling.BILINEAR, reducing_gap=3.0), np.float32)
        except (OSError, SyntaxError, ValueError, EOFError) as fault:
            raise InvalidInput(path, "a complete picture", f"one that does not decode ({fault})") from None
        return 255 - pixels if self._dark and _is_light(pixels) else pixels


def _open(text: str, path: str) -> Picture.Image:
    try:
        return Picture.open(BytesIO(pybase64.b64decode(text, validate=True)), formats=FORMATS)
    except (ValueError, OSError, SyntaxError):
        raise InvalidInput(path, f"base64 of a {', '.join(FORMATS)} picture", brief(text)) from None


def _on_paper(picture: Picture.Image) -> Picture.Image:
    """What is transparent shows white, as on a page: a drawing from a browser's canvas is ink on nothing."""
    if not picture.has_transparency_data:
        return picture
    paper = Picture.new("RGBA", picture.size, "white")
    paper.alpha_composite(picture.convert("RGBA"))
    return paper


def _is_light(pixels: Array) -> bool:
    """Whether the border is lighter than what it encloses, as with ink on paper."""
    inner = pixels[1:-1, 1:-1]
    border = (pixels.sum() - inner.sum()) / max(1, pixels.size - inner.size)
    return bool(inner.size and border > inner.mean())
