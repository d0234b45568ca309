"""Ensembles: read as ONNX Runtime reads them, reduced without a difference, written so that it answers the same."""

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import helper

from tests.toolchain.compression import networks
from tests.toolchain.compression.trees import forests
from toolchain.compression.calibration import load
from toolchain.compression.errors import NotApplicable
from toolchain.compression.graph import Graph
from toolchain.compression.passes.compact_trees import rows
from toolchain.compression.recipe import apply, parse
from toolchain.compression.trees.reading import Trees, nodes, read
from toolchain.compression.trees.reduction import reduced


def only(model: onnx.ModelProto) -> Trees:
    graph = Graph(model)
    return read(graph, nodes(graph)[0])


def operators(content: bytes) -> list[str]:
    return [node.op_type for node in onnx.load_model_from_string(content).graph.node]


def scores(content: bytes, x: np.ndarray) -> np.ndarray:
    session = load(onnx.load_model_from_string(content))
    name = next(node.name for node in session.get_outputs() if node.name != "label")
    return np.asarray(session.run([name], {"x": x})[0])


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 1000), st.integers(1, 3), st.integers(1, 4), st.sampled_from([(mode,) for mode in forests.MODES]))
def test_the_ensemble_answers_as_onnx_runtime_does(seed: int, outputs: int, depth: int, modes: tuple[str, ...]) -> None:
    model = forests.regressor(3, depth, outputs, seed, modes)
    ensemble = only(model).ensemble
    x = rows(ensemble, 64)
    padded = np.pad(x, ((0, 0), (0, forests.FEATURES - x.shape[1])))
    np.testing.assert_allclose(ensemble.answers(padded), scores(model.SerializeToString(), padded), atol=1e-5)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 1000), st.sampled_from([forests.MODES[:1], forests.MODES]))
def test_reducing_changes_no_answer_not_even_to_missing_values(seed: int, modes: tuple[str, ...]) -> None:
    ensemble = only(forests.regressor(4, 4, 1, seed, modes)).ensemble
    fewer = reduced(ensemble)
    assert len(fewer.feature) <= len(ensemble.feature)
    x = np.random.default_rng(seed).choice(np.append(ensemble.threshold, np.float32(np.nan)), (300, forests.FEATURES))
    np.testing.assert_array_equal(fewer.answers(x), ensemble.answers(x))


def test_what_is_decided_further_up_and_equal_leaves_are_gone() -> None:
    model = networks.trees()
    attributes = {entry.name: helper.get_attribute_value(entry) for entry in model.graph.node[0].attribute}
    attributes |= {
        "nodes_treeids": [0] * 7, "nodes_nodeids": list(range(7)), "nodes_featureids": [0, 0, 1, 0, 0, 0, 0],
        "nodes_values": [0.5, 0.7, 0.1, 0, 0, 0, 0], "nodes_modes": ["BRANCH_LEQ"] * 3 + ["LEAF"] * 4,
        "nodes_truenodeids": [1, 3, 5, 0, 0, 0, 0], "nodes_falsenodeids": [2, 4, 6, 0, 0, 0, 0],
        "nodes_missing_value_tracks_true": [1, 1, 1, 0, 0, 0, 0],
        "target_treeids": [0] * 4, "target_nodeids": [3, 4, 5, 6], "target_ids": [0] * 4,
        "target_weights": [1.0, 9.0, 2.0, 2.0],
    }  # fmt: skip
    node = helper.make_node("TreeEnsembleRegressor", ["x"], ["y"], domain="ai.onnx.ml", **attributes)
    model.graph.node[0].CopyFrom(node)
    fewer = reduced(only(model).ensemble)
    assert fewer.feature.tolist() == [0, -1, -1]
    assert fewer.value[:, 0].tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        (forests.regressor(), ["TreeEnsemble"]),
        (forests.regressor(modes=forests.MODES), ["TreeEnsemble"]),
        (forests.regressor(aggregate_function="AVERAGE"), ["TreeEnsemble"]),
        (forests.regressor(outputs=3), ["TreeEnsembleRegressor"]),
        (forests.classifier(), ["TreeEnsemble", "Mul"]),
        (forests.classifier(positive=True), ["TreeEnsemble", "Mul", "Add"]),
        (forests.classifier(label=True), ["TreeEnsembleClassifier"]),
        (forests.classifier(classes=3), ["TreeEnsembleClassifier"]),
        (forests.classifier(only=False), ["TreeEnsembleClassifier"]),
    ],
)
def test_compact_trees_answer_the_same_in_fewer_bytes(model: onnx.ModelProto, expected: list[str]) -> None:
    content = model.SerializeToString()
    made = apply(parse("compact-trees"), content).model
    assert operators(made) == expected
    assert len(made) < len(content)
    onnx.checker.check_model(made, full_check=True)
    x = np.random.default_rng(2).normal(size=(200, forests.FEATURES)).astype(np.float32)
    np.testing.assert_allclose(scores(made, x), scores(content, x), atol=1e-5)


def test_a_compact_classifier_keeps_its_labels() -> None:
    content = forests.classifier(classes=3, label=True).SerializeToString()
    made = apply(parse("compact-trees"), content).model
    x = np.random.default_rng(2).normal(size=(50, 4)).astype(np.float32)
    labels = [load(onnx.load_model_from_string(one)).run(["label"], {"x": x})[0] for one in (content, made)]
    np.testing.assert_array_equal(*labels)


def test_what_is_terse_already_is_read_and_written_again() -> None:
    once = apply(parse("compact-trees"), forests.regressor().SerializeToString()).model
    assert apply(parse("compact-trees"), once).model == once


def test_trees_that_do_not_add_up_are_left_alone() -> None:
    for model, reason in (
        (forests.regressor(aggregate_function="MAX"), "its trees do not add up, they give the max"),
        (networks.matmul(), "no ensemble of trees"),
    ):
        with pytest.raises(NotApplicable, match=reason):
            apply(parse("compact-trees"), model.SerializeToString())
