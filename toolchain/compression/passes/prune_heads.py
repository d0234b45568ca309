"""Heads of attention that tell least are taken out, and the projections of what is left are fitted anew.

Which ones go is told by what the layer behind loses on sample requests once the others have made up for them by
least squares, as with hidden units (see `toolchain.compression.neurons.surgeon`; that many heads can go is from
Michel et al., Are Sixteen Heads Really Better than One?, 2019).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from onnx import helper

from toolchain.compression.calibration import Calibration
from toolchain.compression.errors import NotApplicable
from toolchain.compression.graph import Graph
from toolchain.compression.layers import attribute, bias_add, linear
from toolchain.compression.neurons.attention import Attention, attentions, trailing
from toolchain.compression.neurons.fitting import fit
from toolchain.compression.neurons.surgeon import WIDEST, Moments
from toolchain.compression.sensitivity import compare

PROBES = 4
"""Requests that show whether a graph without heads answers as one whose heads count for nothing."""
ROUNDING = 1e-4
"""The relative error up to which it does."""


@dataclass(frozen=True)
class Options:
    """How.

    Attributes:
        share: of the heads of each attention; at least one head stays.
        samples: requests to look at.
    """

    share: float = 0.25
    samples: int = 64

    def __post_init__(self) -> None:
        if not 0 < self.share < 1:
            raise ValueError(f"share is above 0 and below 1, got {self.share}")
        if self.samples < 1:
            raise ValueError("samples is 1 or more")


def applies(graph: Graph) -> str | None:
    """Whether there is attention of the form that exporters give it."""
    return None if attentions(graph) else "no attention with its heads between linear layers"


def run(graph: Graph, options: Options, calibration: Calibration) -> Graph:
    """The graph with fewer heads.

    Raises:
        NotApplicable: no attention has enough heads, or heads are told apart elsewhere in the graph.
    """
    narrow = [site for site in attentions(graph) if site.heads * site.width <= WIDEST]
    counts = {site: int(site.heads * options.share + 1e-9) for site in narrow}
    chosen = [site for site, count in counts.items() if count]
    if not chosen:
        raise NotApplicable(f"no attention has so many heads that a share of {options.share} could go")
    graph = graph.copy()
    taken: dict[Attention, float] = {}
    del graph.model.graph.value_info[:]  # shapes that hold no more; ONNX Runtime finds them itself
    moments = _moments(graph, chosen, calibration.first(options.samples))
    for site in chosen:
        made, error = _without(graph, site, moments[site], counts[site], calibration.first(PROBES))
        if made is not None:
            graph, taken[site] = made, error
    if not taken:
        raise NotApplicable("heads are told apart elsewhere in the graph, so none can go")
    graph.sweep()
    gone, whole = sum(counts[site] for site in taken), sum(site.heads for site in taken)
    worst = max(taken.values())
    graph.note(f"{gone} of {whole} heads taken out in {len(taken)} layers; largest relative error {worst:.3g}")
    return graph


def _moments(graph: Graph, chosen: list[Attention], calibration: Calibration) -> dict[Attention, Moments]:
    found = {site: Moments(site.heads * site.width) for site in chosen}
    for values in calibration.activations(graph, [site.x for site in chosen]):
        for site in chosen:
            found[site].add(values[site.x].reshape(-1, site.heads * site.width))
    return found


def _without(
    graph: Graph, site: Attention, moments: Moments, count: int, probes: Calibration
) -> tuple[Graph | None, float]:
    """The graph without some heads of one attention, and the relative error behind it.

    There is none where the layer behind does not give what it gives with zeros for these heads.
    """
    narrow = graph.copy()
    made = fit(narrow, site.after, moments, site.width, count)
    zeros = narrow.copy()
    _narrow(narrow, site, made.kept)
    _widen(zeros, site, made.kept)
    try:
        same = compare(_behind(narrow, site, probes), _behind(zeros, site, probes))[1] <= ROUNDING
    except NotApplicable:
        same = False
    return narrow if same else None, float(np.sqrt(made.error))


def _behind(graph: Graph, site: Attention, probes: Calibration) -> list[NDArray[np.float32]]:
    name = graph.node(site.after).output[0]
    found = (values[name] for values in probes.activations(graph, [name]))
    return [value.reshape(-1, value.shape[-1]) for value in found]


def _widen(graph: Graph, site: Attention, kept: NDArray[np.int64]) -> None:
    """Put zeros into the layer behind for heads that would be gone."""
    node = graph.node(site.after)
    axis = int(attribute(node, "transB", 0))
    old = graph.array(node.input[1])
    shape = list(old.shape)
    shape[axis] = site.heads * site.width
    wide = np.zeros(shape, old.dtype)
    index: list[slice | NDArray[np.int64]] = [slice(None), slice(None)]
    index[axis] = _columns(site.heads * site.width, site.heads, site.width, kept)
    wide[tuple(index)] = old
    node.input[1] = graph.add_initializer(f"{site.after}_wide", wide)


def _columns(count: int, heads: int, width: int, kept: NDArray[np.int64]) -> NDArray[np.int64]:
    """Which of so many columns belong to the heads that stay."""
    return np.flatnonzero(np.isin(np.arange(count) // width % heads, kept))


def _narrow(graph: Graph, site: Attention, kept: NDArray[np.int64]) -> None:
    """Leave the heads out in the projections, and in all that counts them."""
    for projection in site.projections:
        _narrow_projection(graph, projection.layer, site.heads, projection.width, kept)
    for part in site.biases:
        node = graph.node(part.node)
        values = np.take(graph.array(node.input[part.input]), kept, axis=part.axis)
        node.input[part.input] = graph.add_initializer(f"{part.node}_kept", values)
    for name in site.splits:
        node = graph.node(name)
        sizes = graph.array(node.input[1]) // site.heads * len(kept)
        node.input[1] = graph.add_initializer(f"{name}_kept", sizes)
    for name in site.reshapes:
        _, last = trailing(graph, graph.node(name).input[1])
        _reshape(graph, name, [len(kept), int(last[-1])])
    _, last = trailing(graph, graph.node(site.joined).input[1])
    if last[-1] != -1:
        _reshape(graph, site.joined, [len(kept) * site.width])


def _narrow_projection(graph: Graph, name: str, heads: int, width: int, kept: NDArray[np.int64]) -> None:
    layer = linear(graph, name)
    columns = _columns(layer.weight.shape[1], heads, width, kept)
    parts = [(layer.node, 1, 0 if attribute(layer.node, "transB", 0) else 1)]
    if layer.bias is not None and graph.array(layer.node.input[2]).size > 1:
        parts.append((layer.node, 2, -1))
    if (add := bias_add(graph, layer)) is not None:
        parts.append((add[0], int(add[0].input[0] == layer.output), -1))
    for node, index, axis in parts:
        values = np.take(graph.array(node.input[index]), columns, axis=axis)
        node.input[index] = graph.add_initializer(f"{node.name}_kept", values)


def _reshape(graph: Graph, name: str, last: list[int]) -> None:
    """Give a Reshape's shape other last values."""
    node = graph.node(name)
    first, old = trailing(graph, node.input[1])
    shape = graph.add_initializer(f"{name}_kept", np.array([*old[: -len(last)], *last], np.int64))
    if first:
        joined = f"{shape}_joined"
        graph.insert(
            graph.index(node), [helper.make_node("Concat", [*first, shape], [joined], name=f"{name}_shape", axis=0)]
        )
        shape = joined
    node.input[1] = shape
