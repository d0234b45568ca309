"""Texts that no answer depends on: names of inner tensors, types of tensors, and what exporters write about nodes.

In a small model they outweigh what quantization leaves of the weights. Comes last: other passes go by names.
"""

import itertools
import string
from collections.abc import Iterator

import onnx

from toolchain.compression.graph import Graph
from toolchain.compression.passes.options import NoOptions


def applies(graph: Graph) -> str | None:
    """Graphs with subgraphs keep their names: these reach into each other."""
    if any(attribute.HasField("g") or attribute.graphs for node in graph.nodes for attribute in node.attribute):
        return "it has subgraphs, whose names reach into each other"
    return None


def run(graph: Graph, _options: NoOptions) -> Graph:
    """The graph with the shortest names for what is neither taken nor given; answers stay the same to the bit."""
    before = len(graph.bytes())
    graph = graph.copy()
    fixed = set(graph.inputs) | set(graph.outputs)
    inner = [name for name in (*graph.initializers, *graph.producers) if name not in fixed]
    short = dict(zip(inner, (name for name in _names() if name not in fixed), strict=False))
    for node in graph.model.graph.node:
        for side in (node.input, node.output):
            for index, name in enumerate(side):
                side[index] = short.get(name, name)
    for tensor in graph.model.graph.initializer:
        tensor.name = short.get(tensor.name, tensor.name)
        tensor.doc_string = ""
        del tensor.metadata_props[:]
    _strip(graph.model)
    graph.note(f"{before} bytes became {len(graph.bytes())}")
    return graph


def _strip(model: onnx.ModelProto) -> None:
    del model.graph.value_info[:]
    del model.graph.metadata_props[:]
    del model.graph.quantization_annotation[:]
    model.graph.doc_string = ""
    for node, name in zip(model.graph.node, _names(), strict=False):
        node.name, node.doc_string = name, ""
        del node.metadata_props[:]
        for attribute in node.attribute:
            attribute.doc_string = ""


def _names() -> Iterator[str]:
    """a, b, ... z, aa, ab, ... without end."""
    return (
        "".join(letters)
        for length in itertools.count(1)
        for letters in itertools.product(string.ascii_lowercase, repeat=length)
    )
