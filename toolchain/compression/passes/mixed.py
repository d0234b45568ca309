"""Smoothed layers in 8 bits, but for the few that gain most from weights that are quantized by blocks instead."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import isnan
from typing import Any, Literal

from toolchain.compression.calibration import Calibration
from toolchain.compression.errors import NotApplicable
from toolchain.compression.graph import Graph
from toolchain.compression.layers import Linear, linear, linears
from toolchain.compression.passes import weight_only
from toolchain.compression.passes.dynamic_int8 import in_int8
from toolchain.compression.passes.smoothing import factors, smooth
from toolchain.compression.sensitivity import measure

Form = Callable[[Graph, str], None]
BROKEN = 1e6
"""Stands for an error that is not a number."""
WHOLE, BLOCKS, SMOOTH_BLOCKS = "8 bits", "blocks", "smoothed blocks"


@dataclass(frozen=True)
class Options:
    """How.

    Attributes:
        keep: how many layers, those that gain most, have weights by blocks; activations are rounded by blocks as well.
        bits: of these layers' weights.
        block: how many of their weights share a scale.
        reduced: weights of 7 bits in the others, for x86 CPUs without VNNI.
        samples: requests for smoothing; a third of them measures what layers gain.
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
    """The graph with each linear layer in one of the forms."""
    graph = graph.copy()
    names = [layer.name for layer in linears(graph)]
    if options.keep > len(names):
        raise NotApplicable(f"it has {len(names)} linear layers, fewer than the {options.keep} to keep")
    content = graph.bytes()
    found = calibration.once(
        (content, "factors", options.samples), lambda: factors(graph, calibration.first(options.samples))
    )
    forms = _forms(options, found)
    chosen = dict.fromkeys(names, WHOLE)
    if options.keep:
        chosen |= _kept(graph, content, options, calibration, forms)
    for name in names:
        forms[chosen[name]](graph, name)
    graph.sweep()
    kept = [name for name in names if chosen[name] != WHOLE]
    graph.note(f"{len(names) - len(kept)} linear layers multiply in 8 bits, {len(found)} of all would be smoothed")
    if kept:
        graph.note(f"weights of {options.bits} bits by blocks: {', '.join(kept)}")
    return graph


def _forms(options: Options, found: Mapping[str, Any]) -> dict[str, Form]:
    """What a layer can become, by the name of the form."""
    blocks = weight_only.Options(bits=options.bits, block=options.block)

    def smoothed(graph: Graph, name: str) -> Linear:
        layer = linear(graph, name)
        return smooth(graph, layer, found[name]) if name in found else layer

    def in_smooth_blocks(graph: Graph, name: str) -> None:
        weight_only.by_blocks(graph, smoothed(graph, name), blocks)

    return {
        WHOLE: lambda graph, name: in_int8(graph, smoothed(graph, name), reduced=options.reduced),
        BLOCKS: lambda graph, name: weight_only.by_blocks(graph, linear(graph, name), blocks),
        SMOOTH_BLOCKS: in_smooth_blocks,
    }


def _kept(
    graph: Graph, content: bytes, options: Options, calibration: Calibration, forms: Mapping[str, Form]
) -> dict[str, str]:
    """The layers that gain most, with the form in which they do: each measured alone in each form."""
    few = calibration.first(max(1, options.samples // 3))
    names = [layer.name for layer in linears(graph)]

    def errors(form: str) -> dict[str, float]:
        settings = (options.reduced,) if form == WHOLE else (options.bits, options.block)
        effects = calibration.once(
            (content, form, options.samples, *settings), lambda: measure(graph, few, forms[form], names)
        )
        return {effect.layer: BROKEN if isnan(effect.error) else effect.error for effect in effects}

    whole, plain, smoothed = (errors(form) for form in (WHOLE, BLOCKS, SMOOTH_BLOCKS))
    gains = {name: whole[name] ** 2 - min(plain[name], smoothed[name]) ** 2 for name in names}
    best = sorted(names, key=lambda name: -gains[name])[: options.keep]
    return {name: BLOCKS if plain[name] <= smoothed[name] else SMOOTH_BLOCKS for name in best}
