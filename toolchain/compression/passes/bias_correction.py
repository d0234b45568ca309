"""The mean error that quantization gave each channel is taken out again, where a bias can bear it.

Layer by layer in the order of the nodes, with the layers before already corrected (the empirical form of Nagel et al.,
Data-Free Quantization Through Weight Equalization and Bias Correction, 2019). A correction that brings the graph's
output no nearer to the first graph's is not kept: errors of layers may have made up for each other.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper

from toolchain.compression.calibration import Calibration
from toolchain.compression.errors import NotApplicable
from toolchain.compression.graph import Graph
from toolchain.compression.layers import attribute
from toolchain.compression.sensitivity import compare

WHOLE = ("DynamicQuantizeMatMul", "MatMulNBits")
RENAMED = "_QuantizeLinear_Input"
"""What ONNX Runtime's quantizer puts behind the name of a tensor that the graph gives."""


@dataclass(frozen=True)
class Options:
    """How many requests to look at."""

    samples: int = 32

    def __post_init__(self) -> None:
        if self.samples < 1:
            raise ValueError(f"samples is 1 or more, got {self.samples}")


class Site(NamedTuple):
    """A layer that can be corrected.

    Attributes:
        node: its node, or the Add behind it, by name.
        tensors: what to compare, in this graph; more than one where merged layers are split again.
        originals: the same in the graph that the recipe began with.
        axis: the channels'.
        bias: the constant to change, or "" where an Add is to be put behind.
        scale: of a whole-number bias, by its constant's name; "" for a float bias.
    """

    node: str
    tensors: tuple[str, ...]
    originals: tuple[str, ...]
    axis: int
    bias: str
    scale: str = ""


def applies(graph: Graph) -> str | None:
    """Whether a layer is quantized whose output the first graph has too."""
    return None if _sites(graph) else "no quantized layer that a bias could correct"


def run(graph: Graph, options: Options, calibration: Calibration) -> Graph:
    """The graph with corrected biases.

    Raises:
        NotApplicable: none of them brings the output on the sample requests nearer to the first graph's.
    """
    requests = calibration.first(options.samples)
    origin = Graph(graph.origin)
    sites = _sites(graph)
    right = _means(origin, requests, sites, [site.originals for site in sites])
    outputs = requests.outputs(origin)
    before = error = compare(requests.outputs(graph), outputs)[1]
    corrected, taken = graph, 0
    for site, mean in zip(sites, right, strict=True):
        found = _means(corrected, requests, [site], [site.tensors])[0]
        if found.shape != mean.shape:
            continue  # some of its units were taken out
        trial = corrected.copy()
        _correct(trial, site, (mean - found).astype(np.float32))
        if (after := compare(requests.outputs(trial), outputs)[1]) < error:
            corrected, error, taken = trial, after, taken + 1
    if not taken:
        raise NotApplicable(f"no correction brings the output nearer; its relative error stays {before:.3g}")
    corrected.sweep()
    corrected.note(f"{taken} of {len(sites)} biases corrected; relative error {before:.3g} became {error:.3g}")
    return corrected


def _sites(graph: Graph) -> list[Site]:
    known = set(Graph(graph.origin).producers)
    producers, consumers, constants = graph.producers, graph.consumers, graph.constants
    sites = []
    for node in graph.nodes:
        site = None
        if node.op_type in WHOLE:
            site = _float_site(node, consumers, constants)
        elif node.op_type in ("Conv", "Gemm") and len(node.input) > 2:
            site = _whole_site(node, producers, constants)
        if site is not None and known.issuperset(site.originals):
            sites.append(site)
    return sites


def _float_site(
    node: onnx.NodeProto, consumers: dict[str, list[onnx.NodeProto]], constants: dict[str, onnx.TensorProto]
) -> Site:
    bias = node.input[4] if node.op_type == "DynamicQuantizeMatMul" and len(node.input) > 4 else ""
    end = node
    follower = _only(consumers, node.output[0])
    if not bias and follower is not None and follower.op_type == "Add":
        vectors = [name for name in follower.input if name in constants and len(constants[name].dims) == 1]
        if vectors:
            bias, end, follower = vectors[0], follower, _only(consumers, follower.output[0])
    tensors = tuple(end.output)
    if follower is not None and follower.op_type == "Split" and attribute(follower, "axis", 0) == -1:
        tensors = tuple(follower.output)
    return Site(end.name, tensors, tensors, -1, bias)


def _whole_site(
    node: onnx.NodeProto, producers: dict[str, onnx.NodeProto], constants: dict[str, onnx.TensorProto]
) -> Site | None:
    maker = producers.get(node.input[2])
    if maker is None or maker.op_type != "DequantizeLinear":
        return None
    if maker.input[0] not in constants or maker.input[1] not in constants:
        return None
    name = node.output[0]
    return Site(node.name, (name,), (name.removesuffix(RENAMED),), 1, maker.input[0], maker.input[1])


def _only(consumers: dict[str, list[onnx.NodeProto]], name: str) -> onnx.NodeProto | None:
    found = consumers.get(name, [])
    return found[0] if len(found) == 1 else None


def _means(
    graph: Graph, requests: Calibration, sites: list[Site], names: list[tuple[str, ...]]
) -> list[NDArray[np.float64]]:
    """The mean of each channel of each site's tensors, over requests, rows and positions."""
    sums: list[NDArray[np.float64] | float] = [0.0] * len(sites)
    counts = [0] * len(sites)
    for values in requests.activations(graph, [name for group in names for name in group]):
        for index, (site, group) in enumerate(zip(sites, names, strict=True)):
            value = np.concatenate([np.moveaxis(values[name], site.axis, -1) for name in group], axis=-1)
            rows = value.reshape(-1, value.shape[-1]).astype(np.float64)
            sums[index] += rows.sum(axis=0)
            counts[index] += len(rows)
    return [np.asarray(total) / max(count, 1) for total, count in zip(sums, counts, strict=True)]


def _correct(graph: Graph, site: Site, difference: NDArray[np.float32]) -> None:
    node = graph.node(site.node)
    if not site.bias:
        bias = graph.add_initializer(f"{node.name}_correction", difference)
        inner, outer = f"{node.output[0]}_uncorrected", node.output[0]
        node.output[0] = inner
        graph.insert(
            graph.index(node) + 1, [helper.make_node("Add", [inner, bias], [outer], name=f"{node.name}_correct")]
        )
        return
    if site.scale:
        scale = graph.array(site.scale)
        old = graph.array(site.bias)
        graph.set_initializer(site.bias, (old + np.rint(difference / scale)).astype(old.dtype))
        return
    index = list(node.input).index(site.bias)
    node.input[index] = graph.add_initializer(f"{node.name}_corrected", graph.array(site.bias) + difference)
