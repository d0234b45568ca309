"""Attention whose heads can be taken out: from the projections of queries, keys and values to that of the output.

The pattern is what exporters make of multi-head attention: linear layers, together or apart; Reshape to (..., heads,
width) and Transpose; two products with a Softmax between; Transpose and Reshape back; a linear layer. Masks and
scales may stand anywhere between. Whether a graph of that form is what it seems is for its answers to say.
"""

from typing import NamedTuple

import numpy as np
import onnx
from numpy.typing import NDArray

from toolchain.compression.graph import STANDARD, Graph, taken_by
from toolchain.compression.layers import Linear, bias_add, linears
from toolchain.compression.neurons.sites import PAIRED, SINGLE, Slice

MOVING = {"Cast", "Dropout", "Gather", "IsNaN", "MatMul", "Reshape", "Slice", "Softmax", "Split", "Squeeze",
          "Transpose", "Where"}  # fmt: skip
TO_HEADS = [0, 2, 1, 3]
"""The order of axes that swaps positions and heads."""


class Projection(NamedTuple):
    """A layer of which columns go.

    Attributes:
        layer: its node's name.
        width: columns of one head, side by side; after those of the last head the first comes again.
    """

    layer: str
    width: int


class Attention(NamedTuple):
    """Heads between layers.

    Attributes:
        heads: how many.
        width: values of a head in what `after` takes, side by side.
        projections: layers that make queries, keys and values.
        reshapes: Reshapes to (..., heads, width).
        splits: Splits in front of these, whose parts are of given widths.
        biases: constants added to scores that have a value for each head.
        joined: the Reshape behind, to (..., heads * width).
        after: the layer that takes all heads.
        x: the tensor that it takes.
    """

    heads: int
    width: int
    projections: tuple[Projection, ...]
    reshapes: tuple[str, ...]
    splits: tuple[str, ...]
    biases: tuple[Slice, ...]
    joined: str
    after: str
    x: str


def attentions(graph: Graph) -> list[Attention]:
    """Where heads may be taken out, in the order of the nodes."""
    layers = linears(graph)
    ends: dict[str, Linear] = {}
    for layer in layers:
        add = bias_add(graph, layer)
        ends[layer.output if add is None else add[0].output[0]] = layer
    found = (_Trace(graph, layer, ends).attention() for layer in layers)
    return [one for one in found if one is not None]


def trailing(graph: Graph, name: str) -> tuple[list[str], NDArray[np.int64]]:
    """A shape as the tensors that its first values come of, and its last values, as far as these are constants."""
    constants, producers = graph.constants, graph.producers
    if name in constants:
        return [], graph.array(name).astype(np.int64)
    maker = producers.get(name)
    parts = list(maker.input) if maker is not None and maker.op_type == "Concat" else [name]
    last: list[int] = []
    while parts and parts[-1] in constants:
        last = [*graph.array(parts.pop()).ravel().tolist(), *last]
    return parts, np.array(last, np.int64)


