"""Layers with weights, in the one form that passes work on, whichever operator carries them."""

from typing import NamedTuple

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper

from toolchain.compression.graph import STANDARD, Graph


class Linear(NamedTuple):
    """y = x @ weight + bias, from MatMul with a constant matrix or from Gemm.

    Attributes:
        node: the node that computes it.
        x: the tensor that it takes.
        weight: float32, (in, out), whatever the layout in the file.
        bias: float32, (out,), where the node itself adds one.
        output: the tensor that it gives.
    """

    node: onnx.NodeProto
    x: str
    weight: NDArray[np.float32]
    bias: NDArray[np.float32] | None
    output: str

    @property
    def name(self) -> str:
        """The node's name."""
        return self.node.name


class Embedding(NamedTuple):
    """Rows of a constant float32 table, (rows, width), gathered by `ids`."""

    node: onnx.NodeProto
    table: str
    ids: str
    shape: tuple[int, int]


def linears(graph: Graph) -> list[Linear]:
    """The linear layers of a graph, in the order of its nodes.

    A Gemm counts when its first factor is taken as it is and its bias, if any, is a constant of one value a column.
    """
    constants = graph.constants
    found = (_linear(graph, node, constants) for node in graph.nodes)
    return [layer for layer in found if layer is not None]


def linear(graph: Graph, name: str) -> Linear:
    """The linear layer of a node's name. Raises KeyError where that is none."""
    layer = _linear(graph, graph.node(name), graph.constants)
    if layer is None:
        raise KeyError(name)
    return layer


def bias_add(graph: Graph, layer: Linear) -> tuple[onnx.NodeProto, NDArray[np.float32]] | None:
    """The Add of a constant vector that alone takes what a layer gives, and the vector, one value a column."""
    consumers = graph.consumers.get(layer.output, [])
    if len(consumers) != 1 or consumers[0].op_type != "Add" or layer.output in graph.outputs:
        return None
    others = [name for name in consumers[0].input if name != layer.output]
    tensor = graph.constants.get(others[0]) if others else None
    if tensor is None or tensor.data_type != tensor.FLOAT or list(tensor.dims) != [layer.weight.shape[1]]:
        return None
    return consumers[0], graph.array(tensor.name)


def convolutions(graph: Graph) -> list[onnx.NodeProto]:
    """Convolutions with constant float32 weights, in the order of the nodes."""
    constants = graph.constants
    return [node for node in graph.nodes if _is(node, "Conv") and _is_float(constants.get(node.input[1]))]


def embeddings(graph: Graph) -> list[Embedding]:
    """Gathers of rows from constant float32 tables, in the order of the nodes."""
    constants = graph.constants
    found = []
    for node in graph.nodes:
        table = constants.get(node.input[0]) if _is(node, "Gather") else None
        if _is_float(table) and table is not None and len(table.dims) == 2 and attribute(node, "axis", 0) == 0:
            found.append(Embedding(node, table.name, node.input[1], (table.dims[0], table.dims[1])))
    return found


def attribute(node: onnx.NodeProto, name: str, default: float) -> float:
    """A number among a node's attributes."""
    found = next((entry for entry in node.attribute if entry.name == name), None)
    return default if found is None else helper.get_attribute_value(found)


def _linear(graph: Graph, node: onnx.NodeProto, constants: dict[str, TensorProto]) -> Linear | None:
    tensor = constants.get(node.input[1]) if _is(node, "MatMul", "Gemm") else None
    if tensor is None or not _is_float(tensor) or len(tensor.dims) != 2 or 0 in tensor.dims:
        return None
    if node.input[0] in constants:
        return None
    weight = graph.array(tensor.name).astype(np.float32)
    if node.op_type == "MatMul":
        return Linear(node, node.input[0], weight, None, node.output[0])
    if attribute(node, "transA", 0):
        return None
    weight = (weight.T if attribute(node, "transB", 0) else weight) * np.float32(attribute(node, "alpha", 1.0))
    if len(node.input) < 3 or not node.input[2]:
        return Linear(node, node.input[0], weight, None, node.output[0])
    addend = constants.get(node.input[2])
    if addend is None or not _is_float(addend):
        return None
    bias = graph.array(addend.name).astype(np.float32) * np.float32(attribute(node, "beta", 1.0))
    if bias.size != 1 and (bias.size != weight.shape[1] or bias.shape[-1] != bias.size):
        return None
    return Linear(node, node.input[0], weight, np.broadcast_to(bias.ravel(), weight.shape[1:]), node.output[0])


def _is(node: onnx.NodeProto, *operators: str) -> bool:
    return node.op_type in operators and node.domain in STANDARD


def _is_float(tensor: TensorProto | None) -> bool:
    return tensor is not None and tensor.data_type == TensorProto.FLOAT
