"""Linear layers that share an input - query, key and value, say - become one multiplication and a Split."""

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper

from toolchain.compression.graph import Graph
from toolchain.compression.layers import Linear, bias_add, linears
from toolchain.compression.passes.options import NoOptions

OLDEST_OPSET = 13
"""The first whose Split takes its widths as a tensor."""


def applies(graph: Graph) -> str | None:
    """Whether two layers share an input."""
    if not shared(graph):
        return "no two linear layers share an input"
    return None if graph.opset >= OLDEST_OPSET else f"it needs opset {OLDEST_OPSET}, the graph is of {graph.opset}"


def run(graph: Graph, _options: NoOptions) -> Graph:
    """The graph with one MatMul, Add and Split for each group; sums are taken in the same order, so exact in float."""
    graph = graph.copy()
    groups = shared(graph)
    for layers in groups:
        _merge(graph, layers)
    graph.sweep()
    graph.note(f"{sum(map(len, groups))} linear layers became {len(groups)}")
    return graph


def shared(graph: Graph) -> list[list[Linear]]:
    """The linear layers that share an input with others, by that input and their operator."""
    groups: dict[tuple[str, str], list[Linear]] = {}
    for layer in linears(graph):
        groups.setdefault((layer.x, layer.node.op_type), []).append(layer)
    return [layers for layers in groups.values() if len(layers) > 1]


def _merge(graph: Graph, layers: list[Linear]) -> None:
    """Put the merged layer where the first of them was: what they take is there by then."""
    adds = [bias_add(graph, layer) for layer in layers]
    ends = [layer.output if add is None else add[0].output[0] for layer, add in zip(layers, adds, strict=True)]
    biases = [_bias(layer, add) for layer, add in zip(layers, adds, strict=True)]
    stem = f"{layers[0].name}_merged"
    weight = graph.add_initializer(f"{stem}_weight", np.concatenate([layer.weight for layer in layers], axis=1))
    widths = graph.add_initializer(f"{stem}_widths", np.array([layer.weight.shape[1] for layer in layers], np.int64))
    product = f"{stem}_product"
    nodes = [helper.make_node("MatMul", [layers[0].x, weight], [product], name=stem)]
    if any(bias.any() for bias in biases):
        bias = graph.add_initializer(f"{stem}_bias", np.concatenate(biases))
        nodes.append(helper.make_node("Add", [product, bias], [f"{stem}_sum"], name=f"{stem}_add"))
        product = f"{stem}_sum"
    nodes.append(helper.make_node("Split", [product, widths], ends, name=f"{stem}_split", axis=-1))
    at = min(graph.index(layer.node) for layer in layers)
    graph.remove([layer.node for layer in layers] + [add[0] for add in adds if add is not None])
    graph.insert(at, nodes)


def _bias(layer: Linear, add: tuple[onnx.NodeProto, NDArray[np.float32]] | None) -> NDArray[np.float32]:
    own = np.zeros(layer.weight.shape[1], np.float32) if layer.bias is None else layer.bias
    return own if add is None else (own + add[1]).astype(np.float32)
