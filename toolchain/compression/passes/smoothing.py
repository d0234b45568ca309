"""Outliers of activations are moved into the weights, where a scale for each channel bears them.

x @ W = (x / s) @ (s W) for any s > 0, one value for each column of x. Here s = max|x|^a / max|W|^(1-a) (Xiao et al.,
SmoothQuant: Accurate and Efficient Post-Training Quantization for Large Language Models, 2023), with the exponent a
that gives the layer's output the least error in 8 bits on sample requests, or none where no exponent helps.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from onnx import helper

from toolchain.compression.calibration import Calibration
from toolchain.compression.graph import Graph
from toolchain.compression.layers import Linear, linears
from toolchain.compression.quantization import as_activation, per_channel

EXPONENTS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
ROWS = 4096
"""Rows of activations that exponents are tried on, for each layer."""


@dataclass(frozen=True)
class Options:
    """How many requests to look at."""

    samples: int = 64

    def __post_init__(self) -> None:
        if self.samples < 1:
            raise ValueError(f"samples is 1 or more, got {self.samples}")


def applies(graph: Graph) -> str | None:
    """Whether there are linear layers."""
    return None if linears(graph) else "no MatMul or Gemm with constant float weights"


def run(graph: Graph, options: Options, calibration: Calibration) -> Graph:
    """The graph with a Mul in front of each layer that gains; its answers stay, but for rounding in float."""
    graph = graph.copy()
    found = factors(graph, calibration.first(options.samples))
    for layer in linears(graph):
        if layer.name in found:
            smooth(graph, layer, found[layer.name])
    graph.sweep()
    graph.note(f"{len(found)} linear layers are smoothed")
    return graph


def smooth(graph: Graph, layer: Linear, factor: NDArray[np.float32]) -> Linear:
    """Put x / factor in front of a layer and factor * W into it; the layer as it is then."""
    inverse = graph.add_initializer(f"{layer.name}_inverse", (1 / factor).astype(np.float32))
    smoothed = graph.fresh(f"{layer.name}_smoothed")
    raised = layer.weight * factor[:, None]
    weight = graph.add_initializer(f"{layer.name}_smooth_weight", raised)
    node = helper.make_node("MatMul", [smoothed, weight], [layer.output], name=layer.name)
    nodes = [helper.make_node("Mul", [layer.x, inverse], [smoothed], name=f"{layer.name}_smooth"), node]
    if layer.bias is not None:
        node.output[0] = graph.fresh(f"{layer.name}_product")
        bias = graph.add_initializer(f"{layer.name}_bias", layer.bias)
        nodes.append(helper.make_node("Add", [node.output[0], bias], [layer.output], name=f"{layer.name}_add"))
    graph.replace(layer.node, nodes)
    return Linear(graph.node(layer.name), smoothed, raised, None, node.output[0])


def factors(graph: Graph, calibration: Calibration) -> Mapping[str, NDArray[np.float32]]:
    """For each linear layer that gains from it, by name: what to divide the columns of its input by, (in,)."""
    layers = linears(graph)
    seen = _activations(graph, layers, calibration)
    found = {}
    for layer in layers:
        factor = _best(seen[layer.x], layer.weight)
        if factor is not None:
            found[layer.name] = factor
    return found


@dataclass(frozen=True)
class _Seen:
    """What a layer takes: the largest magnitude in each column, and some requests' rows."""

    magnitude: NDArray[np.float32]
    requests: tuple[NDArray[np.float32], ...]

    def joined(self, rows: NDArray[np.float32]) -> "_Seen":
        """The same with one request more."""
        magnitude = np.maximum(self.magnitude, np.abs(rows).max(axis=0, initial=0))
        kept = sum(len(request) for request in self.requests)
        if kept >= ROWS or not len(rows):
            return replace(self, magnitude=magnitude)
        return _Seen(magnitude, (*self.requests, rows[: ROWS - kept]))


def _activations(graph: Graph, layers: list[Linear], calibration: Calibration) -> dict[str, _Seen]:
    depths = {layer.x: layer.weight.shape[0] for layer in layers}
    seen = {name: _Seen(np.zeros(depth, np.float32), ()) for name, depth in depths.items()}
    for values in calibration.activations(graph, list(depths)):
        for name, value in values.items():
            seen[name] = seen[name].joined(value.reshape(-1, depths[name]).astype(np.float32))
    return seen


def _best(seen: _Seen, weight: NDArray[np.float32]) -> NDArray[np.float32] | None:
    """The factor with the least error of the output; None for no factor."""
    magnitude, rows = seen.magnitude + np.float32(1e-6), np.abs(weight).max(axis=1) + np.float32(1e-6)
    right = [request @ weight for request in seen.requests]
    found, least = None, _error(seen, weight, right, None)
    for exponent in EXPONENTS:
        factor = magnitude**exponent / rows ** (1 - exponent)
        factor = (factor / np.sqrt(factor.min() * factor.max())).astype(np.float32)
        if (error := _error(seen, weight, right, factor)) < least:
            found, least = factor, error
    return found


def _error(
    seen: _Seen, weight: NDArray[np.float32], right: list[NDArray[np.float32]], factor: NDArray[np.float32] | None
) -> float:
    factor = np.ones(len(weight), np.float32) if factor is None else factor
    numbers, scales = per_channel(weight * factor[:, None])
    rounded = numbers * scales
    pairs = zip(seen.requests, right, strict=True)
    return float(sum(((as_activation(x / factor) @ rounded - y) ** 2).sum() for x, y in pairs))
