"""Weights of linear layers in 4 bits by blocks, but for the few that bear it worst, which get 8 bits."""

from dataclasses import dataclass
from typing import Literal

from toolchain.compression.calibration import Calibration
from toolchain.compression.errors import NotApplicable
from toolchain.compression.graph import Graph
from toolchain.compression.layers import linear, linears
from toolchain.compression.passes import weight_only
from toolchain.compression.sensitivity import measure


@dataclass(frozen=True)
class Options:
    """How.

    Attributes:
        keep: how many layers, the most sensitive first, get 8 bits.
        block: how many weights of a column share a scale.
        samples: requests that sensitivity is measured on.
    """

    keep: int = 0
    block: Literal[16, 32, 64, 128] = 32
    samples: int = 24

    def __post_init__(self) -> None:
        if self.keep < 0 or self.samples < 1:
            raise ValueError("keep is 0 or more, samples 1 or more")


def applies(graph: Graph) -> str | None:
    """Whether there are linear layers."""
    return None if linears(graph) else "no MatMul or Gemm with constant float weights"


def run(graph: Graph, options: Options, calibration: Calibration) -> Graph:
    """The graph with com.microsoft.MatMulNBits in the place of linear layers."""
    graph = graph.copy()
    names = [layer.name for layer in linears(graph)]
    if options.keep > len(names):
        raise NotApplicable(f"it has {len(names)} linear layers, fewer than the {options.keep} to keep")

    def quantize(changed: Graph, name: str, bits: Literal[8, 4] = 4) -> None:
        weight_only.by_blocks(changed, linear(changed, name), weight_only.Options(bits=bits, block=options.block))

    kept: list[str] = []
    if options.keep:
        effects = calibration.once(
            (graph.bytes(), "4 bits", options.block, options.samples),
            lambda: measure(graph, calibration.first(options.samples), quantize, names),
        )
        kept = [effect.layer for effect in effects[: options.keep]]
    for name in names:
        quantize(graph, name, 8 if name in kept else 4)
    graph.sweep()
    graph.note(f"{len(names) - len(kept)} linear layers have weights of 4 bits in blocks of {options.block}")
    if kept:
        graph.note(f"weights of 8 bits: {', '.join(kept)}")
    return graph
