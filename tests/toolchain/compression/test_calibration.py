"""Activations and ranges on sample requests."""

from typing import get_args

import numpy as np
import pytest
from onnx import helper

from tests.toolchain.compression import networks
from toolchain.compression.calibration import Calibration, Method, Range, least_divergent
from toolchain.compression.errors import NotApplicable
from toolchain.compression.graph import Graph


def feeds(*rows: list[float]) -> Calibration:
    return Calibration([{"x": np.pad(np.array([row], np.float32), ((0, 0), (0, 32 - len(row))))} for row in rows])


def test_activations_come_request_by_request() -> None:
    model, calibration = networks.perceptron(), networks.requests(networks.perceptron(), 3)
    graph = Graph(model)
    got = list(calibration.activations(graph, ["hidden", "active"]))
    for feed, values in zip(calibration.feeds, got, strict=True):
        hidden = feed["x"] @ graph.array("w1").T + graph.array("b1")
        np.testing.assert_allclose(values["hidden"], hidden, atol=1e-5)
        np.testing.assert_array_equal(values["active"], np.maximum(values["hidden"], 0))


def test_the_range_by_min_and_max_spans_all_requests_and_zero() -> None:
    got = feeds([1, 2], [5, -3], [0.5]).ranges(Graph(networks.matmul()), ["x"])
    assert got == {"x": Range(-3, 5)}


def test_the_range_of_what_is_always_positive_begins_at_zero() -> None:
    calibration = Calibration([{"x": np.full((1, 32), 7, np.float32)}])
    assert calibration.ranges(Graph(networks.matmul()), ["x"]) == {"x": Range(0, 7)}


def test_the_range_by_percentile_leaves_an_outlier_out() -> None:
    values = np.random.default_rng(0).uniform(-1, 1, (500, 32)).astype(np.float32)
    values[0, 0] = 100
    got = Calibration([{"x": values}]).ranges(Graph(networks.matmul()), ["x"], "percentile", 99.9)["x"]
    assert got.low == pytest.approx(-1, abs=0.05)
    assert got.high == pytest.approx(1, abs=0.1)


def test_the_range_by_entropy_leaves_an_outlier_out() -> None:
    values = np.random.default_rng(0).normal(size=(2000, 32)).astype(np.float32)
    values[0, 0] = 100
    got = Calibration([{"x": values}]).ranges(Graph(networks.matmul()), ["x"], "entropy")["x"]
    assert 3 < got.high < 20


def test_entropy_keeps_all_of_an_even_histogram_and_cuts_a_long_tail() -> None:
    bell = (1e6 * np.exp(-0.5 * (np.arange(2048) / 60) ** 2)).astype(np.int64)
    bell[-1] = 1
    assert least_divergent(np.full(2048, 50)) == 2048
    assert 128 < least_divergent(bell) < 512


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_requests_that_are_not_finite_are_refused(bad: float) -> None:
    with pytest.raises(ValueError, match="calibration request 1 holds NaN or infinity in 'x'"):
        feeds([1], [bad])


def test_no_requests_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one request"):
        Calibration([])


def test_a_request_that_does_not_fit_is_not_applicable() -> None:
    calibration = Calibration([{"x": np.zeros((1, 5), np.float32)}])
    with pytest.raises(NotApplicable, match=r"a calibration request does not run: .*x"):
        calibration.outputs(Graph(networks.matmul()))


def test_what_is_computed_once_for_a_key_is_kept() -> None:
    calibration, calls = feeds([1]), []

    def compute() -> int:
        calls.append(1)
        return len(calls)

    assert [calibration.once((b"a", 1), compute) for _ in range(3)] == [1, 1, 1]
    assert calibration.once((b"a", 2), compute) == 2


@pytest.mark.parametrize("method", get_args(Method))
def test_a_tensor_that_is_infinite_has_no_range(method: Method) -> None:
    node = helper.make_node("Log", ["y"], ["z"], name="log")
    model = networks.matmul()
    model.graph.node.append(node)
    calibration = Calibration([{"x": np.zeros((1, 32), np.float32)}])
    with pytest.raises(NotApplicable, match="'z' holds NaN or infinity on a sample request: it has no range"):
        calibration.ranges(Graph(model), ["x", "z"], method)
