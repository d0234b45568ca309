"""Whole computations in 8 bits, with scales of activations fixed from sample requests.

Written as QuantizeLinear and DequantizeLinear around float operators, unsigned activations and signed weights: what
ONNX Runtime fuses into its fast kernels on x86 and arm64 alike.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import onnx
from onnxruntime.quantization import CalibrationMethod, QuantType
from onnxruntime.quantization.calibrate import TensorsData
from onnxruntime.quantization.qdq_quantizer import QDQQuantizer

from toolchain.compression.calibration import Calibration, Method, Range
from toolchain.compression.errors import NotApplicable
from toolchain.compression.graph import MICROSOFT, Graph
from toolchain.compression.layers import convolutions, linears
from toolchain.compression.sensitivity import measure

WEIGHTED = ("Conv", "Gemm", "MatMul")
BETWEEN = ("Add", "AveragePool", "Clip", "Concat", "Flatten", "GlobalAveragePool", "MaxPool", "Relu", "Reshape",
           "Squeeze", "Transpose", "Unsqueeze")  # fmt: skip
OLDEST_OPSET = 13
"""The first with a scale for each channel."""
MARK = "onnx.infer"
SAMPLES = 32
"""Requests that tell which layers are sensitive."""


@dataclass(frozen=True)
class Options:
    """How.

    Attributes:
        method: "minmax", "entropy" or "percentile": see `Calibration.ranges`.
        percentile: for the method of that name.
        operators: those with weights: Conv, Gemm, MatMul.
        between: quantize what stands between convolutions too, so that values stay in 8 bits from one to the next.
        per_channel: a scale for each output channel of weights; else one for each tensor.
        reduced: weights of 7 bits, for x86 CPUs without VNNI.
        exclude: names of nodes to leave as they are.
        keep: how many more, those that alone do the most to the output, to leave as they are.
    """

    method: Method = "minmax"
    percentile: float = 99.99
    operators: tuple[str, ...] = WEIGHTED
    between: bool = True
    per_channel: bool = True
    reduced: bool = False
    exclude: tuple[str, ...] = ()
    keep: int = 0

    def __post_init__(self) -> None:
        if unknown := set(self.operators) - set(WEIGHTED):
            raise ValueError(f"operators are of {', '.join(WEIGHTED)}, got {', '.join(sorted(unknown))}")
        if self.keep < 0:
            raise ValueError(f"keep is 0 or more, got {self.keep}")
        if not 50 < self.percentile <= 100:
            raise ValueError(f"percentile is above 50 and at most 100, got {self.percentile}")


def applies(graph: Graph) -> str | None:
    """Whether there is anything to quantize."""
    if any(node.op_type in ("QuantizeLinear", "DequantizeLinear") for node in graph.nodes):
        return "it is quantized already"
    if not (linears(graph) or convolutions(graph)):
        return "no Conv, Gemm or MatMul with constant float weights"
    return None if graph.opset >= OLDEST_OPSET else f"it needs opset {OLDEST_OPSET}, the graph is of {graph.opset}"


def run(graph: Graph, options: Options, calibration: Calibration) -> Graph:
    """The graph with QuantizeLinear and DequantizeLinear around what is chosen.

    Raises:
        NotApplicable: nothing is chosen, or ONNX Runtime's quantizer does not know what to do with the graph.
    """
    graph = graph.copy()
    if options.keep:
        options = replace(options, exclude=(*options.exclude, *_sensitive(graph, options, calibration)))
    chosen = _chosen(graph, options)
    names = [name for node in chosen for name in (*node.input, *node.output) if name and name not in graph.initializers]
    made = _quantized(graph, options, chosen, calibration.ranges(graph, names, options.method, options.percentile))
    weighted = sum(node.op_type in WEIGHTED for node in chosen)
    made.note(f"{weighted} operators with weights, {len(chosen) - weighted} between them; ranges by {options.method}")
    if options.exclude:
        made.note(f"as they were: {', '.join(options.exclude)}")
    return made


def _quantized(graph: Graph, options: Options, chosen: Sequence[onnx.NodeProto], ranges: Mapping[str, Range]) -> Graph:
    """What ONNX Runtime's quantizer makes of the graph."""
    limits = {
        name: (np.array(found.low, np.float32), np.array(found.high, np.float32)) for name, found in ranges.items()
    }
    quantizer = QDQQuantizer(
        _with_types(graph.model),
        options.per_channel,
        options.reduced,
        QuantType.QInt8,
        QuantType.QUInt8,
        TensorsData(CalibrationMethod.MinMax, limits),
        [node.name for node in chosen],
        [],
        sorted({node.op_type for node in chosen}),
        # Kept activations can be compared with the original's; ONNX Runtime drops them when it loads the graph.
        {"QDQKeepRemovableActivations": True},
    )
    try:
        quantizer.quantize_model()
    except (ValueError, KeyError, RuntimeError, AttributeError, NotImplementedError) as fault:
        raise NotApplicable(f"ONNX Runtime's quantizer refuses the graph: {fault}") from None
    quantizer.model.topological_sort()
    return _tidied(graph.followed_by(quantizer.model.model))


def _tidied(made: Graph) -> Graph:
    """Without what the quantizer leaves behind."""
    del made.model.graph.value_info[:]  # found for the quantizer alone; in a small model they would weigh
    made.sweep()
    onnx.helper.set_model_props(
        made.model, {entry.key: entry.value for entry in made.model.metadata_props if entry.key != MARK}
    )
    if MICROSOFT not in made.domains():
        for entry in [entry for entry in made.model.opset_import if entry.domain == MICROSOFT]:
            made.model.opset_import.remove(entry)
    return made


def _sensitive(graph: Graph, options: Options, calibration: Calibration) -> list[str]:
    """The nodes to keep."""
    weighted = [node for node in _chosen(graph, options) if node.op_type in WEIGHTED]
    if options.keep >= len(weighted):
        raise NotApplicable(f"it has {len(weighted)} operators with weights, no more than the {options.keep} to keep")
    names = [node.name for node in weighted]
    effects = calibration.once(
        (graph.bytes(), "effects", *names), lambda: measure(graph, calibration.first(SAMPLES), layers=names)
    )
    return [effect.layer for effect in effects[: options.keep]]


def _chosen(graph: Graph, options: Options) -> list[onnx.NodeProto]:
    """The nodes to quantize: with weights, and those that pass on what these give or take."""
    weighted = {layer.name for layer in linears(graph)} | {node.name for node in convolutions(graph)}
    if unknown := set(options.exclude) - {node.name for node in graph.nodes}:
        raise NotApplicable(f"no node is called {min(unknown)!r}")
    chosen = {
        node.name
        for node in graph.nodes
        if node.name in weighted and node.op_type in options.operators and node.name not in options.exclude
    }
    if not chosen:
        raise NotApplicable(f"no {', '.join(options.operators)} with constant float weights is left to quantize")
    given = {name for node in graph.nodes if node.name in chosen for name in node.output}
    if options.between and convolutions(graph):
        for node in graph.nodes:
            if node.op_type in BETWEEN and node.name not in options.exclude and given.intersection(node.input):
                chosen.add(node.name)
                given.update(node.output)
    return [node for node in graph.nodes if node.name in chosen]


def _with_types(model: onnx.ModelProto) -> onnx.ModelProto:
    """With the types of tensors, and the mark that they were found, without which the quantizer asks for a file."""
    typed = onnx.shape_inference.infer_shapes(model)
    onnx.helper.set_model_props(
        typed, {entry.key: entry.value for entry in typed.metadata_props} | {MARK: "onnxruntime.quant"}
    )
    return typed
