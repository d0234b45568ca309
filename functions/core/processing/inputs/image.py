"""A picture, or an array of its pixels -> one tensor of shape [rows, channels, height, width], or channels last."""

from collections.abc import Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np

from functions.core.errors import InvalidInput, brief
from functions.core.processing.declaration import Declaration
from functions.core.processing.inputs.pictures import Allowance, Decoder
from functions.core.processing.inputs.volume import check_rows
from functions.core.tensors import DATATYPES, Array, TensorSpec, fits

if TYPE_CHECKING:
    from functions.core.processing.inputs.regions import Regions

CHANNELS = {"L": 1, "RGB": 3}
LARGEST_SIDE = 16_384
DATATYPES_OF_PIXELS = ("FP32", "FP16", "UINT8")


class Image:
    """An instance is {"image": {"b64": ...}}, or an array of pixels 0 to 255, itself or under "image"."""

    numbers = "image"
    """The member of an instance whose list of numbers may come unparsed, as it does in large requests."""

    def __init__(self, declaration: Declaration) -> None:
        self._spec = declaration.tensor()
        mode = declaration.choice("mode", tuple(CHANNELS), "RGB")
        height, width = _size(declaration)
        channels = CHANNELS[mode]
        self._pixels_shape = (height, width) if channels == 1 else (height, width, channels)
        self._is_last = declaration.choice("layout", ("nchw", "nhwc"), "nchw") == "nhwc"
        self._shape = (height, width, channels) if self._is_last else (channels, height, width)
        datatypes = f"{', '.join(DATATYPES_OF_PIXELS[:-1])} or {DATATYPES_OF_PIXELS[-1]}"
        if self._spec.datatype not in DATATYPES_OF_PIXELS or not fits((1, *self._shape), (-1, *self._spec.shape[1:])):
            declaration.refuse("tensor", f"{datatypes} of shape {[-1, *self._shape]}", list(self._spec))
        self._dtype = DATATYPES[self._spec.datatype].dtype
        self._is_raw = self._spec.datatype == "UINT8"
        if self._is_raw and (scaled := [field for field in ("scale", "mean", "std") if field in declaration.table]):
            declaration.refuse(scaled[0], "none for a tensor of UINT8, which gets the pixels as they are", scaled[0])
        self._order = slice(None)
        if declaration.choice("channels", ("rgb", "bgr"), "rgb") == "bgr":
            if mode != "RGB":
                declaration.refuse("channels", 'rgb, as mode is "L"', "bgr")
            self._order = slice(None, None, -1)
        self._scale = _single(declaration, "scale", declaration.number("scale", 1 / 255))
        self._mean = _single(declaration, "mean", declaration.numbers("mean", channels, [0.0] * channels))
        self._std = _single(declaration, "std", declaration.numbers("std", channels, [1.0] * channels))
        self._decoder = Decoder(declaration, mode, (width, height))

    def encode(self, instances: Sequence[Any], path: str) -> dict[str, Array]:
        """Feeds of shape [len(instances), channels, height, width], or [len(instances), height, width, channels]."""
        check_rows(len(instances), self._mean.itemsize * int(np.prod(self._shape)), path)
        tensor = np.empty((len(instances), *self._shape), self._dtype)
        allowance = Allowance()
        for index, instance in enumerate(instances):
            tensor[index] = self._laid_out(self._pixels(instance, f"{path}[{index}]", allowance))
        return {self._spec.name: tensor}

    def schema(self) -> dict[str, Any]:
        """A picture in base64, or its pixels."""
        from functions.core.processing.schemas import nested  # only documents ask for it

        picture = {
            "type": "object",
            "required": ["b64"],
            "properties": {"b64": {"type": "string", "contentEncoding": "base64", "contentMediaType": "image/*"}},
        }
        level = {"type": "integer" if self._is_raw else "number", "minimum": 0, "maximum": 255}
        properties = {"image": {"anyOf": [picture, nested(self._pixels_shape, level)]}}
        return {"type": "object", "required": ["image"], "properties": properties, "additionalProperties": False}

    def parts(self, instance: object, path: str, limit: int) -> "Regions":
        """The cells of a grid over the picture, at most `limit`."""
        from functions.core.processing.inputs.regions import Regions  # only explanations need it

        picture = self._laid_out(self._pixels(instance, path, Allowance())).astype(self._dtype)
        return Regions(self._spec.name, picture, limit, channels_last=self._is_last)

    def _laid_out(self, pixels: Array) -> Array:
        """Pixels [height, width, ...], float32, in the tensor's layout and order of channels, scaled."""
        values = pixels.reshape(*pixels.shape[:2], -1)[:, :, self._order]
        if not self._is_raw:
            values = (values * self._scale - self._mean) / self._std
        return values if self._is_last else values.transpose(2, 0, 1)

    def _pixels(self, instance: object, path: str, allowance: Allowance) -> Array:
        if type(instance) is dict and "image" in instance:
            instance, path = instance["image"], f"{path}.image"
        if type(instance) is dict and type(instance.get("b64")) is str:
            return self._decoder.pixels(instance["b64"], f"{path}.b64", allowance)
        if type(instance) is list:
            return self._array(instance, path)
        if read := getattr(instance, "array", None):
            spec = TensorSpec(self.numbers, "INT64" if self._is_raw else "FP64", self._pixels_shape)
            return self._levels(read(spec, self._pixels_shape, path), path)
        raise InvalidInput(path, 'an object {"b64": "<base64 of a picture>"} or an array of pixels', brief(instance))

    def _array(self, instance: list[Any], path: str) -> Array:
        try:
            pixels = np.array(instance, dtype=object)
        except ValueError:
            pixels = np.empty(0)
        if pixels.shape != self._pixels_shape:
            raise InvalidInput(path, f"pixels of shape {list(self._pixels_shape)}", f"shape {list(pixels.shape)}")
        types: set[type] = {int} if self._is_raw else {int, float}
        if not types.issuperset(map(type, chain(pixels.flat))) or not ((pixels >= 0) & (pixels <= 255)).all():
            self._refuse(pixels, types, path)
        return pixels.astype(np.float32)

    def _levels(self, pixels: Array, path: str) -> Array:
        outside = (pixels < 0) | (pixels > 255)
        if outside.any():
            self._refuse(pixels.astype(object), {int, float}, path)
        return pixels.astype(np.float32)

    def _refuse(self, pixels: Array, types: set[type], path: str) -> None:
        """Name the first pixel that is no level."""
        for index, value in np.ndenumerate(pixels):
            if type(value) not in types or not 0 <= value <= 255:
                at = "".join(f"[{step}]" for step in index)
                expected = f"{'an integer' if self._is_raw else 'a number'} from 0 to 255"
                raise InvalidInput(f"{path}{at}", expected, brief(value))


def _size(declaration: Declaration) -> tuple[int, int]:
    """Height and width."""
    height, width = declaration.numbers("size", 2, ())
    if not all(1 <= side <= LARGEST_SIDE and side == int(side) for side in (height, width)):
        declaration.refuse("size", f"[height, width], integers from 1 to {LARGEST_SIDE}", [height, width])
    return int(height), int(width)


def _single(declaration: Declaration, field: str, numbers: float | Sequence[float]) -> Array:
    """Numbers in single precision, in which pixels are computed."""
    with np.errstate(over="ignore"):
        found = np.array(numbers, np.float32)
    if not np.isfinite(found).all():
        declaration.refuse(field, "what single precision holds", numbers)
    return found
