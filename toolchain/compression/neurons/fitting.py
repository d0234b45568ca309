"""The layer behind units that go: its weight and bias, fitted anew by least squares."""

import numpy as np
import onnx
from numpy.typing import NDArray

from toolchain.compression.graph import Graph
from toolchain.compression.layers import attribute, bias_add, linear
from toolchain.compression.neurons.surgeon import Cut, Moments, cut


def fit(graph: Graph, name: str, moments: Moments, block: int, count: int) -> Cut:
    """Choose the units that go, and give the layer behind the weight and the bias that make up for them.

    Args:
        graph: is changed.
        name: of the layer behind, a MatMul, Gemm or Conv.
        moments: of its inputs.
        block: inputs of one unit, which stand side by side.
        count: units to take out.
    """
    node = graph.node(name)
    weight, bias = _weight(graph, node), _bias(graph, node)
    made = cut(moments.squares(centred=bias is not None), weight, block, count)
    _set_weight(graph, node, made.weight.astype(np.float32))
    if bias is not None:
        mean = moments.mean
        kept = mean.reshape(-1, block)[made.kept].ravel()
        holder, index, old = bias
        new = old + mean @ weight - kept @ made.weight
        fitted = graph.add_initializer(f"{holder.input[index]}_fitted", new.astype(np.float32).reshape(old.shape))
        holder.input[index] = fitted
    return made


def _weight(graph: Graph, node: onnx.NodeProto) -> NDArray[np.float32]:
    """The layer's weight as (inputs, out)."""
    if node.op_type == "Conv":
        kernel = graph.array(node.input[1]).astype(np.float32)
        return kernel.reshape(len(kernel), -1).T
    return linear(graph, node.name).weight


def _bias(graph: Graph, node: onnx.NodeProto) -> tuple[onnx.NodeProto, int, NDArray[np.float32]] | None:
    """The node that adds the layer's bias, at which input, and its values; None where there is none to fit."""
    if node.op_type == "MatMul":
        layer = linear(graph, node.name)
        add = bias_add(graph, layer)
        return None if add is None else (add[0], int(add[0].input[0] == layer.output), add[1])
    if len(node.input) < 3 or not node.input[2] or (node.op_type == "Gemm" and attribute(node, "beta", 1.0) != 1):
        return None
    values = graph.array(node.input[2])
    # Padded edges see fewer inputs than the mean of all supposes.
    padded = node.op_type == "Conv" and any(entry.name == "pads" and any(entry.ints) for entry in node.attribute)
    return None if padded or values.size != _weight(graph, node).shape[1] else (node, 2, values)


def _set_weight(graph: Graph, node: onnx.NodeProto, weight: NDArray[np.float32]) -> None:
    if node.op_type == "Conv":
        dims = graph.initializers[node.input[1]].dims
        weight = weight.T.reshape(dims[0], -1, dims[2], dims[3])
    elif node.op_type == "Gemm":
        weight = weight / np.float32(attribute(node, "alpha", 1.0))
        weight = weight.T if attribute(node, "transB", 0) else weight
    node.input[1] = graph.add_initializer(f"{node.name}_fitted", weight)
