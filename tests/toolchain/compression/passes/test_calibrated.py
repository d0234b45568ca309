"""Passes that look at sample requests: static and mixed quantization, and the correction of biases."""

import numpy as np
import onnx
import pytest
from onnx import helper

from tests.toolchain.compression import networks
from toolchain.compression.calibration import Calibration
from toolchain.compression.errors import NotApplicable
from toolchain.compression.graph import Graph
from toolchain.compression.recipe import Outcome, apply, parse
from toolchain.compression.sensitivity import compare


def made(model: onnx.ModelProto, text: str) -> Outcome:
    outcome = apply(parse(text), model.SerializeToString(), networks.requests(model))
    onnx.checker.check_model(outcome.model)
    return outcome


def error(model: onnx.ModelProto, outcome: Outcome) -> float:
    calibration = networks.requests(model)
    return compare(calibration.outputs(Graph.of(outcome.model)), calibration.outputs(Graph(model)))[1]


@pytest.mark.parametrize("method", ["minmax", "entropy", "percentile"])
def test_static_quantization_answers_nearly_the_same(method: str) -> None:
    model = networks.convolution()
    outcome = made(model, f"static-int8(method={method})")
    assert outcome.notes == (f"static-int8: 3 operators with weights, 4 between them; ranges by {method}",)
    assert error(model, outcome) < 0.1


def test_static_weights_are_signed_per_channel_and_activations_unsigned() -> None:
    graph = Graph.of(made(networks.convolution(), "static-int8").model)
    conv = next(node for node in graph.nodes if node.op_type == "Conv")
    scales = [graph.producers[name] for name in conv.input]
    assert [node.op_type for node in scales] == ["DequantizeLinear"] * 3
    assert graph.array(scales[0].input[2]).dtype == np.uint8
    numbers, scale = graph.array(scales[1].input[0]), graph.array(scales[1].input[1])
    assert (str(numbers.dtype), scale.shape) == ("int8", (8,))
    weight = networks.drawn(8, 3, 3, 3, seed=1, scale=0.3)
    np.testing.assert_allclose(scale, np.abs(weight).max(axis=(1, 2, 3)) / 127, rtol=1e-2)
    assert (np.abs(numbers * scale[:, None, None, None] - weight) <= scale[:, None, None, None] * 0.501).all()


def test_a_static_activation_has_the_range_of_the_requests() -> None:
    model = networks.convolution()
    graph = Graph.of(made(model, "static-int8").model)
    found = networks.requests(model).ranges(Graph(model), ["x"])["x"]
    conv = next(node for node in graph.nodes if node.op_type == "Conv")
    scale = graph.array(graph.producers[conv.input[0]].input[1])
    assert float(scale) == pytest.approx((found.high - found.low) / 255, rel=1e-5)


def test_static_gemms_without_convolutions_leave_what_is_between_in_float() -> None:
    model = networks.perceptron()
    outcome = made(model, "static-int8")
    assert outcome.notes == ("static-int8: 2 operators with weights, 0 between them; ranges by minmax",)
    assert error(model, outcome) < 0.03


def test_static_quantization_takes_the_operators_that_are_named() -> None:
    outcome = made(networks.convolution(), 'static-int8(operators=["Gemm"], between=false)')
    graph = Graph.of(outcome.model)
    taken = {node.op_type for node in graph.nodes if graph.producers.get(node.input[0], node).op_type.startswith("De")}
    assert "Gemm" in taken
    assert "Conv" not in taken


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("static-int8 | static-int8", "it is quantized already"),
        ('static-int8(exclude=["nothing"])', "no node is called 'nothing'"),
        ('static-int8(operators=["MatMul"])', "no MatMul with constant float weights is left to quantize"),
        ("correct-bias", "no quantized layer that a bias could correct"),
        ("smooth-int8(keep=2)", "it has 1 linear layers, fewer than the 2 to keep"),
    ],
)
def test_what_cannot_be_done_says_why(text: str, reason: str) -> None:
    with pytest.raises(NotApplicable) as caught:
        made(networks.convolution(), text)
    assert caught.value.reason == reason


def test_a_graph_of_an_old_opset_is_left_alone() -> None:
    model = networks.perceptron()
    model.opset_import[0].version = 10
    for name, oldest in (("static-int8", 13), ("dynamic-int8", 11)):
        with pytest.raises(NotApplicable, match=f"it needs opset {oldest}, the graph is of 10"):
            apply(parse(name), model.SerializeToString(), networks.requests(model))


