"""Small constants of a graph: what shapes, counts and conditions are, where no input decides it."""

from collections import ChainMap
from collections.abc import Callable, Sequence
from math import inf, nan, prod

import onnx
from onnx import numpy_helper

LARGEST = 64
"""Elements of a constant that is followed; shapes and counts have few."""

Values = tuple[float, ...]
"""Of a tensor, flat. Not in integers of 64 bits: a product that wraps around would look harmless."""

SAME = ("Identity", "Cast", "Reshape", "Squeeze", "Unsqueeze", "Flatten")
"""Operators that keep the values of their first input."""
ARITHMETIC: dict[str, Callable[[float, float], float]] = {
    "Add": float.__add__,
    "Sub": float.__sub__,
    "Mul": float.__mul__,
    "Div": float.__truediv__,
    "Pow": float.__pow__,
}


class Constants:
    """The constants that are known where a node stands: of its own graph and of those around it."""

    def __init__(self, known: ChainMap[str, Values | None] | None = None) -> None:
        self._known: ChainMap[str, Values | None] = ChainMap() if known is None else known

    def get(self, name: str) -> Values | None:
        """The values of a tensor, if they are constant and few."""
        return self._known.get(name)

    def input(self, node: onnx.NodeProto, index: int) -> Values | None:
        """The values of a node's input, if they are constant and few."""
        return self.get(node.input[index]) if len(node.input) > index else None

    def within(self, graph: onnx.GraphProto) -> "Constants":
        """What is known at the beginning of a graph that stands within this one; its inputs hide names of outside."""
        inner = Constants(self._known.new_child())
        for value in graph.input:
            inner._known[value.name] = None
        for tensor in graph.initializer:
            inner._known[tensor.name] = _values(tensor)
        return inner

    def follow(self, node: onnx.NodeProto) -> None:
        """Take note of what a node gives."""
        for name in node.output:
            self._known[name] = None
        if node.output:
            self._known[node.output[0]] = self._result(node)

    def _result(self, node: onnx.NodeProto) -> Values | None:
        if node.op_type == "Constant":
            return _constant(node)
        # What keeps the values of its first input may have others, which say only of what shape.
        names = node.input[:1] if node.op_type in SAME else node.input
        inputs = [values for name in names if (values := self.get(name)) is not None]
        return _computed(node.op_type, inputs) if inputs and len(inputs) == len(names) else None


def _values(tensor: onnx.TensorProto) -> Values | None:
    if prod(tensor.dims) > LARGEST:
        return None
    try:
        found = numpy_helper.to_array(tensor)
    except (TypeError, ValueError, KeyError):
        return None  # whether it is sound is for others to say
    return tuple(map(float, found.reshape(-1).tolist())) if found.dtype.kind in "biuf" else None


def _constant(node: onnx.NodeProto) -> Values | None:
    for attribute in node.attribute:
        if attribute.name == "value" and attribute.HasField("t"):
            return _values(attribute.t)
        if attribute.name == "value_int":
            return (float(attribute.i),)
        if attribute.name == "value_ints" and len(attribute.ints) <= LARGEST:
            return tuple(map(float, attribute.ints))
    return None


def _computed(operator: str, inputs: Sequence[Values]) -> Values | None:
    if operator in SAME:
        return inputs[0]
    if operator == "Concat" and sum(map(len, inputs)) <= LARGEST:
        return tuple(value for values in inputs for value in values)
    if operator in ARITHMETIC and len(inputs) == 2:
        size = max(map(len, inputs))
        left, right = (values * size if len(values) == 1 else values for values in inputs)
        return tuple(map(_applied(ARITHMETIC[operator]), left, right)) if len(left) == len(right) else None
    return None


def _applied(operation: Callable[[float, float], float]) -> Callable[[float, float], float]:
    def apply(left: float, right: float) -> float:
        try:
            result = operation(left, right)
        except (OverflowError, ZeroDivisionError):
            return inf
        return result if isinstance(result, float) else nan  # complex: no size of anything

    return apply
