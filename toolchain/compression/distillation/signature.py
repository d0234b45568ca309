"""What a teacher takes, so far as a student can take it too."""

from typing import Literal, NamedTuple

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto

from toolchain.compression.graph import Graph

FLOATS = (TensorProto.FLOAT, TensorProto.DOUBLE, TensorProto.FLOAT16)
CHANNELS = (1, 3, 4)
"""Of pictures, where they come last."""
SMALLEST = 4
"""Side of a picture that is worth a convolution, in pixels."""
Layout = Literal["rows", "channels first", "channels last"]


class Taken(NamedTuple):
    """An input.

    Attributes:
        name: the tensor's.
        element: its type, of TensorProto.
        shape: of one row, so without the dimension of the batch.
    """

    name: str
    element: int
    shape: tuple[int, ...]


class Signature(NamedTuple):
    """The inputs of a teacher.

    Attributes:
        takes: one picture, or one or more tensors of (batch, values).
        layout: what they are.
        batch: how many rows the graph takes at once; 0: any number.
    """

    takes: tuple[Taken, ...]
    layout: Layout
    batch: int

    def split(self, x: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
        """The tensors, as float32, of what `join` made."""
        if self.layout != "rows":
            return {self.takes[0].name: x if self.layout == "channels last" else x.transpose(0, 3, 1, 2)}
        ends = np.cumsum([entry.shape[0] for entry in self.takes])[:-1]
        return {entry.name: part for entry, part in zip(self.takes, np.split(x, ends, axis=1), strict=True)}

    def join(self, feed: dict[str, NDArray[np.float32]]) -> NDArray[np.float32]:
        """Tensors as one: (rows, values), or pictures (rows, height, width, channels)."""
        tensors = [np.asarray(feed[entry.name], np.float32) for entry in self.takes]
        if self.layout == "channels first":
            return np.ascontiguousarray(tensors[0].transpose(0, 2, 3, 1))
        return tensors[0] if len(tensors) == 1 else np.concatenate(tensors, axis=1)


def read(graph: Graph) -> Signature | str:
    """The signature of a graph, or why no student can have it."""
    if refusal := _refusal(graph):
        return refusal
    takes = []
    for value in graph.model.graph.input:
        found = _taken(value)
        if isinstance(found, str):
            return found
        takes.append(found)
    batches = {value.type.tensor_type.shape.dim[0].dim_value for value in graph.model.graph.input}
    if len(batches) > 1:
        return "its inputs have batches of different sizes"
    layout = _layout([entry.shape for entry in takes])
    if layout is None:
        sizes = "(batch, values), nor one picture, (batch, channels, height, width)"
        return f"it takes neither rows of values, {sizes}, of at least {SMALLEST} x {SMALLEST}"
    return Signature(tuple(takes), layout, batches.pop())


def _taken(value: onnx.ValueInfoProto) -> Taken | str:
    tensor = value.type.tensor_type
    if not value.type.HasField("tensor_type") or tensor.elem_type not in FLOATS:
        return f"{value.name} is no tensor of floats"
    shape = tuple(entry.dim_value for entry in tensor.shape.dim[1:])
    if not tensor.HasField("shape") or not tensor.shape.dim or not all(shape):
        return f"{value.name} has a dimension, beside the batch, that is not fixed"
    return Taken(value.name, tensor.elem_type, shape)


def _layout(shapes: list[tuple[int, ...]]) -> Layout | None:
    if {len(shape) for shape in shapes} == {1}:
        return "rows"
    if len(shapes) != 1 or len(shapes[0]) != 3:
        return None
    first, *_, last = shapes[0]
    is_last = last in CHANNELS and first not in CHANNELS
    sides = shapes[0][:2] if is_last else shapes[0][1:]
    if min(sides) < SMALLEST:
        return None
    return "channels last" if is_last else "channels first"


def _refusal(graph: Graph) -> str:
    for name in graph.inputs:
        if name in graph.initializers:
            return f"{name} is an input that has a value of its own"
    for value in graph.model.graph.output:
        if not value.type.HasField("tensor_type"):
            return f"{value.name} is no tensor"
    if all(value.type.tensor_type.elem_type not in FLOATS for value in graph.model.graph.output):
        return "it gives no floats, so nothing soft to learn from"
    return ""
