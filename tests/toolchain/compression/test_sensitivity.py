"""What each layer's quantization alone does to the output."""

import numpy as np
import pytest
from onnx import helper

from tests.toolchain.compression import networks
from toolchain.compression.errors import NotApplicable
from toolchain.compression.graph import Graph
from toolchain.compression.layers import linears
from toolchain.compression.sensitivity import compare, measure


def test_every_layer_is_measured_alone_the_worst_first() -> None:
    model = networks.attention()
    effects = measure(Graph(model), networks.requests(model))
    assert {(effect.layer, effect.operator, effect.shape) for effect in effects} == {
        ("embed", "Gather", (100, 32)),
        ("q", "MatMul", (32, 16)),
        ("k", "MatMul", (32, 16)),
        ("v", "MatMul", (32, 16)),
        ("down", "MatMul", (16, 8)),
    }
    assert [effect.error for effect in effects] == sorted((effect.error for effect in effects), reverse=True)
    assert all(0 < effect.error < 0.05 and 0.99 < effect.cosine < 1 for effect in effects)


def test_a_layer_whose_scales_serve_an_outlier_is_the_most_sensitive() -> None:
    model = networks.perceptron()
    calibration = networks.requests(model)
    for feed in calibration.feeds:
        feed["x"][:, 0] = 0
    weight = next(tensor for tensor in model.graph.initializer if tensor.name == "w1")
    values = np.frombuffer(weight.raw_data, np.float32).copy().reshape(48, 32)
    values[:, 0] *= 200
    weight.raw_data = values.tobytes()
    assert measure(Graph(model), calibration)[0].layer == "first"


def test_the_effect_is_that_of_the_quantization_asked_for() -> None:
    model = networks.perceptron()

    def nothing(graph: Graph, name: str) -> None:
        assert name in {layer.name for layer in linears(graph)}

    effects = measure(Graph(model), networks.requests(model), nothing, ["last", "first"])
    assert [(effect.layer, effect.error) for effect in effects] == [("first", 0), ("last", 0)]
    np.testing.assert_allclose([effect.cosine for effect in effects], 1, atol=1e-12)


def test_convolutions_are_measured_and_progress_is_told() -> None:
    told: list[tuple[int, int]] = []
    model = networks.convolution()
    effects = measure(Graph(model), networks.requests(model), progress=lambda done, of: told.append((done, of)))
    assert {effect.operator for effect in effects} == {"Conv", "Gemm"}
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_measuring_leaves_the_graph_as_it_was() -> None:
    graph = Graph(networks.convolution())
    before = graph.bytes()
    measure(graph, networks.requests(networks.convolution(), 2))
    assert graph.bytes() == before


def test_a_graph_without_layers_cannot_be_measured() -> None:
    model = networks.trees()
    with pytest.raises(NotApplicable, match="no layer with constant float weights"):
        measure(Graph(model), networks.requests(model))


def test_the_same_infinities_are_no_error_and_what_is_not_a_number_is_nan() -> None:
    right = [np.array([[3.0, -np.inf, 4.0]], np.float32)]
    assert compare([np.array([[3.0, -np.inf, 4.0]], np.float32)], right) == (1, 0)
    assert compare([np.array([[0.0, -np.inf, 4.0]], np.float32)], right) == pytest.approx((0.8, 0.6))
    for bad in (np.nan, np.inf):
        assert np.isnan(compare([np.array([[bad, -np.inf, 4.0]], np.float32)], right)).all()


def test_rows_of_zeros_are_alike_only_when_both_are() -> None:
    zeros, ones = np.zeros((1, 2), np.float32), np.ones((1, 2), np.float32)
    assert compare([zeros], [zeros]) == (1, 0)
    assert compare([ones], [zeros]) == (0, 1)


def test_no_answers_at_all_are_alike() -> None:
    assert compare([np.zeros((0, 2), np.float32)], [np.zeros((0, 2), np.float32)]) == (1, 0)


def test_answers_of_another_shape_are_as_far_off_as_can_be() -> None:
    assert np.isnan(compare([np.zeros((3, 2), np.float32)], [np.zeros((4, 2), np.float32)])).all()


def test_a_layer_that_changes_how_many_answers_there_are_is_the_most_sensitive() -> None:
    model = networks.network(
        [
            helper.make_node("MatMul", ["x", "w"], ["p"], name="layer"),
            helper.make_node("Reshape", ["p", "all"], ["flat"]),
            helper.make_node("Greater", ["flat", "zero"], ["positive"]),
            helper.make_node("Compress", ["flat", "positive"], ["y"], axis=0),
        ],
        {"x": (networks.FLOAT, ["n", 32])},
        {"y": (networks.FLOAT, ["k"])},
        {"w": networks.drawn(32, 8), "all": np.array([-1]), "zero": np.array(0, np.float32)},
    )

    def negative(graph: Graph, _name: str) -> None:
        graph.set_initializer("w", np.zeros((32, 8), np.float32))

    (effect,) = measure(Graph(model), networks.requests(model), negative)
    assert np.isnan(effect.error)