class _Trace:
    """Back from the layer behind to the projections, then forward again along all that takes what these give."""

    def __init__(self, graph: Graph, after: Linear, ends: dict[str, Linear]) -> None:
        self.graph, self.after, self.ends = graph, after, ends
        self.producers, self.constants = graph.producers, graph.constants
        self.reshapes: dict[str, tuple[int, int]] = {}
        self.splits: list[str] = []
        self.widths: dict[str, int] = {}
        self.biases: list[Slice] = []

    def attention(self) -> Attention | None:
        """The heads, or None where the graph is of another form."""
        joined = self._maker(self.after.x, "Reshape")
        turned = self._maker(joined.input[0], "Transpose") if joined is not None else None
        product = self._maker(turned.input[0], "MatMul") if turned is not None else None
        if joined is None or turned is None or product is None or list(_perm(turned)) != TO_HEADS:
            return None
        inner, ends = self._back([*product.input])
        if not ends or not self._forward({*inner, product.name, turned.name, joined.name}, ends, joined.name):
            return None
        counts = {heads for heads, _ in self.reshapes.values()}
        depth = len(self.after.weight)
        if len(counts) != 1 or depth % (heads := counts.pop()) or heads < 2 or not self._joins(joined, depth):
            return None
        if set(self.widths) != ends or not self._even(heads):
            return None
        projections = tuple(Projection(self.ends[end].name, self.widths[end]) for end in sorted(ends))
        self.biases = [part for part in self.biases if self._by_head(part, heads)]
        parts = (tuple(self.reshapes), tuple(self.splits), tuple(self.biases))
        return Attention(heads, depth // heads, projections, *parts, joined.name, self.after.name, self.after.x)

    def _maker(self, name: str, operator: str) -> onnx.NodeProto | None:
        node = self.producers.get(name)
        return node if node is not None and node.op_type == operator and node.domain in STANDARD else None

    def _back(self, wanted: list[str]) -> tuple[set[str], set[str]]:
        """The nodes that make these tensors, as far as the ends of linear layers; and these ends."""
        inner, ends = set[str](), set[str]()
        while wanted:
            name = wanted.pop()
            if name in self.ends:
                ends.add(name)
            elif (node := self.producers.get(name)) is not None and node.name not in inner:
                inner.add(node.name)
                wanted += taken_by(node)
        return inner, ends

    def _forward(self, inner: set[str], ends: set[str], joined: str) -> bool:
        """Whether heads stay among these nodes, from the ends to the Reshape behind; what is to change is kept."""
        flat = {end: end for end in ends}  # not yet apart, by the projection that it comes of
        region = set(ends)
        for node in self.graph.nodes:
            if not region.intersection(taken_by(node)) or node.op_type == "Shape":
                continue
            if node.name == self.after.name:
                continue
            if node.name not in inner or not self._known(node):
                return False
            source = next((flat[name] for name in node.input if name in flat), None)
            if source is not None and not self._apart(node, source, flat):
                return False
            if source is None and node.op_type == "Reshape" and node.name != joined:
                return False
            if source is None and node.op_type in PAIRED | {"Where"}:
                constant = [at for at, name in enumerate(node.input) if name in self.constants]
                self.biases += [Slice(node.name, at, -3) for at in constant]
            region.update(node.output)
        return not region.intersection(self.graph.outputs)

    def _known(self, node: onnx.NodeProto) -> bool:
        return node.domain in STANDARD and node.op_type in SINGLE | PAIRED | MOVING

    def _apart(self, node: onnx.NodeProto, source: str, flat: dict[str, str]) -> bool:
        """Take note of what is done to values whose heads are still side by side; whether it is known."""
        others = [name for name in node.input[1:] if name]
        if node.op_type == "Reshape":
            _, last = trailing(self.graph, node.input[1])
            if len(last) < 2 or min(last[-2:]) < 1 or self.widths.get(source, last[-1]) != last[-1]:
                return False
            self.reshapes[node.name] = (int(last[-2]), int(last[-1]))
            self.widths[source] = int(last[-1])
            return True
        if node.op_type == "Split":
            if any(name not in self.constants for name in others):
                return False
            self.splits += [node.name] if others else []
        elif not (node.op_type in SINGLE | PAIRED and all(name in flat or self._single(name) for name in node.input)):
            return False
        flat.update(dict.fromkeys(node.output, source))
        return True

    def _single(self, name: str) -> bool:
        return name in self.constants and int(np.prod(self.constants[name].dims)) == 1

    def _joins(self, node: onnx.NodeProto, depth: int) -> bool:
        _, last = trailing(self.graph, node.input[1])
        return len(last) > 0 and last[-1] in (depth, -1)

    def _even(self, heads: int) -> bool:
        """Whether columns, and parts of them, come out even in heads."""
        columns = all(self.ends[end].weight.shape[1] % (heads * width) == 0 for end, width in self.widths.items())
        nodes = (self.graph.node(name) for name in self.splits)
        parts = (int(size) for node in nodes for size in self.graph.array(node.input[1]))
        least = min(self.widths.values())
        return columns and all(size % (heads * least) == 0 for size in parts)

    def _by_head(self, part: Slice, heads: int) -> bool:
        dims = self.constants[self.graph.node(part.node).input[part.input]].dims
        return len(dims) >= 3 and dims[part.axis] == heads


def _perm(node: onnx.NodeProto) -> list[int]:
    return [axis for entry in node.attribute if entry.name == "perm" for axis in entry.ints]
