"""Small constants of a graph: what shapes, counts and conditions are, where no input decides it."""

from collections import ChainMap
from collections.abc import Callable, Sequence
from math import prod

import numpy as np
import onnx
from onnx import numpy_helper

LARGEST = 1024
"""Elements of a constant that is followed; shapes and counts have few."""

Array = np.ndarray

SAME = ("Identity", "Cast", "Reshape", "Squeeze", "Unsqueeze", "Flatten")
"""Operators that keep the values of their first input."""
ARITHMETIC: dict[str, Callable[..., Array]] = {"Add": np.add, "Sub": np.subtract, "Mul": np.multiply}


class Constants:
    """The constants that are known where a node stands: of its own graph and of those around it."""

    def __init__(self, known: ChainMap[str, Array | None] | None = None) -> None:
        self._known: ChainMap[str, Array | None] = ChainMap() if known is None else known

    def get(self, name: str) -> Array | None:
        """The values of a tensor, if they are constant and few; flat."""
        return self._known.get(name)

    def input(self, node: onnx.NodeProto, index: int) -> Array | None:
        """The values of a node's input, if they are constant and few; flat."""
        return self.get(node.input[index]) if len(node.input) > index else None

    def within(self, graph: onnx.GraphProto) -> "Constants":
        """What is known at the beginning of a graph that stands within this one; its inputs hide names of outside."""
        inner = Constants(self._known.new_child())
        for value in graph.input:
            inner._known[value.name] = None
        for tensor in graph.initializer:
            inner._known[tensor.name] = values(tensor)
        return inner

    def follow(self, node: onnx.NodeProto) -> None:
        """Take note of what a node gives."""
        for name in node.output:
            self._known[name] = None
        if node.output:
            self._known[node.output[0]] = self._result(node)

    def _result(self, node: onnx.NodeProto) -> Array | None:
        if node.op_type == "Constant":
            return _constant(node)
        inputs = [self.get(name) for name in node.input]
        if not inputs or any(values is None for values in inputs[: 1 if node.op_type in SAME else None]):
            return None
        return _computed(node.op_type, [values for values in inputs if values is not None])


def values(tensor: onnx.TensorProto) -> Array | None:
    """The values of a tensor, flat, if it is a small one of numbers."""
    if prod(tensor.dims) > LARGEST or tensor.data_type == onnx.TensorProto.STRING:
        return None
    try:
        return numpy_helper.to_array(tensor).reshape(-1)
    except (TypeError, ValueError, KeyError):
        return None  # whether it is sound is for others to say


def _constant(node: onnx.NodeProto) -> Array | None:
    for attribute in node.attribute:
        if attribute.name == "value":
            return values(attribute.t)
        if attribute.name in ("value_int", "value_float"):
            return np.array([onnx.helper.get_attribute_value(attribute)])
        if attribute.name in ("value_ints", "value_floats"):
            return np.array(onnx.helper.get_attribute_value(attribute)[:LARGEST])
    return None


def _computed(operator: str, inputs: Sequence[Array]) -> Array | None:
    if operator in SAME:
        return inputs[0]
    if operator == "Concat":
        joined = np.concatenate(inputs)
        return joined if joined.size <= LARGEST else None
    if operator in ARITHMETIC and len(inputs) == 2 and (inputs[0].size == inputs[1].size or 1 in map(np.size, inputs)):
        with np.errstate(all="ignore"):
            # Python's own integers: a product that wraps around would look harmless.
            return ARITHMETIC[operator](inputs[0].astype(object), inputs[1].astype(object))
    return None
