"""Hidden units that tell least are taken out - neurons, channels - and the weights behind them are fitted anew."""

from dataclasses import dataclass

import numpy as np
import onnx

from toolchain.compression.calibration import Calibration
from toolchain.compression.errors import NotApplicable
from toolchain.compression.graph import Graph
from toolchain.compression.layers import attribute
from toolchain.compression.neurons.fitting import fit
from toolchain.compression.neurons.patches import patches
from toolchain.compression.neurons.sites import Site, Slice, sites
from toolchain.compression.neurons.surgeon import WIDEST, Cut, Moments


@dataclass(frozen=True)
class Options:
    """How.

    Attributes:
        share: of the units of each layer.
        multiple: how many are left is divisible by it, as kernels have it.
        samples: requests to look at.
    """

    share: float = 0.25
    multiple: int = 8
    samples: int = 64

    def __post_init__(self) -> None:
        if not 0 < self.share < 1:
            raise ValueError(f"share is above 0 and below 1, got {self.share}")
        if self.multiple < 1 or self.samples < 1:
            raise ValueError("multiple and samples are 1 or more")


def applies(graph: Graph) -> str | None:
    """Whether two layers have units between them that nothing else takes."""
    return None if sites(graph) else "no layer whose outputs are taken by one other layer only, each by itself"


def run(graph: Graph, options: Options, calibration: Calibration) -> Graph:
    """The graph with fewer units.

    Raises:
        NotApplicable: no layer has enough units to take some out.
    """
    graph = graph.copy()
    counts = {site: _count(site, options) for site in sites(graph) if site.units * site.block <= WIDEST}
    chosen = [site for site, count in counts.items() if count]
    if not chosen:
        raise NotApplicable(f"no layer has so many units that a share of {options.share} could go")
    moments = _moments(graph, chosen, calibration.first(options.samples))
    errors = []
    for site in chosen:
        made = fit(graph, site.after, moments[site], site.block, counts[site])
        _narrow(graph, site, made)
        errors.append(float(np.sqrt(made.error)))
    del graph.model.graph.value_info[:]  # shapes that hold no more; ONNX Runtime finds them itself
    graph.sweep()
    gone = sum(counts[site] for site in chosen)
    whole = sum(site.units for site in chosen)
    graph.note(f"{gone} of {whole} units taken out in {len(chosen)} layers; largest relative error {max(errors):.3g}")
    return graph


def _count(site: Site, options: Options) -> int:
    left = -(-int(np.ceil(site.units * (1 - options.share))) // options.multiple) * options.multiple
    return max(site.units - left, 0)


def _moments(graph: Graph, chosen: list[Site], calibration: Calibration) -> dict[Site, Moments]:
    found = {site: Moments(site.units * site.block) for site in chosen}
    nodes = {node.name: node for node in graph.nodes}
    kernels = {site.after: _kernel(graph, nodes[site.after]) for site in chosen}
    for values in calibration.activations(graph, [site.x for site in chosen]):
        for site in chosen:
            value = values[site.x]
            if nodes[site.after].op_type == "Conv":
                found[site].add(patches(value, nodes[site.after], kernels[site.after]))
            else:
                found[site].add(value.reshape(-1, site.units * site.block))
    return found


def _kernel(graph: Graph, node: onnx.NodeProto) -> tuple[int, int]:
    dims = graph.initializers[node.input[1]].dims
    return (int(dims[2]), int(dims[3])) if node.op_type == "Conv" else (1, 1)


def _narrow(graph: Graph, site: Site, made: Cut) -> None:
    """Leave the units out in the layer before, and in what stands between."""
    nodes = {node.name: node for node in graph.nodes}
    before = nodes[site.before]
    axis = 0 if before.op_type == "Conv" or attribute(before, "transB", 0) else 1
    slices = [Slice(site.before, 1, axis), *site.between]
    for name in (site.before, *site.depthwise):
        node = nodes[name]
        if name in site.depthwise:
            slices.append(Slice(name, 1, 0))
            next(entry for entry in node.attribute if entry.name == "group").i = len(made.kept)
        if len(node.input) > 2 and node.input[2] and graph.array(node.input[2]).size == site.units:
            slices.append(Slice(name, 2, graph.array(node.input[2]).ndim - 1))
    for part in slices:
        node = nodes[part.node]
        values = np.take(graph.array(node.input[part.input]), made.kept, axis=part.axis)
        node.input[part.input] = graph.add_initializer(f"{part.node}_kept", values)
    for name in site.shapes:
        node = nodes[name]
        shape = graph.array(node.input[1]).copy()
        shape[1] = shape[1] // site.units * len(made.kept)
        node.input[1] = graph.add_initializer(f"{name}_shape", shape)
