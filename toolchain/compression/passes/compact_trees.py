"""Trees in the tersest form, without what no row can tell; answers stay, but for the order of additions."""

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper

from toolchain.compression.calibration import load
from toolchain.compression.errors import NotApplicable
from toolchain.compression.graph import Graph
from toolchain.compression.passes.options import NoOptions
from toolchain.compression.trees.ensemble import LEAF, Ensemble
from toolchain.compression.trees.reading import Trees, nodes, read
from toolchain.compression.trees.reduction import reduced
from toolchain.compression.trees.writing import write

ROWS = 512
TOLERANCE = 1e-4


def applies(graph: Graph) -> str | None:
    """Whether there are trees."""
    return None if nodes(graph) else "no ensemble of trees"


def run(graph: Graph, _options: NoOptions) -> Graph:
    """The graph with the same trees in fewer bytes.

    Raises:
        NotApplicable: they cannot be read, or ONNX Runtime would not answer the same.
    """
    found = [read(graph, node) for node in nodes(graph)]
    fewer = [reduced(trees.ensemble) for trees in found]
    made = graph.copy()
    write(made, list(zip(found, fewer, strict=True)))
    made.sweep()
    for trees, ensemble in zip(found, fewer, strict=True):
        if not _same(graph, made, trees):
            name = trees.node.name
            raise NotApplicable(f"what ONNX Runtime makes of {name!r} is not what its leaves add up to")
        made.note(f"{len(trees.ensemble.feature)} nodes of trees became {len(ensemble.feature)}")
    return made


def rows(ensemble: Ensemble, count: int = ROWS) -> NDArray[np.float32]:
    """Rows that take all kinds of ways: each value is near a threshold of its column, at it, or missing."""
    random = np.random.default_rng(0)
    inner = ensemble.feature != LEAF
    made = np.zeros((count, int(ensemble.feature.max(initial=0)) + 1), np.float32)
    for column in range(made.shape[1]):
        limits = ensemble.threshold[inner & (ensemble.feature == column)]
        if len(limits):
            spread = np.float32(limits.std() or 1) * random.choice([0, 0, 0.5, -0.5], count)
            made[:, column] = random.choice(limits, count) + spread
    made[random.random(made.shape) < 0.02] = np.nan
    return made


def _same(graph: Graph, made: Graph, trees: Trees) -> bool:
    x = rows(trees.ensemble)
    right, got = (_answers(one, trees, x) for one in (graph, made))
    return np.allclose(got, right, rtol=TOLERANCE, atol=TOLERANCE * float(np.abs(right).max(initial=0)))


def _answers(graph: Graph, trees: Trees, x: NDArray[np.float32]) -> NDArray[np.float32]:
    """What the nodes between the ensemble's input and its output give, taken out of their graph."""
    nodes: list[onnx.NodeProto] = []
    wanted, producers = [trees.y], graph.producers
    while wanted:
        name = wanted.pop()
        if name != trees.x and name in producers and producers[name] not in nodes:
            nodes.insert(0, producers[name])
            wanted += list(producers[name].input)
    taken = {name for node in nodes for name in node.input}
    inner = helper.make_graph(
        nodes,
        "trees",
        [helper.make_tensor_value_info(trees.x, onnx.TensorProto.FLOAT, [None, x.shape[1]])],
        [helper.make_tensor_value_info(trees.y, onnx.TensorProto.FLOAT, [None, None])],
        [tensor for name, tensor in graph.initializers.items() if name in taken],
    )
    model = helper.make_model(inner, opset_imports=graph.model.opset_import, ir_version=graph.model.ir_version)
    found: NDArray[np.float32] = load(model).run([trees.y], {trees.x: x})[0]
    return found
