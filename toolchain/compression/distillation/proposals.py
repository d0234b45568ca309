"""Students that are worth a try on a graph, as texts of recipes."""

import numpy as np

from toolchain.compression.distillation import signature
from toolchain.compression.distillation.student import Size, build
from toolchain.compression.graph import Graph

HIDDEN, CHANNELS = (8, 16, 32, 64), (4, 6, 8, 12, 16)
BESIDE = 1000
"""Bytes of a student's file that are no weights, about."""
SMALLER = 0.5
"""Of the teacher's bytes: larger students are not worth their training."""
UNTOLD = 2
"""What the graph gives a row where it does not say."""


def proposals(graph: Graph) -> list[str]:
    """Recipes for the pass `distill`, the smallest student first; none where no student can be.

    That one is among them however small the graph is, so that a search can tell what came of it.
    """
    found = signature.read(graph)
    if isinstance(found, str):
        return []
    if found.layout == "rows":
        shape: tuple[int, ...] = (sum(entry.shape[0] for entry in found.takes),)
        sizes = {"hidden=8, layers=1": Size(8, 0, 1)} | {f"hidden={count}": Size(count, 0, 2) for count in HIDDEN}
    else:
        shape = found.takes[0].shape
        shape = shape if found.layout == "channels last" else (*shape[1:], shape[0])
        sizes = {f"channels={count}": Size(0, count, 2) for count in CHANNELS}
    most = SMALLER * graph.model.ByteSize()
    small = [text for text, size in sizes.items() if _bytes(shape, _given(graph), size) <= most]
    return [f"distill({text})" for text in small or [next(iter(sizes))]]


def _given(graph: Graph) -> int:
    """Numbers that the graph gives a row, as far as it declares them."""
    given = 0
    for value in graph.model.graph.output:
        tensor = value.type.tensor_type
        if tensor.elem_type in signature.FLOATS:
            dims = [entry.dim_value for entry in tensor.shape.dim[1:]]
            given += int(np.prod(dims)) if all(dims) else UNTOLD
    return given


def _bytes(shape: tuple[int, ...], units: int, size: Size) -> int:
    layers = build(shape, units, size, np.random.default_rng(0))
    return BESIDE + 4 * sum(weight.size for layer in layers for weight in layer.weights)
