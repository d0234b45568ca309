"""Weights of linear layers in 8 or 4 bits with a scale for each block of rows; activations stay float."""

from dataclasses import dataclass
from typing import Literal

from onnx import helper

from toolchain.compression.errors import NotApplicable
from toolchain.compression.graph import MICROSOFT, Graph
from toolchain.compression.layers import Linear, linears
from toolchain.compression.passes.selection import chosen
from toolchain.compression.quantization import blockwise, packed


@dataclass(frozen=True)
class Options:
    """How.

    Attributes:
        bits: of a weight.
        block: how many weights of a column share a scale.
        accuracy_level: 0 multiplies in float; 4 rounds activations to int8 by blocks, which is faster.
        exclude: names of nodes to leave as they are.
    """

    bits: Literal[8, 4] = 8
    block: Literal[16, 32, 64, 128, 256] = 32
    accuracy_level: Literal[0, 4] = 4
    exclude: tuple[str, ...] = ()


def applies(graph: Graph) -> str | None:
    """Whether there are linear layers."""
    return None if linears(graph) else "no MatMul or Gemm with constant float weights"


def run(graph: Graph, options: Options) -> Graph:
    """The graph with com.microsoft.MatMulNBits in the place of linear layers."""
    graph = graph.copy()
    layers = chosen(linears(graph), options.exclude)
    if not layers:
        raise NotApplicable("every linear layer is excluded")
    for layer in layers:
        by_blocks(graph, layer, options)
    graph.sweep()
    graph.note(f"{len(layers)} linear layers have weights of {options.bits} bits in blocks of {options.block}")
    return graph


def by_blocks(graph: Graph, layer: Linear, options: Options) -> None:
    """Put MatMulNBits in the place of one layer; what the layer adds itself becomes an Add."""
    depth, width = layer.weight.shape
    numbers, scales = blockwise(layer.weight.T, options.bits, options.block)
    numbers = packed(numbers) if options.bits == 4 else numbers
    weight = graph.add_initializer(f"{layer.name}_weight_{options.bits}bit", numbers)
    scale = graph.add_initializer(f"{layer.name}_scale", scales)
    product = layer.output if layer.bias is None else graph.fresh(f"{layer.name}_product")
    node = helper.make_node(
        "MatMulNBits",
        [layer.x, weight, scale],
        [product],
        name=layer.name,
        domain=MICROSOFT,
        K=depth,
        N=width,
        bits=options.bits,
        block_size=options.block,
        accuracy_level=options.accuracy_level,
    )
    nodes = [node]
    if layer.bias is not None:
        bias = graph.add_initializer(f"{layer.name}_bias", layer.bias)
        nodes.append(helper.make_node("Add", [product, bias], [layer.output], name=f"{layer.name}_add"))
    graph.replace(layer.node, nodes)
