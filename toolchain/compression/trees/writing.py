"""Ensembles written back: as the terse TreeEnsemble of ai.onnx.ml 5, or in the older form where that lacks something.

Thresholds stay float32 in both: the operators take them in the type of their input only.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import NodeProto, helper, numpy_helper

from toolchain.compression.graph import Graph
from toolchain.compression.trees.ensemble import LEAF, MODES, Ensemble
from toolchain.compression.trees.reading import DOMAIN, Trees

VERSION = 5
SUM = 1
KEPT = ("classlabels_int64s", "classlabels_strings", "post_transform", "n_targets")


def write(graph: Graph, found: Sequence[tuple[Trees, Ensemble]]) -> None:
    """Put ensembles in the place of the nodes that they were read from.

    All stay in the older form - of which version 5 takes none - where labels are taken from one of them, where a leaf
    has values for several outputs, and where two classes' sums are made of one and then transformed.
    """
    settled = [(trees, _without_lone_leaves(ensemble)) for trees, ensemble in found]
    terse = [(trees, _simple(trees, ensemble)) for trees, ensemble in settled]
    if any(ensemble is None for _, ensemble in terse):
        for trees, ensemble in settled:
            graph.replace(trees.node, [_listed(trees, ensemble)])
        return
    for trees, one in terse:
        graph.replace(trees.node, _terse_nodes(graph, trees, one) if one is not None else [])
    entry = next(entry for entry in graph.model.opset_import if entry.domain == DOMAIN)
    entry.version = max(entry.version, VERSION)
    graph.model.ir_version = max(graph.model.ir_version, 10)


def _simple(trees: Trees, ensemble: Ensemble) -> Ensemble | None:
    """The ensemble as the terse form has it, if it can."""
    able = not (trees.label or (trees.mirrored and trees.transform))
    return _with_base(ensemble) if able and _single(ensemble) else None


def _terse_nodes(graph: Graph, trees: Trees, ensemble: Ensemble) -> list[NodeProto]:
    name = trees.node.name
    if not trees.mirrored:
        return [_terse(ensemble, name, trees.x, trees.y, trees.transform)]
    # ONNX Runtime gives -s and s, or where no leaf is negative, which a probability is, 1 - s and s.
    one, both = f"{name}_sum", f"{name}_both"
    positive = bool((trees.ensemble.value >= 0).all())
    signs = graph.add_initializer(f"{name}_signs", np.array([[-1, 1]], np.float32))
    nodes = [_terse(ensemble, name, trees.x, one, 0)]
    nodes.append(helper.make_node("Mul", [one, signs], [both if positive else trees.y], name=f"{name}_mirror"))
    if positive:
        first = graph.add_initializer(f"{name}_first", np.array([[1, 0]], np.float32))
        nodes.append(helper.make_node("Add", [both, first], [trees.y], name=f"{name}_rest"))
    return nodes


def _without_lone_leaves(ensemble: Ensemble) -> Ensemble:
    """Trees that are but a leaf go into the base; if no other is left, one gets a branch whose ends are equal."""
    lone = ensemble.feature[ensemble.roots] == LEAF
    base = ensemble.base + ensemble.value[ensemble.roots[lone]].sum(axis=0)
    if not lone.all():
        return replace(ensemble.condensed(ensemble.roots[~lone].tolist()), base=base)
    return Ensemble(
        roots=np.zeros(1, np.int64),
        feature=np.array([0, LEAF, LEAF]),
        threshold=np.zeros(3, np.float32),
        mode=np.zeros(3, np.uint8),
        yes=np.array([1, 0, 0]),
        no=np.array([2, 0, 0]),
        missing=np.zeros(3, np.bool_),
        value=np.zeros((3, len(base)), np.float32),
        base=base,
    )


def _single(ensemble: Ensemble) -> bool:
    """Whether each leaf has a value for one output at most."""
    return bool(((ensemble.value[ensemble.feature == LEAF] != 0).sum(axis=1) <= 1).all())


def _with_base(ensemble: Ensemble) -> Ensemble | None:
    """With the base in the leaves of the smallest tree of each output, or None where an output has no tree of its own.

    The operator has no other place for it.
    """
    value = ensemble.value.copy()
    ends = np.append(ensemble.roots[1:], len(ensemble.feature))
    spans = sorted(zip((ends - ensemble.roots).tolist(), ensemble.roots.tolist(), ends.tolist(), strict=True))
    for output in np.flatnonzero(ensemble.base).tolist():
        others = np.delete(ensemble.value, output, axis=1)
        span = next(((start, end) for _, start, end in spans if not others[start:end].any()), None)
        if span is None:
            return None
        leaves = span[0] + np.flatnonzero(ensemble.feature[span[0] : span[1]] == LEAF)
        value[leaves, output] += ensemble.base[output]
    return replace(ensemble, value=value, base=np.zeros_like(ensemble.base))


def _terse(ensemble: Ensemble, name: str, x: str, y: str, transform: int) -> NodeProto:
    leaf = ensemble.feature == LEAF
    inner, ends = np.flatnonzero(~leaf), np.flatnonzero(leaf)
    place = np.where(leaf, np.cumsum(leaf), np.cumsum(~leaf)) - 1
    yes, no = ensemble.yes[inner], ensemble.no[inner]
    targets = np.abs(ensemble.value[ends]).argmax(axis=1)
    optional: dict[str, Any] = {}
    if ensemble.missing[inner].any():
        optional["nodes_missing_value_tracks_true"] = ensemble.missing[inner].astype(np.int64).tolist()
    return helper.make_node(
        "TreeEnsemble",
        [x],
        [y],
        name=name,
        domain=DOMAIN,
        n_targets=ensemble.value.shape[1],
        aggregate_function=SUM,
        post_transform=transform,
        tree_roots=place[ensemble.roots].tolist(),
        nodes_featureids=ensemble.feature[inner].tolist(),
        nodes_modes=numpy_helper.from_array(ensemble.mode[inner]),
        nodes_splits=numpy_helper.from_array(ensemble.threshold[inner]),
        nodes_truenodeids=place[yes].tolist(),
        nodes_trueleafs=leaf[yes].astype(np.int64).tolist(),
        nodes_falsenodeids=place[no].tolist(),
        nodes_falseleafs=leaf[no].astype(np.int64).tolist(),
        leaf_targetids=targets.tolist(),
        leaf_weights=numpy_helper.from_array(ensemble.value[ends, targets]),
        **optional,
    )


def _listed(trees: Trees, ensemble: Ensemble) -> NodeProto:
    """The operator as it was, with lists for all nodes and without those that only describe."""
    old = {entry.name: entry for entry in trees.node.attribute}
    node = NodeProto()
    node.CopyFrom(trees.node)
    del node.attribute[:]
    node.attribute.extend(old[name] for name in KEPT if name in old)
    leaf = ensemble.feature == LEAF
    tree = np.searchsorted(ensemble.roots, np.arange(len(leaf)), side="right") - 1
    number = np.arange(len(leaf)) - ensemble.roots[tree]
    lists: dict[str, Any] = {
        "nodes_treeids": tree,
        "nodes_nodeids": number,
        "nodes_featureids": np.where(leaf, 0, ensemble.feature),
        "nodes_values": ensemble.threshold,
        "nodes_truenodeids": np.where(leaf, 0, number[ensemble.yes]),
        "nodes_falsenodeids": np.where(leaf, 0, number[ensemble.no]),
    }
    if ensemble.missing[~leaf].any():
        lists["nodes_missing_value_tracks_true"] = ensemble.missing.astype(np.int64)
    if ensemble.base.any():
        lists["base_values"] = ensemble.base
    lists |= _ends(trees, ensemble, tree, number)
    modes = ["LEAF" if ends else MODES[mode] for ends, mode in zip(leaf, ensemble.mode, strict=True)]
    attributes: dict[str, Sequence[Any]] = {name: values.tolist() for name, values in lists.items()}
    for name, values in sorted({**attributes, "nodes_modes": modes}.items()):
        node.attribute.append(helper.make_attribute(name, values))
    return node


def _ends(
    trees: Trees, ensemble: Ensemble, tree: NDArray[np.int64], number: NDArray[np.int64]
) -> dict[str, NDArray[Any]]:
    """What leaves add: of each one value at least, so that the runtime knows it for a leaf."""
    leaf = ensemble.feature == LEAF
    some = (ensemble.value != 0) & leaf[:, None]
    some[leaf & ~some.any(axis=1), 0] = True
    nodes, outputs = np.nonzero(some)
    prefix = "class" if trees.node.op_type == "TreeEnsembleClassifier" else "target"
    ids = np.full_like(outputs, trees.only) if trees.mirrored else outputs
    return {
        f"{prefix}_treeids": tree[nodes],
        f"{prefix}_nodeids": number[nodes],
        f"{prefix}_ids": ids,
        f"{prefix}_weights": ensemble.value[nodes, outputs],
    }
