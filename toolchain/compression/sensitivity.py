"""What each layer's quantization alone does to a graph's output, measured, one layer at a time."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from onnx import helper

from toolchain.compression.calibration import Calibration
from toolchain.compression.errors import NotApplicable
from toolchain.compression.graph import Graph
from toolchain.compression.layers import convolutions, embeddings, linear, linears
from toolchain.compression.passes.dynamic_int8 import in_int8
from toolchain.compression.quantization import per_channel, per_row

Progress = Callable[[int, int], None]
Quantize = Callable[[Graph, str], None]


class Effect(NamedTuple):
    """What one layer's quantization does.

    Attributes:
        layer: the node's name.
        operator: MatMul, Gemm, Conv or Gather.
        shape: of the layer's weights, as in the file.
        cosine: mean over rows between the output with and without; 1 is no effect. NaN as of `compare`.
        error: norm of the difference of outputs, over the norm of the output.
    """

    layer: str
    operator: str
    shape: tuple[int, ...]
    cosine: float
    error: float


def measure(
    graph: Graph,
    calibration: Calibration,
    quantize: Quantize | None = None,
    layers: Sequence[str] | None = None,
    progress: Progress | None = None,
) -> list[Effect]:
    """Each layer's own effect on the output, the largest first.

    Args:
        graph: in float.
        calibration: sample requests; a few dozen tell layers apart.
        quantize: changes the layer of that name in a copy of the graph; by default to 8 bits, weights per channel
            (a table's per row), activations with one scale, as dynamic quantization has it.
        layers: names of nodes; by default every linear layer, convolution and table of embeddings.
        progress: called with the number of layers measured, and of all.

    Raises:
        NotApplicable: there is no layer, no float output, or a request does not run.
    """
    found = {name: about for name, about in _quantizable(graph).items() if layers is None or name in layers}
    if not found:
        raise NotApplicable("no layer with constant float weights")
    right = calibration.outputs(graph)
    effects = []
    for done, (name, (operator, shape)) in enumerate(found.items(), 1):
        changed = graph.copy()
        (quantize or to_int8)(changed, name)
        changed.sweep()
        effects.append(Effect(name, operator, shape, *compare(calibration.outputs(changed), right)))
        if progress is not None:
            progress(done, len(found))
    return sorted(effects, key=lambda effect: (-np.nan_to_num(effect.error, nan=np.inf), effect.layer))


def compare(got: Sequence[NDArray[np.float32]], right: Sequence[NDArray[np.float32]]) -> tuple[float, float]:
    """Mean cosine of rows, and the relative error of all, between outputs of (rows, values) for each request.

    Where both are the same infinity - a score that is ruled out - there is no error; any other value that is not
    finite makes both figures NaN, and so do shapes that differ, as of answers whose number depends on their values.
    """
    cosines, wrong, whole = [], 0.0, 0.0
    for y, reference in zip(got, right, strict=True):
        if y.shape != reference.shape:
            return float("nan"), float("nan")
        same = np.isinf(reference) & (y == reference)
        a, b = (np.where(same, 0, value).astype(np.float64) for value in (y, reference))
        if not (np.isfinite(a).all() and np.isfinite(b).all()):
            return float("nan"), float("nan")
        norms = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
        cosines.append(np.where(norms == 0, (a == b).all(axis=1), (a * b).sum(axis=1) / np.where(norms == 0, 1, norms)))
        wrong += float(((a - b) ** 2).sum())
        whole += float((b**2).sum())
    error = np.sqrt(wrong / whole) if whole else float(wrong > 0)
    found = np.concatenate(cosines)
    return float(found.mean() if len(found) else 1), float(error)


def _quantizable(graph: Graph) -> dict[str, tuple[str, tuple[int, ...]]]:
    found = {layer.name: (layer.node, layer.node.input[1]) for layer in linears(graph)}
    found |= {node.name: (node, node.input[1]) for node in convolutions(graph)}
    found |= {table.node.name: (table.node, table.table) for table in embeddings(graph)}
    shapes = {name: tuple(graph.initializers[weight].dims) for name, (_, weight) in found.items()}
    order = [node.name for node in graph.nodes if node.name in found]
    return {name: (found[name][0].op_type, shapes[name]) for name in order}


def to_int8(graph: Graph, name: str) -> None:
    """Quantize one layer as dynamic quantization would; a convolution and a table keep floats that are rounded."""
    node = graph.node(name)
    if node.op_type in ("MatMul", "Gemm"):
        in_int8(graph, linear(graph, name))
        return
    if node.op_type == "Gather":
        numbers, scales = per_row(graph.array(node.input[0]))
        node.input[0] = graph.add_initializer(f"{name}_rounded", numbers * scales)
        return
    weight = graph.array(node.input[1])
    numbers, scales = per_channel(weight.reshape(weight.shape[0], -1).T)
    rounded = graph.add_initializer(f"{name}_rounded", (numbers * scales).T.reshape(weight.shape))
    parts = [f"{name}_x", f"{name}_scale", f"{name}_zero"]
    graph.insert(graph.index(node), [
        helper.make_node("DynamicQuantizeLinear", [node.input[0]], parts, name=f"{name}_quantize"),
        helper.make_node("DequantizeLinear", parts, [f"{name}_back"], name=f"{name}_dequantize"),
    ])  # fmt: skip
    node.input[0], node.input[1] = f"{name}_back", rounded
