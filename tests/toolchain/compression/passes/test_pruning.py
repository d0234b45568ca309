"""Passes that take out trees and hidden units."""

import numpy as np
import onnx
import pytest
from onnx import helper

from tests.toolchain.compression import networks
from tests.toolchain.compression.trees import forests
from toolchain.compression.calibration import Calibration
from toolchain.compression.errors import NotApplicable
from toolchain.compression.graph import Graph
from toolchain.compression.neurons.sites import sites
from toolchain.compression.neurons.surgeon import Moments, cut
from toolchain.compression.recipe import Outcome, apply, parse
from toolchain.compression.sensitivity import compare


def error(model: onnx.ModelProto, outcome: Outcome, requests: Calibration) -> float:
    return compare(requests.outputs(Graph.of(outcome.model)), requests.outputs(Graph(model)))[1]


def additive(trees: int = 60) -> onnx.ModelProto:
    """Trees of which each adds less than the one before, as boosting makes them."""
    model = forests.regressor(trees, 3)
    entry = next(entry for entry in model.graph.node[0].attribute if entry.name == "target_weights")
    entry.floats[:] = [value * 0.9 ** (index // 8) for index, value in enumerate(entry.floats)]
    return model


def test_more_leaves_joined_are_fewer_bytes_and_a_larger_error() -> None:
    model, requests = additive(), forests.requests()
    made = [
        apply(parse(f"prune-trees(share={share})"), model.SerializeToString(), requests) for share in (0.2, 0.5, 0.8)
    ]
    sizes = [len(outcome.model) for outcome in made]
    errors = [error(model, outcome, forests.requests(seed=8)) for outcome in made]
    assert sizes == sorted(sizes, reverse=True)
    assert errors == sorted(errors)
    assert errors[1] < 0.1
    assert made[1].notes[0].startswith("prune-trees: 60 trees with ")


def test_fitting_what_is_left_brings_it_nearer_on_other_requests_too() -> None:
    model, requests = additive(), forests.requests()
    plain, fitted = (
        error(model, apply(parse(f"prune-trees(share=0.6, rounds={rounds})"), model.SerializeToString(), requests),
              forests.requests(seed=8))
        for rounds in (0, 10)
    )  # fmt: skip
    assert fitted < 0.8 * plain


def test_leaves_that_say_the_same_are_joined_at_no_cost() -> None:
    model = forests.regressor(4, 3)
    entry = next(entry for entry in model.graph.node[0].attribute if entry.name == "target_weights")
    entry.floats[:] = [float(index // 2) for index in range(len(entry.floats))]
    requests = forests.requests()
    outcome = apply(parse("prune-trees(share=0.01)"), model.SerializeToString(), requests)
    assert outcome.notes[0].endswith("with 16 leaves became 4 with 16")
    assert error(model, outcome, requests) < 1e-6


def test_one_row_of_requests_prunes_no_trees() -> None:
    requests = Calibration([{"x": np.zeros((1, 4), np.float32)}])
    with pytest.raises(NotApplicable, match="one row of sample requests tells no leaves apart"):
        apply(parse("prune-trees"), forests.regressor().SerializeToString(), requests)


def perceptron(*, redundant: bool) -> onnx.ModelProto:
    """32 -> 48 -> 4 with a Relu between; `redundant`: of the 48 units, every second one is twice the one before."""
    w1, b1 = networks.drawn(32, 48, seed=1), networks.drawn(48, seed=2)
    if redundant:
        w1[:, 1::2], b1[1::2] = 2 * w1[:, ::2], 2 * b1[::2]
    weights = {"w1": w1, "b1": b1, "w2": networks.drawn(48, 4, seed=3), "b2": networks.drawn(4, seed=4)}
    nodes = [
        helper.make_node("MatMul", ["x", "w1"], ["p"], name="first"),
        helper.make_node("Add", ["p", "b1"], ["hidden"], name="bias"),
        helper.make_node("Relu", ["hidden"], ["active"], name="relu"),
        helper.make_node("MatMul", ["active", "w2"], ["q"], name="last"),
        helper.make_node("Add", ["b2", "q"], ["y"], name="last_bias"),
    ]
    inputs, outputs = {"x": (networks.FLOAT, ["n", 32])}, {"y": (networks.FLOAT, ["n", 4])}
    return networks.network(nodes, inputs, outputs, weights)


def test_units_that_others_can_speak_for_are_taken_out_with_hardly_a_loss() -> None:
    model = perceptron(redundant=True)
    requests = networks.requests(model, 64)
    outcome = apply(parse("prune-neurons(share=0.5)"), model.SerializeToString(), requests)
    graph = Graph.of(outcome.model)
    shapes = sorted(tuple(tensor.dims) for tensor in graph.initializers.values())
    assert shapes == [(4,), (24,), (24, 4), (32, 24)]
    assert error(model, outcome, networks.requests(model)) < 0.05
    assert outcome.notes[0].startswith(
        "prune-neurons: 24 of 48 units taken out in 1 layers; largest relative error 0.0"
    )


@pytest.mark.parametrize("transposed", [0, 1])
def test_gemms_lose_units_in_either_layout(transposed: int) -> None:
    model = networks.perceptron(transposed)
    outcome = apply(parse("prune-neurons(share=0.34)"), model.SerializeToString(), networks.requests(model, 64))
    graph = Graph.of(outcome.model)
    first, last = (tuple(graph.array(node.input[1]).shape) for node in graph.nodes if node.op_type == "Gemm")
    assert (first, last) == (((32, 32), (4, 32)) if transposed else ((32, 32), (32, 4)))
    assert error(model, outcome, networks.requests(model)) < 0.35


def test_channels_of_convolutions_are_taken_out_up_to_the_classifier() -> None:
    model = networks.convolution()
    requests = networks.requests(model, 40)
    outcome = apply(parse("prune-neurons(share=0.5, multiple=4)"), model.SerializeToString(), requests)
    graph = Graph.of(outcome.model)
    shapes = [tuple(graph.array(node.input[1]).shape) for node in graph.nodes if node.op_type in ("Conv", "Gemm")]
    assert shapes == [(4, 3, 3, 3), (8, 4, 3, 3), (4, 8)]
    assert error(model, outcome, networks.requests(model)) < 0.4


def test_the_function_of_a_unit_may_be_written_out_in_several_nodes() -> None:
    model = perceptron(redundant=True)
    nodes = [
        helper.make_node("Mul", ["hidden", "half"], ["h1"], name="halved"),
        helper.make_node("Erf", ["h1"], ["h2"], name="erf"),
        helper.make_node("Mul", ["hidden", "h2"], ["active"], name="gate"),
    ]
    del model.graph.node[2]
    for at, node in enumerate(nodes):
        model.graph.node.insert(2 + at, node)
    model.graph.initializer.append(onnx.numpy_helper.from_array(np.array(0.5, np.float32), "half"))
    (site,) = sites(Graph(model))
    assert (site.before, site.after, site.units, site.block, site.x) == ("first", "last", 48, 1, "active")


def test_units_that_something_else_takes_stay() -> None:
    for extra in ("hidden", "active"):
        model = perceptron(redundant=False)
        model.graph.node.append(helper.make_node("Softmax", [extra], ["z"], name="other"))
        model.graph.output.append(helper.make_tensor_value_info("z", networks.FLOAT, ["n", 48]))
        with pytest.raises(NotApplicable, match="no layer whose outputs are taken by one other layer only"):
            apply(parse("prune-neurons"), model.SerializeToString(), networks.requests(model))


def test_a_share_too_small_for_any_layer_is_said() -> None:
    model = networks.perceptron()
    with pytest.raises(NotApplicable, match=r"no layer has so many units that a share of 0.05 could go"):
        apply(parse("prune-neurons(share=0.05)"), model.SerializeToString(), networks.requests(model))


@pytest.mark.parametrize("block", [1, 3])
def test_the_cut_loses_what_least_squares_loses(block: int) -> None:
    random = np.random.default_rng(0)
    x = (random.normal(size=(500, 12)) @ random.normal(size=(12, 12))).astype(np.float32)
    weight = random.normal(size=(12, 5)).astype(np.float32)
    moments = Moments(12)
    moments.add(x)
    made = cut(moments.squares(centred=False), weight, block, 2)
    columns = np.flatnonzero(np.isin(np.arange(12) // block, made.kept))
    assert len(columns) == 12 - 2 * block
    best = np.linalg.lstsq(x[:, columns], x @ weight, rcond=None)[0]
    right = np.linalg.norm(x @ weight)
    lost = np.linalg.norm(x[:, columns] @ made.weight - x @ weight) / right
    assert lost < 1.05 * np.linalg.norm(x[:, columns] @ best - x @ weight) / right + 0.02
    assert np.sqrt(made.error) == pytest.approx(lost, rel=0.3, abs=0.02)


def test_a_matrix_along_the_width_of_pictures_takes_no_channels() -> None:
    model = networks.network(
        [
            helper.make_node("Conv", ["x", "k"], ["c"], name="conv", pads=[1, 1, 1, 1]),
            helper.make_node("MatMul", ["c", "w"], ["y"], name="across"),
        ],
        {"x": (networks.FLOAT, ["n", 3, 8, 8])},
        {"y": (networks.FLOAT, ["n", 8, 8, 4])},
        {"k": networks.drawn(8, 3, 3, 3), "w": networks.drawn(8, 4)},
    )
    assert sites(Graph(model)) == []


def test_a_convolution_whose_bias_is_computed_keeps_its_channels() -> None:
    model = networks.convolution()
    model.graph.node.insert(0, helper.make_node("Neg", ["c1"], ["turned"], name="turn"))
    model.graph.node[1].input[2] = "turned"
    assert [site.before for site in sites(Graph(model))] == ["conv2"]


@pytest.mark.parametrize("opset", [17, 18])
def test_channels_go_through_a_mean_over_pictures_in_either_form(opset: int) -> None:
    model = networks.convolution()
    mean = next(node for node in model.graph.node if node.name == "mean")
    mean.op_type = "ReduceMean"
    if opset == 17:
        mean.attribute.append(helper.make_attribute("axes", [2, 3]))
    else:
        mean.input.append("axes")
        model.graph.initializer.append(onnx.numpy_helper.from_array(np.array([2, 3]), "axes"))
    model.opset_import[0].version = opset
    assert [site.before for site in sites(Graph(model))] == ["conv1", "conv2"]


def test_a_mean_over_everything_takes_no_channels() -> None:
    model = networks.convolution()
    mean = next(node for node in model.graph.node if node.name == "mean")
    mean.op_type = "ReduceMean"
    mean.input.append("")
    assert [site.before for site in sites(Graph(model))] == ["conv1"]
