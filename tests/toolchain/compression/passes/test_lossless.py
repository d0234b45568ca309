"""Passes whose answers stay, exactly or but for rounding in float."""

import numpy as np
import onnx
import pytest
from onnx import helper

from tests.toolchain.compression import networks
from toolchain.compression.errors import NotApplicable
from toolchain.compression.graph import Graph
from toolchain.compression.recipe import apply, parse

NETWORKS = {
    "matmul": networks.matmul(),
    "perceptron": networks.perceptron(),
    "perceptron, not transposed": networks.perceptron(transposed=0),
    "attention": networks.attention(),
    "convolution": networks.convolution(),
}


def made(model: onnx.ModelProto, text: str) -> Graph:
    outcome = apply(parse(text), model.SerializeToString(), networks.requests(model))
    onnx.checker.check_model(outcome.model)
    return Graph.of(outcome.model)


@pytest.mark.parametrize("model", NETWORKS.values(), ids=NETWORKS)
@pytest.mark.parametrize("text", ["fold", "fold(level=extended)", "compact", "fold | compact"])
def test_folding_and_compacting_keep_answers(model: onnx.ModelProto, text: str) -> None:
    calibration = networks.requests(model)
    got = networks.answers(made(model, text).model, calibration)
    np.testing.assert_allclose(got, networks.answers(model, calibration), rtol=1e-5, atol=1e-5)


def test_folding_computes_what_is_constant() -> None:
    model = networks.matmul()
    model.graph.node.insert(0, helper.make_node("Mul", ["w", "w"], ["w2"], name="square"))
    model.graph.node[1].input[1] = "w2"
    graph = made(model, "fold")
    assert [node.op_type for node in graph.nodes] == ["MatMul"]
    np.testing.assert_array_equal(graph.array(graph.nodes[0].input[1]), networks.drawn(32, 8) ** 2)


def test_the_extended_level_fuses_into_operators_of_onnx_runtime() -> None:
    graph = made(networks.perceptron(), "fold(level=extended)")
    assert [(node.domain, node.op_type) for node in graph.nodes] == [("com.microsoft", "FusedGemm"), ("", "Gemm")]


def test_folding_never_lays_tensors_out_for_one_cpu() -> None:
    graph = made(networks.convolution(), "fold(level=extended)")
    assert {node.domain for node in graph.nodes} <= {"", "com.microsoft"}


def test_layers_of_one_input_become_one_multiplication_and_a_split() -> None:
    model = networks.attention()
    graph = made(model, "merge")
    assert [node.op_type for node in graph.nodes] == ["Gather", "MatMul", "Add", "Split", "Sum", "MatMul"]
    assert graph.array("q_merged_weight").shape == (32, 48)
    calibration = networks.requests(model)
    got, right = networks.answers(graph.model, calibration), networks.answers(model, calibration)
    assert np.abs(got - right).max() <= 1e-6 * np.abs(right).max()


def test_gemms_of_one_input_are_merged_with_their_biases() -> None:
    model = networks.perceptron()
    second = helper.make_node("Gemm", ["x", "w1", "b1"], ["other"], name="twin", transB=1, alpha=0.5, beta=2.0)
    model.graph.node.insert(1, second)
    model.graph.node[2].CopyFrom(helper.make_node("Mul", ["hidden", "other"], ["active"], name="product"))
    graph = made(model, "merge")
    assert [node.op_type for node in graph.nodes] == ["MatMul", "Add", "Split", "Mul", "Gemm"]
    calibration = networks.requests(model)
    right = networks.answers(model, calibration)
    assert np.abs(networks.answers(graph.model, calibration) - right).max() <= 1e-6 * np.abs(right).max()


@pytest.mark.parametrize("name", ["matmul", "perceptron", "perceptron, not transposed", "attention"])
def test_smoothing_is_exact_in_float(name: str) -> None:
    model = NETWORKS[name]
    calibration = networks.requests(model)
    right = networks.answers(model, calibration)
    got = networks.answers(made(model, "smooth").model, calibration)
    assert np.abs(got - right).max() <= 1e-5 * np.abs(right).max()


def test_smoothing_twice_is_exact_too() -> None:
    model = networks.perceptron()
    calibration = networks.requests(model)
    right = networks.answers(model, calibration)
    got = networks.answers(made(model, "smooth | smooth").model, calibration)
    assert np.abs(got - right).max() <= 1e-5 * np.abs(right).max()


def test_smoothing_moves_an_outlier_into_the_weights() -> None:
    model = networks.matmul()
    calibration = networks.requests(model)
    for feed in calibration.feeds:
        feed["x"][:, 3] *= 100
    outcome = apply(parse("smooth"), model.SerializeToString(), calibration)
    factor = 1 / Graph.of(outcome.model).array("layer_inverse")
    assert factor.argmax() == 3
    plain, smooth = (apply(parse(text), model.SerializeToString(), calibration).model
                     for text in ("dynamic-int8", "smooth | dynamic-int8"))  # fmt: skip
    right = networks.answers(model, calibration)
    errors = [np.square(networks.answers(content, calibration) - right).sum() for content in (plain, smooth)]
    assert errors[1] < errors[0] / 4


def test_equal_constants_are_kept_once_and_answers_stay_to_the_bit() -> None:
    model = networks.attention()
    for tensor in model.graph.initializer:
        if tensor.name in ("k_w", "v_w"):
            tensor.raw_data = next(entry.raw_data for entry in model.graph.initializer if entry.name == "q_w")
    graph = made(model, "deduplicate")
    assert [name for name in graph.initializers if name.endswith("_w")] == ["q_w", "down_w"]
    calibration = networks.requests(model)
    right = networks.answers(model, calibration)
    np.testing.assert_array_equal(networks.answers(graph.model, calibration), right)


def test_constants_of_equal_bytes_but_other_shape_or_type_are_different() -> None:
    model = networks.network(
        [helper.make_node("Add", ["x", "a"], ["b"]), helper.make_node("Add", ["b", "c"], ["y"])],
        {"x": (networks.FLOAT, [2, 2])}, {"y": (networks.FLOAT, [2, 2])},
        {"a": np.zeros((2, 1), np.float32), "c": np.zeros((1, 2), np.float32)},
    )  # fmt: skip
    with pytest.raises(NotApplicable, match="no two constants are equal"):
        made(model, "deduplicate")


def test_compacting_shortens_inner_names_and_keeps_the_signature_and_the_authors_words() -> None:
    model = networks.convolution()
    helper.set_model_props(model, {"author": "somebody"})
    graph = made(model, "compact")
    assert (graph.inputs, graph.outputs) == (["x"], ["y"])
    assert max(len(name) for name in (*graph.initializers, *graph.producers)) == 1
    assert {entry.key: entry.value for entry in graph.model.metadata_props} == {"author": "somebody"}
