"""Products in 8 bits: weights per channel, scales of activations from each request's own values."""

from dataclasses import dataclass

import numpy as np
from onnx import TensorProto, helper

from toolchain.compression.errors import NotApplicable
from toolchain.compression.graph import MICROSOFT, Graph
from toolchain.compression.layers import Linear, convolutions, linears
from toolchain.compression.passes.selection import chosen
from toolchain.compression.quantization import per_channel

LINEAR = ("MatMul", "Gemm")
OLDEST_OPSET = 11
"""The first with DynamicQuantizeLinear."""
LIMITS = {False: 127, True: 63}


@dataclass(frozen=True)
class Options:
    """How.

    Attributes:
        operators: of MatMul, Gemm and Conv; a Conv in this form is slower than in float on most CPUs.
        reduced: weights of 7 bits: x86 CPUs without VNNI add pairs of products in 16 bits, which 8 would overflow.
        per_channel: a scale for each column; else one for the matrix.
        exclude: names of nodes to leave as they are.
    """

    operators: tuple[str, ...] = LINEAR
    reduced: bool = False
    per_channel: bool = True
    exclude: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        known = (*LINEAR, "Conv")
        if unknown := set(self.operators) - set(known):
            raise ValueError(f"operators are of {', '.join(known)}, got {', '.join(sorted(unknown))}")


def applies(graph: Graph) -> str | None:
    """Whether there is anything to quantize."""
    if not (linears(graph) or convolutions(graph)):
        return "no MatMul, Gemm or Conv with constant float weights"
    return None if graph.opset >= OLDEST_OPSET else f"it needs opset {OLDEST_OPSET}, the graph is of {graph.opset}"


def run(graph: Graph, options: Options) -> Graph:
    """The graph with com.microsoft.DynamicQuantizeMatMul, and ConvInteger where asked for."""
    graph = graph.copy()
    layers = [layer for layer in linears(graph) if layer.node.op_type in options.operators]
    convs = {node.name: node for node in convolutions(graph) if "Conv" in options.operators}
    inner = chosen(layers, [name for name in options.exclude if name not in convs])
    outer = [node for name, node in convs.items() if name not in options.exclude]
    if not inner and not outer:
        raise NotApplicable(f"no {', '.join(options.operators)} with constant float weights is left to quantize")
    for layer in inner:
        in_int8(graph, layer, reduced=options.reduced, channels=options.per_channel)
    for node in outer:
        _convolve(graph, node.name, options)
    graph.sweep()
    graph.note(f"{len(inner)} linear layers and {len(outer)} convolutions multiply in 8 bits")
    return graph


def in_int8(graph: Graph, layer: Linear, *, reduced: bool = False, channels: bool = True) -> None:
    """Put DynamicQuantizeMatMul in the place of one layer, with its bias."""
    numbers, scales = _quantized(layer.weight, reduced=reduced, channels=channels)
    weight = graph.add_initializer(f"{layer.name}_weight_int8", numbers)
    scale = graph.add_initializer(f"{layer.name}_scale", scales)
    zero = graph.add_initializer(f"{layer.name}_zero", np.zeros_like(scales, np.int8))
    inputs = [layer.x, weight, scale, zero]
    if layer.bias is not None:
        inputs.append(graph.add_initializer(f"{layer.name}_bias", layer.bias))
    node = helper.make_node("DynamicQuantizeMatMul", inputs, [layer.output], name=layer.name, domain=MICROSOFT)
    graph.replace(layer.node, [node])


def _quantized(
    weight: np.ndarray[tuple[int, ...], np.dtype[np.float32]], *, reduced: bool, channels: bool
) -> tuple[np.ndarray[tuple[int, ...], np.dtype[np.int8]], np.ndarray[tuple[int, ...], np.dtype[np.float32]]]:
    if channels:
        return per_channel(weight, LIMITS[reduced])
    numbers, scale = per_channel(weight.reshape(-1, 1), LIMITS[reduced])
    return numbers.reshape(weight.shape), scale


def _convolve(graph: Graph, name: str, options: Options) -> None:
    """Put DynamicQuantizeLinear, ConvInteger and the product of scales in the place of a Conv.

    The kernel takes one zero point for all channels, which symmetric weights have, and ConvInteger wants none for 0.
    """
    node = graph.node(name)
    biased = len(node.input) > 2 and bool(node.input[2])
    weight = graph.array(node.input[1])
    channels = weight.reshape(weight.shape[0], -1).T
    numbers, scales = _quantized(channels, reduced=options.reduced, channels=options.per_channel)
    shape = (-1, *(1 for _ in weight.shape[2:]))
    kernel = graph.add_initializer(f"{name}_weight_int8", numbers.T.reshape(weight.shape))
    scale = graph.add_initializer(f"{name}_scale", scales.reshape(shape))
    last = f"{name}_product" if biased else node.output[0]
    nodes = [
        helper.make_node("DynamicQuantizeLinear", [node.input[0]], [f"{name}_{part}" for part in ("x", "s", "z")],
                         name=f"{name}_quantize"),
        helper.make_node("ConvInteger", [f"{name}_x", kernel, f"{name}_z"], [f"{name}_whole"], name=name),
        helper.make_node("Cast", [f"{name}_whole"], [f"{name}_float"], name=f"{name}_cast", to=TensorProto.FLOAT),
        helper.make_node("Mul", [f"{name}_s", scale], [f"{name}_scales"], name=f"{name}_scale_product"),
        helper.make_node("Mul", [f"{name}_float", f"{name}_scales"], [last], name=f"{name}_scaled"),
    ]  # fmt: skip
    nodes[1].attribute.extend(node.attribute)
    if biased:
        bias = helper.make_node("Reshape", [node.input[2], graph.add_initializer(f"{name}_shape", np.array(shape))],
                                [f"{name}_bias"], name=f"{name}_bias_shape")  # fmt: skip
        nodes += [bias, helper.make_node("Add", [last, f"{name}_bias"], [node.output[0]], name=f"{name}_add")]
    graph.replace(node, nodes)
