"""Ensembles drawn from a seed, as the operators of ai.onnx.ml have them."""

from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper

from tests.core.graphs import model as bare
from toolchain.compression.calibration import Calibration

FLOAT = TensorProto.FLOAT
FEATURES = 4
MODES = ("BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT", "BRANCH_EQ", "BRANCH_NEQ")


def lists(trees: int, depth: int, outputs: int, seed: int, modes: tuple[str, ...], scale: float) -> dict[str, Any]:
    """Full trees; the leaves of a tree feed all of `outputs` where there are several."""
    random = np.random.default_rng(seed)
    found: dict[str, list[Any]] = {name: [] for name in ("treeids", "nodeids", "featureids", "values", "modes",
                                   "truenodeids", "falsenodeids", "missing_value_tracks_true", "hitrates")}  # fmt: skip
    ends: dict[str, list[Any]] = {name: [] for name in ("treeids", "nodeids", "ids", "weights")}
    inner = 2**depth - 1
    for tree in range(trees):
        for node in range(2 * inner + 1):
            leaf = node >= inner
            row = (tree, node, int(random.integers(FEATURES)), float(np.round(random.normal(), 1)),
                   "LEAF" if leaf else str(random.choice(modes)), 0 if leaf else 2 * node + 1,
                   0 if leaf else 2 * node + 2, 0 if leaf else int(random.integers(2)), 1.0)  # fmt: skip
            for values, value in zip(found.values(), row, strict=True):
                values.append(value)
            for output in range(outputs) if leaf else ():
                for values, value in zip(ends.values(), (tree, node, output, random.normal() * scale), strict=True):
                    values.append(value)
    return {**{f"nodes_{name}": values for name, values in found.items()}, **ends}


def regressor(
    trees: int = 5, depth: int = 3, outputs: int = 1, seed: int = 0, modes: tuple[str, ...] = MODES[:1], **more: Any
) -> onnx.ModelProto:
    """(n, 4) to (n, outputs)."""
    attributes = lists(trees, depth, outputs, seed, modes, 1.0)
    for name in ("treeids", "nodeids", "ids", "weights"):
        attributes[f"target_{name}"] = attributes.pop(name)
    attributes |= {"n_targets": outputs, "base_values": [0.5] * outputs, **more}
    return _model("TreeEnsembleRegressor", ["y"], attributes, {"y": (FLOAT, ["n", outputs])})


def classifier(classes: int = 2, *, label: bool = False, only: bool = True, positive: bool = False) -> onnx.ModelProto:
    """(n, 4) to scores (n, classes); of two classes, `only` one has values in the leaves."""
    outputs = 1 if classes == 2 and only else classes
    attributes = lists(6, 3, outputs, 3, MODES[:1], 0.2)
    for name in ("treeids", "nodeids", "ids", "weights"):
        attributes[f"class_{name}"] = attributes.pop(name)
    if positive:
        attributes["class_weights"] = [abs(value) for value in attributes["class_weights"]]
    attributes |= {"classlabels_int64s": list(range(classes)), "post_transform": "NONE"}
    given = {"scores": (FLOAT, ["n", classes])} | ({"label": (TensorProto.INT64, ["n"])} if label else {})
    return _model("TreeEnsembleClassifier", ["label", "scores"], attributes, given)


def requests(count: int = 40, seed: int = 5, missing: float = 0.0) -> Calibration:
    """Requests of five rows; with missing values only for `activations` of graphs, which Calibration would refuse."""
    random = np.random.default_rng(seed)
    made = Calibration([{"x": random.normal(size=(5, FEATURES)).astype(np.float32)} for _ in range(count)])
    for feed in made.feeds:
        feed["x"][random.random((5, FEATURES)) < missing] = np.nan
    return made


def _model(operator: str, outputs: list[str], attributes: dict[str, Any], given: dict[str, Any]) -> onnx.ModelProto:
    node = helper.make_node(operator, ["x"], outputs, domain="ai.onnx.ml", name="trees", **attributes)
    made = bare([node], {"x": (FLOAT, ["n", FEATURES])}, given)
    made.opset_import.append(helper.make_opsetid("ai.onnx.ml", 3))
    return made
