"""Smoothed layers in 8 bits, but for the few that bear it worst, whose weights alone are quantized, by blocks."""

from dataclasses import dataclass
from typing import Literal

from toolchain.compression.calibration import Calibration
from toolchain.compression.errors import NotApplicable
from toolchain.compression.graph import Graph
from toolchain.compression.layers import Linear, linears
from toolchain.compression.passes import weight_only
from toolchain.compression.passes.dynamic_int8 import in_int8
from toolchain.compression.passes.smoothing import factors, smooth
from toolchain.compression.sensitivity import measure


@dataclass(frozen=True)
class Options:
    """How.

    Attributes:
        keep: how many layers, the most sensitive first, keep activations in float.
        bits: of these layers' weights.
        block: how many of their weights share a scale.
        reduced: weights of 7 bits in the others, for x86 CPUs without VNNI.
        samples: requests for smoothing; a third of them measures sensitivity.
    """

    keep: int = 0
    bits: Literal[8, 4] = 8
    block: Literal[16, 32, 64, 128] = 64
    reduced: bool = False
    samples: int = 64

    def __post_init__(self) -> None:
        if self.keep < 0 or self.samples < 1:
            raise ValueError("keep is 0 or more, samples 1 or more")


def applies(graph: Graph) -> str | None:
    """Whether there are linear layers."""
    return None if linears(graph) else "no MatMul or Gemm with constant float weights"


def run(graph: Graph, options: Options, calibration: Calibration) -> Graph:
    """The graph with each linear layer in one of the two forms."""
    graph = graph.copy()
    layers = linears(graph)
    if options.keep > len(layers):
        raise NotApplicable(f"it has {len(layers)} linear layers, fewer than the {options.keep} to keep")
    content = graph.bytes()
    found = calibration.once(
        (content, "factors", options.samples), lambda: factors(graph, calibration.first(options.samples))
    )

    def quantize(changed: Graph, name: str) -> None:
        layer = _named(changed, name)
        in_int8(changed, smooth(changed, layer, found[name]) if name in found else layer, reduced=options.reduced)

    kept: list[str] = []
    if options.keep:
        few = calibration.first(max(1, options.samples // 3))
        effects = calibration.once(
            (content, "effects", options.samples, options.reduced),
            lambda: measure(graph, few, quantize, [layer.name for layer in layers]),
        )
        kept = [effect.layer for effect in effects[: options.keep]]
    for layer in layers:
        if layer.name in kept:
            form = weight_only.Options(bits=options.bits, block=options.block)
            weight_only.by_blocks(graph, _named(graph, layer.name), form)
        else:
            quantize(graph, layer.name)
    graph.sweep()
    graph.note(f"{len(layers) - len(kept)} linear layers multiply in 8 bits, {len(found)} of all would be smoothed")
    if kept:
        graph.note(f"weights of {options.bits} bits by blocks: {', '.join(kept)}")
    return graph


def _named(graph: Graph, name: str) -> Linear:
    return next(layer for layer in linears(graph) if layer.name == name)
