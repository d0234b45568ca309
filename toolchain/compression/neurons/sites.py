"""Where hidden units can be taken out: between a layer, what is done to its outputs one by one, and another layer."""

from typing import NamedTuple

import numpy as np
import onnx

from toolchain.compression.graph import Graph, taken_by
from toolchain.compression.layers import attribute, convolutions, linears

SINGLE = {"Relu", "LeakyRelu", "Gelu", "Tanh", "Sigmoid", "Erf", "Elu", "Selu", "Softplus", "HardSwish", "HardSigmoid",
          "Mish", "Clip", "Identity", "Sqrt", "Exp", "Abs", "Neg", "QuickGelu"}  # fmt: skip
PAIRED = {"Add", "Sub", "Mul", "Div", "Pow"}
POOLS = {"MaxPool", "AveragePool", "GlobalAveragePool", "GlobalMaxPool"}
FEWEST = 8
"""Units: smaller layers are left alone."""


class Slice(NamedTuple):
    """A constant that an input of a node has, and the axis along which it has a value for each unit."""

    node: str
    input: int
    axis: int


class Site(NamedTuple):
    """Units between two layers.

    Attributes:
        before: the node that makes them: MatMul, Gemm or Conv.
        units: how many.
        between: constants between the layers that have a value for each unit.
        depthwise: convolutions between, each channel by itself.
        shapes: Reshapes between that name the number of values.
        after: the node that takes them.
        x: the tensor that it takes.
        block: inputs of `after` that come of one unit, side by side.
    """

    before: str
    units: int
    between: tuple[Slice, ...]
    depthwise: tuple[str, ...]
    shapes: tuple[str, ...]
    after: str
    x: str
    block: int


def sites(graph: Graph) -> list[Site]:
    """The places where units can be taken out, in the order of the nodes."""
    widths = {layer.name: layer.weight.shape for layer in linears(graph)}
    constants = graph.constants
    convs = {node.name for node in convolutions(graph) if all(name in constants for name in node.input[1:] if name)}
    found = []
    for at, node in enumerate(graph.nodes):
        units = 0
        if node.name in widths:
            units = widths[node.name][1]
        elif node.name in convs and attribute(node, "group", 1) == 1:
            units = int(graph.initializers[node.input[1]].dims[0])
        site = _Walk(graph, at, units, widths, convs).site() if units >= FEWEST else None
        if site is not None:
            found.append(site)
    return found


class _Walk:
    """From one layer's output along all that takes it, in the order of the nodes."""

    def __init__(self, graph: Graph, at: int, units: int, widths: dict[str, tuple[int, ...]], convs: set[str]) -> None:
        self.graph, self.at, self.start, self.units = graph, at, graph.nodes[at], units
        self.widths, self.convs, self.constants = widths, convs, graph.constants
        self.axis = 1 if self.start.name in convs else -1
        self.flat = self.axis == -1
        self.region = {self.start.output[0]}
        self.between: list[Slice] = []
        self.depthwise: list[str] = []
        self.shapes: list[str] = []

    def site(self) -> Site | None:
        """The site, or None where another way leads out of it, or units do not stay apart."""
        end: onnx.NodeProto | None = None
        for node in self.graph.nodes[self.at + 1 :]:
            taken = [index for index, name in enumerate(node.input) if name in self.region]
            if not self.region.intersection(taken_by(node)):
                continue
            if self._ends(node):
                if end is not None or taken != [0]:
                    return None
                end = node
            elif taken and self._stays_apart(node):
                self.region.update(node.output[:1])
            else:
                return None
        if end is None or self.region.intersection(self.graph.outputs):
            return None
        block = self._block(end)
        parts = (tuple(self.between), tuple(self.depthwise), tuple(self.shapes))
        return Site(self.start.name, self.units, *parts, end.name, end.input[0], block) if block else None

    def _ends(self, node: onnx.NodeProto) -> bool:
        if node.name in self.convs:
            return attribute(node, "group", 1) == 1
        return node.name in self.widths

    def _stays_apart(self, node: onnx.NodeProto) -> bool:
        others = [index for index, name in enumerate(node.input) if name and name not in self.region]
        if any(node.input[index] not in self.constants for index in others):
            return False
        if node.op_type in SINGLE:
            return True
        if node.op_type in PAIRED:
            return all(self._by_unit(node, index) for index in others)
        return self.axis == 1 and self._keeps_channels(node)

    def _by_unit(self, node: onnx.NodeProto, index: int) -> bool:
        dims = list(self.constants[node.input[index]].dims)
        if int(np.prod(dims)) == 1:
            return True
        axis = len(dims) - (3 if self.axis == 1 else 1)  # pictures are (rows, channels, height, width)
        if axis < 0 or dims[axis] != self.units or int(np.prod(dims)) != self.units:
            return False
        self.between.append(Slice(node.name, index, axis))
        return True

    def _keeps_channels(self, node: onnx.NodeProto) -> bool:
        if node.name in self.convs and attribute(node, "group", 1) == self.units:
            self.depthwise.append(node.name)
            return list(self.constants[node.input[1]].dims[:1]) == [self.units]
        if node.op_type == "ReduceMean":
            self.flat = self.flat or not attribute(node, "keepdims", 1)
            return self._axes(node) in ([2, 3], [-2, -1])
        if node.op_type == "Reshape":
            shape = self.graph.array(node.input[1]).tolist()
            self.flat = True
            if len(shape) == 2 and shape[1] > 0 and shape[1] % self.units == 0:
                self.shapes.append(node.name)
            return len(shape) == 2 and (shape[1] == -1 or node.name in self.shapes)
        if node.op_type == "Flatten":
            self.flat = True
            return attribute(node, "axis", 1) == 1
        return node.op_type in POOLS and len(node.output) == 1

    def _axes(self, node: onnx.NodeProto) -> list[int]:
        """Of a ReduceMean: an input since opset 18, before that an attribute."""
        if len(node.input) > 1 and node.input[1]:
            return sorted(self.graph.array(node.input[1]).tolist())
        return sorted(axis for entry in node.attribute if entry.name == "axes" for axis in entry.ints)

    def _block(self, end: onnx.NodeProto) -> int:
        """Inputs of the last layer for each unit; 0 where these do not come of units side by side."""
        if end.name in self.widths:
            inputs = self.widths[end.name][0]
            return inputs // self.units if self.flat and inputs % self.units == 0 else 0
        dims = list(self.constants[end.input[1]].dims)
        fits = self.axis == 1 and len(dims) == 4 and dims[1] == self.units
        automatic = any(entry.name == "auto_pad" and entry.s != b"NOTSET" for entry in end.attribute)
        return int(dims[2] * dims[3]) if fits and not automatic else 0