@pytest.mark.parametrize("network", [networks.convolution, networks.perceptron, networks.attention])
def test_corrected_biases_bring_the_output_nearer(network: object) -> None:
    model = network()  # type: ignore[operator]
    text = "static-int8" if network is networks.convolution else "weight-only(bits=4)"
    assert error(model, made(model, f"{text} | correct-bias")) < error(model, made(model, text))


def test_the_correction_takes_out_the_mean_error_of_each_channel() -> None:
    model = networks.matmul(networks.drawn(32, 8))
    calibration = Calibration([{"x": networks.drawn(50, 32, seed=9) + 2}])
    content = model.SerializeToString()
    plain = apply(parse("weight-only(bits=4, accuracy_level=0)"), content, calibration).model
    corrected = apply(parse("weight-only(bits=4, accuracy_level=0) | correct-bias"), content, calibration).model
    right = networks.answers(model, calibration)
    assert np.abs((networks.answers(plain, calibration) - right).mean(axis=0)).max() > 0.01
    np.testing.assert_allclose((networks.answers(corrected, calibration) - right).mean(axis=0), 0, atol=1e-5)


def test_merged_layers_are_corrected_together() -> None:
    model = networks.attention()
    outcome = made(model, "merge | weight-only(bits=4) | correct-bias")
    assert outcome.notes[-1].startswith("correct-bias: 2 of 2 biases corrected; relative error ")


def test_layers_that_lost_units_keep_their_biases_and_the_others_are_corrected() -> None:
    model = networks.perceptron()
    outcome = made(model, "prune-neurons(share=0.34) | weight-only(bits=4) | correct-bias")
    assert outcome.notes[-1].startswith("correct-bias: 1 of 2 biases corrected; relative error ")


def test_a_correction_that_does_not_help_is_left_out() -> None:
    model = networks.matmul()
    calibration = Calibration([{"x": np.zeros((2, 32), np.float32)}])
    with pytest.raises(NotApplicable, match=r"no correction brings the output nearer; its relative error stays 0"):
        apply(parse("dynamic-int8 | correct-bias"), model.SerializeToString(), calibration)


def test_the_most_sensitive_layers_are_quantized_by_blocks_and_the_others_smoothed() -> None:
    outcome = made(networks.attention(), "merge | smooth-int8(keep=1, block=16)")
    kinds = [node.op_type for node in Graph.of(outcome.model).nodes]
    assert kinds.count("MatMulNBits") == 1
    assert kinds.count("DynamicQuantizeMatMul") == 1
    assert outcome.notes[-1] == "smooth-int8: weights of 8 bits by blocks: q_merged"


def test_keeping_more_layers_brings_the_output_nearer() -> None:
    model = networks.attention()
    errors = [error(model, made(model, f"smooth-int8(keep={keep}, block=16)")) for keep in (0, 1, 2)]
    assert errors[0] > errors[1] > errors[2]


def test_a_layer_gains_most_where_an_outlier_spoils_the_one_scale_of_activations() -> None:
    model = networks.attention()
    table = next(tensor for tensor in model.graph.initializer if tensor.name == "table")
    values = np.frombuffer(table.raw_data, np.float32).copy().reshape(100, 32)
    values[::7] *= 50  # some rows of a request are far larger than the others: no factor for columns helps
    table.raw_data = values.tobytes()
    outcome = made(model, "merge | smooth-int8(keep=1, block=16)")
    assert outcome.notes[-1] == "smooth-int8: weights of 8 bits by blocks: q_merged"
    assert error(model, outcome) < error(model, made(model, "merge | smooth-int8"))


def test_a_split_along_another_axis_is_no_part_of_a_layer() -> None:
    model = networks.network(
        [
            helper.make_node("MatMul", ["x", "w"], ["p"], name="layer"),
            helper.make_node("Add", ["p", "b"], ["s"], name="bias"),
            helper.make_node("Split", ["s"], ["first", "second"], name="halves", axis=0, num_outputs=2),
            helper.make_node("Concat", ["second", "first"], ["y"], name="turned", axis=0),
        ],
        {"x": (networks.FLOAT, [4, 32])},
        {"y": (networks.FLOAT, [4, 8])},
        {"w": networks.drawn(32, 8), "b": networks.drawn(8, seed=1)},
    )
    outcome = made(model, "weight-only(bits=4) | correct-bias")
    assert outcome.notes[-1].startswith("correct-bias: 1 of 1 biases corrected; relative error ")
