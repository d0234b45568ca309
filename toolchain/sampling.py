"""Requests to try a model with that nobody has to think up: always the same, and inside sensible ranges."""

import base64
import io
from collections.abc import Callable, Sequence
from typing import Any

from PIL import Image

from functions.core.processing.inputs.image import CHANNELS
from functions.core.tensors import TensorSpec

EXTENTS = (4, 1, 16, 32, 224)
"""Sizes tried, one after the other, for a dimension that a graph leaves open."""
STEP = (5**0.5 - 1) / 2
"""Multiples of the golden ratio spread evenly over 0 to 1, without a generator of random numbers."""


def instances(inputs: Sequence[TensorSpec], preprocess: dict[str, Any], count: int, extent: int) -> list[Any]:
    """So many instances that a model with this preprocessing takes, all different.

    Args:
        extent: the size of dimensions that the graph leaves open.
    """
    if preprocess.get("kind") == "tabular":
        width = len(preprocess["features"])  # lists, as the first thing that is edited is the features' names
        return [[spread(row * width + column) for column in range(width)] for row in range(count)]
    if preprocess.get("kind") == "image":
        height, width = preprocess["size"]
        pictures = (picture(height, width, preprocess["mode"], number) for number in range(count))
        return [{"image": {"b64": base64.b64encode(content).decode()}} for content in pictures]
    rows = [{spec.name: _row(spec, extent, number) for spec in inputs} for number in range(count)]
    return [row[inputs[0].name] for row in rows] if len(inputs) == 1 else list(rows)


def picture(height: int, width: int, mode: str, number: int) -> bytes:
    """A PNG of a soft gradient; its corner of light is another for each number."""
    pixels = bytes(
        (x * 255 // max(1, width - 1) * (3 + number) + y * 255 // max(1, height - 1) * (2 + channel)) // 6 % 256
        for y in range(height)
        for x in range(width)
        for channel in range(CHANNELS[mode])
    )
    stream = io.BytesIO()
    Image.frombytes(mode, (width, height), pixels).save(stream, "PNG")
    return stream.getvalue()


def spread(index: int) -> float:
    """The number of that index, of a sequence that fills 0 to 1 evenly."""
    return round((index + 1) * STEP % 1, 3)


def _row(spec: TensorSpec, extent: int, number: int) -> Any:
    shape = [size if size >= 0 else extent for size in spec.shape[1:]]
    return _nested(shape, _value(spec.datatype, number), [0])


def _nested(shape: list[int], value: Callable[[int], Any], counter: list[int]) -> Any:
    if not shape:
        counter[0] += 1
        return value(counter[0] - 1)
    return [_nested(shape[1:], value, counter) for _ in range(shape[0])]


def _value(datatype: str, number: int) -> Callable[[int], Any]:
    """Values of a datatype: integers stay small, since they often count, choose or name a token."""
    if datatype == "BOOL":
        return lambda index: (number + index) % 2 == 0
    if datatype == "BYTES":
        return lambda index: f"text {number + index}"
    if datatype.startswith("FP"):
        return lambda index: spread(number * 17 + index)
    return lambda index: 1 + (number + index) % 3
