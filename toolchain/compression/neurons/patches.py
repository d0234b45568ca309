"""What a convolution multiplies with its kernel, row by row."""

import numpy as np
import onnx
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from onnx import helper

MOST = 2048
"""Places of a request's pictures that are looked at, spread evenly."""


def patches(pictures: NDArray[np.float32], node: onnx.NodeProto, kernel: tuple[int, int]) -> NDArray[np.float32]:
    """The values under a Conv's kernel, (places, channels * height * width), channel by channel.

    Args:
        pictures: what the node takes, (rows, channels, height, width).
        node: a Conv of one group with explicit padding.
        kernel: height and width of its kernel.
    """
    found = {entry.name: helper.get_attribute_value(entry) for entry in node.attribute}
    high, wide = kernel
    top, left, bottom, right = found.get("pads") or (0, 0, 0, 0)
    down, across = found.get("strides") or (1, 1)
    tall, broad = found.get("dilations") or (1, 1)
    padded = np.pad(pictures, ((0, 0), (0, 0), (top, bottom), (left, right)))
    windows = sliding_window_view(padded, (tall * (high - 1) + 1, broad * (wide - 1) + 1), axis=(2, 3))
    windows = windows[:, :, ::down, ::across, ::tall, ::broad]
    places = np.moveaxis(windows, 1, 3).reshape(-1, pictures.shape[1] * high * wide)
    return places[:: max(1, len(places) // MOST)].astype(np.float32)
