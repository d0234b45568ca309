"""Ensembles read from the nodes of ai.onnx.ml."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

from toolchain.compression.errors import NotApplicable
from toolchain.compression.graph import Graph
from toolchain.compression.trees.ensemble import LEAF, MODES, Ensemble

OPERATORS = ("TreeEnsembleClassifier", "TreeEnsembleRegressor", "TreeEnsemble")
TRANSFORMS = ("NONE", "SOFTMAX", "LOGISTIC", "SOFTMAX_ZERO", "PROBIT")
DOMAIN = "ai.onnx.ml"
MOST_VALUES = 50_000_000


class Trees(NamedTuple):
    """A node that holds an ensemble.

    Attributes:
        node: the node.
        x: the tensor that it takes, float32 (rows, features).
        y: the tensor of what the trees add up to.
        ensemble: its trees; averages are sums of shares.
        transform: index in TRANSFORMS, of what is done to the sums.
        mirrored: of two classes the values of one only are there; y has two columns made of them.
        only: which class that is.
        label: the tensor of a classifier's labels where something takes it, else empty.
    """

    node: onnx.NodeProto
    x: str
    y: str
    ensemble: Ensemble
    transform: int
    mirrored: bool = False
    only: int = 0
    label: str = ""


def nodes(graph: Graph) -> list[onnx.NodeProto]:
    """The nodes that hold trees."""
    return [node for node in graph.nodes if node.op_type in OPERATORS and node.domain == DOMAIN]


def read(graph: Graph, node: onnx.NodeProto) -> Trees:
    """The ensemble of a node.

    Raises:
        NotApplicable: its trees do not add up - they give a least or a greatest value - or are of float64, or test
            for membership in sets.
    """
    found = {entry.name: helper.get_attribute_value(entry) for entry in node.attribute}
    if any(name.endswith("_as_tensor") for name in found):
        raise NotApplicable("its trees are of float64")
    if node.op_type == "TreeEnsemble":
        ensemble = _of_five(found)
        transform = int(found.get("post_transform", 0))
        return Trees(node, node.input[0], node.output[0], ensemble, transform)
    classifier = node.op_type == "TreeEnsembleClassifier"
    prefix = "class" if classifier else "target"
    ids = np.asarray(found[f"{prefix}_ids"], np.int64)
    labels = found.get("classlabels_int64s") or found.get("classlabels_strings") or ()
    outputs = len(labels) if classifier else int(found.get("n_targets", 1))
    mirrored = classifier and outputs == 2 and len(set(ids.tolist())) == 1
    ensemble = _of_three(found, prefix, np.zeros_like(ids) if mirrored else ids, 1 if mirrored else outputs)
    transform = TRANSFORMS.index(found.get("post_transform", b"NONE").decode())
    used = set(graph.outputs) | set(graph.consumers)
    label = node.output[0] if classifier and node.output[0] in used else ""
    return Trees(node, node.input[0], node.output[-1], ensemble, transform, mirrored, int(ids[0]), label)


def _of_three(found: Mapping[str, Any], prefix: str, ids: NDArray[np.int64], outputs: int) -> Ensemble:
    """The form with one list for all nodes, each known by the numbers of its tree and in it."""
    modes = [mode.decode() for mode in found["nodes_modes"]]
    trees, numbers = np.asarray(found["nodes_treeids"]), np.asarray(found["nodes_nodeids"])
    place = {key: index for index, key in enumerate(zip(trees.tolist(), numbers.tolist(), strict=True))}
    leaf = np.array([mode == "LEAF" for mode in modes])
    known = np.array([MODES.index(mode) if mode in MODES else 0 for mode in modes], np.uint8)
    if any(mode not in MODES and mode != "LEAF" for mode in modes):
        raise NotApplicable("its trees test for membership in sets")
    yes = _places(place, trees, np.asarray(found["nodes_truenodeids"]), leaf)
    no = _places(place, trees, np.asarray(found["nodes_falsenodeids"]), leaf)
    children = set(yes[~leaf].tolist()) | set(no[~leaf].tolist())
    roots = np.array([index for index in range(len(modes)) if index not in children], np.int64)
    share = _share(found.get("aggregate_function", b"SUM").decode(), len(roots))
    value = _values(len(modes), outputs)
    owners = zip(found[f"{prefix}_treeids"], found[f"{prefix}_nodeids"], strict=True)
    weights = np.asarray(found[f"{prefix}_weights"], np.float32) * share
    np.add.at(value, (np.array([place[key] for key in owners], np.int64), ids), weights)
    base = np.zeros(outputs, np.float32)
    base += np.asarray(found.get("base_values") or [0.0], np.float32)[:outputs]
    missing = np.asarray(found.get("nodes_missing_value_tracks_true") or np.zeros(len(modes)), np.bool_)
    feature = np.where(leaf, LEAF, np.asarray(found["nodes_featureids"], np.int64))
    threshold = np.asarray(found["nodes_values"], np.float32)
    return Ensemble(roots, feature, threshold, known, yes, no, missing, value, base)


def _of_five(found: Mapping[str, Any]) -> Ensemble:
    """The form with a list of branches and one of leaves, which is put behind it here."""
    splits, weights = (numpy_helper.to_array(found[name]) for name in ("nodes_splits", "leaf_weights"))
    if splits.dtype != np.float32:
        raise NotApplicable(f"its trees are of {splits.dtype}")
    mode = numpy_helper.to_array(found["nodes_modes"])
    if (mode >= len(MODES)).any():
        raise NotApplicable("its trees test for membership in sets")
    count, outputs = len(splits), int(found.get("n_targets", 1))
    share = _share(("AVERAGE", "SUM", "MIN", "MAX")[int(found.get("aggregate_function", 1))], len(found["tree_roots"]))
    value = _values(count + len(weights), outputs)
    value[count + np.arange(len(weights)), np.asarray(found["leaf_targetids"])] = weights * share

    def ends(ids: str, leafs: str) -> NDArray[np.int64]:
        along = np.asarray(found[ids], np.int64) + count * np.asarray(found[leafs], np.int64)
        return np.concatenate([along, np.zeros(len(weights), np.int64)])

    def padded(values: NDArray[Any], filler: float) -> NDArray[Any]:
        return np.concatenate([values, np.full(len(weights), filler, values.dtype)])

    missing = np.asarray(found.get("nodes_missing_value_tracks_true") or np.zeros(count), np.bool_)
    return Ensemble(
        roots=np.asarray(found["tree_roots"], np.int64),
        feature=padded(np.asarray(found["nodes_featureids"], np.int64), LEAF),
        threshold=padded(splits, 0),
        mode=padded(mode.astype(np.uint8), 0),
        yes=ends("nodes_truenodeids", "nodes_trueleafs"),
        no=ends("nodes_falsenodeids", "nodes_falseleafs"),
        missing=padded(missing, False),
        value=value,
        base=np.zeros(outputs, np.float32),
    )


def _places(
    place: Mapping[tuple[int, int], int], trees: NDArray[np.int64], ids: NDArray[np.int64], leaf: NDArray[np.bool_]
) -> NDArray[np.int64]:
    keys = zip(trees.tolist(), ids.tolist(), leaf.tolist(), strict=True)
    return np.array([0 if ends else place[tree, number] for tree, number, ends in keys], np.int64)


def _values(count: int, outputs: int) -> NDArray[np.float32]:
    if count * outputs > MOST_VALUES:
        raise NotApplicable(f"{count} nodes with {outputs} values each are more than fit into memory")
    return np.zeros((count, outputs), np.float32)


def _share(aggregate: str, trees: int) -> np.float32:
    if aggregate not in ("SUM", "AVERAGE"):
        raise NotApplicable(f"its trees do not add up, they give the {aggregate.lower()}")
    return np.float32(1 / trees if aggregate == "AVERAGE" else 1)
