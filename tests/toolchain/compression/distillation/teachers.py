"""Graphs to learn from, and what they are asked."""

from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper

from tests.core.graphs import model as bare
from tests.toolchain.compression import networks
from tests.toolchain.compression.trees import forests
from toolchain.compression.calibration import Calibration

FLOAT = TensorProto.FLOAT


def requests(count: int = 120, width: int = forests.FEATURES, name: str = "x") -> Calibration:
    """One row each, normal numbers."""
    rows = np.random.default_rng(5).normal(size=(count, 1, width)).astype(np.float32)
    return Calibration([{name: row} for row in rows])


def pictures(count: int = 80, shape: tuple[int, ...] = (1, 8, 8)) -> Calibration:
    """One picture each: a bright square on dark ground, at one of four places."""
    random = np.random.default_rng(5)
    made = 0.1 * random.random((count, 1, *shape)).astype(np.float32)
    for index, picture in enumerate(made):
        row, column = 4 * (index % 2), 4 * (index // 2 % 2)
        picture[..., row : row + 4, column : column + 4] += 0.8
    return Calibration([{"x": picture} for picture in made])


def boosted(labels: tuple[Any, ...], trees: int = 60, batch: int | str = "n") -> onnx.ModelProto:
    """Trees for three classes, as scikit-learn's exporter writes them: a label, of int64 or text, and probabilities."""
    lists = forests.lists(trees, 4, len(labels), 3, forests.MODES[:1], 0.2)
    for name in ("treeids", "nodeids", "ids", "weights"):
        lists[f"class_{name}"] = lists.pop(name)
    text = isinstance(labels[0], str)
    lists["classlabels_strings" if text else "classlabels_int64s"] = list(labels)
    node = helper.make_node(
        "TreeEnsembleClassifier", ["x"], ["label", "probabilities"], domain="ai.onnx.ml", name="trees",
        post_transform="SOFTMAX", **lists,
    )  # fmt: skip
    outputs = {
        "label": (TensorProto.STRING if text else TensorProto.INT64, [batch]),
        "probabilities": (FLOAT, [batch, len(labels)]),
    }
    made = bare([node], {"x": (FLOAT, [batch, forests.FEATURES])}, outputs)
    made.opset_import.append(helper.make_opsetid("ai.onnx.ml", 3))
    return made


def halved() -> onnx.ModelProto:
    """Probabilities of 16 bits, and the label of the greatest in a column of its own."""
    weights: dict[str, NDArray[Any]] = {"w": networks.drawn(4, 3, seed=1), "labels": np.array([7, 5, 3], np.int64)}
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["scores"]),
        helper.make_node("Softmax", ["scores"], ["soft"], axis=1),
        helper.make_node("Cast", ["soft"], ["probabilities"], to=TensorProto.FLOAT16),
        helper.make_node("ArgMax", ["soft"], ["greatest"], axis=1, keepdims=1),
        helper.make_node("Gather", ["labels", "greatest"], ["label"]),
    ]
    outputs = {"probabilities": (TensorProto.FLOAT16, ["n", 3]), "label": (TensorProto.INT64, ["n", 1])}
    return networks.network(nodes, {"x": (FLOAT, ["n", 4])}, outputs, weights)


def columns() -> onnx.ModelProto:
    """Two inputs - one of float64, one of float32 - to a sigmoid, a value of no dimension beside the batch, a block."""
    weights: dict[str, NDArray[Any]] = {
        "w": networks.drawn(3, 1, seed=1), "v": networks.drawn(3, 6, seed=2),
        "flat": np.array([-1], np.int64), "block": np.array([-1, 2, 3], np.int64),
    }  # fmt: skip
    nodes = [
        helper.make_node("Cast", ["a"], ["a32"], to=FLOAT),
        helper.make_node("Concat", ["a32", "b"], ["x"], axis=1),
        helper.make_node("MatMul", ["x", "w"], ["score"]),
        helper.make_node("Sigmoid", ["score"], ["chance"]),
        helper.make_node("Reshape", ["score", "flat"], ["one"]),
        helper.make_node("Cast", ["one"], ["value"], to=TensorProto.DOUBLE),
        helper.make_node("MatMul", ["x", "v"], ["six"]),
        helper.make_node("Reshape", ["six", "block"], ["table"]),
    ]
    inputs = {"a": (TensorProto.DOUBLE, ["n", 1]), "b": (FLOAT, ["n", 2])}
    outputs = {"chance": (FLOAT, ["n", 1]), "value": (TensorProto.DOUBLE, ["n"]), "table": (FLOAT, ["n", 2, 3])}
    return networks.network(nodes, inputs, outputs, weights)


def convolution(last: bool = False) -> onnx.ModelProto:
    """Where the bright square is: means of the quarters of a picture of 8 x 8, as probabilities.

    Args:
        last: whether the channels come last.
    """
    shape: list[Any] = ["n", 8, 8, 1] if last else ["n", 1, 8, 8]
    nodes = [
        helper.make_node("Transpose", ["x"], ["t"], perm=[0, 3, 1, 2] if last else [0, 1, 2, 3]),
        helper.make_node("AveragePool", ["t"], ["p"], kernel_shape=[4, 4], strides=[4, 4]),
        helper.make_node("Flatten", ["p"], ["f"]),
        helper.make_node("Mul", ["f", "eight"], ["s"]),
        helper.make_node("Softmax", ["s"], ["y"], axis=1),
    ]  # fmt: skip
    weights = {"eight": np.array(8, np.float32), "ballast": networks.drawn(100, 100)}
    return networks.network(nodes, {"x": (FLOAT, shape)}, {"y": (FLOAT, ["n", 4])}, weights)
