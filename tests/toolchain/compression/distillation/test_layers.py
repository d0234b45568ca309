"""Layers: their gradients against differences, and their nodes in ONNX against what numpy gives."""

from collections.abc import Callable
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from toolchain.compression.calibration import load
from toolchain.compression.distillation import training
from toolchain.compression.distillation.heads import Kind
from toolchain.compression.distillation.layers import Convolution, Dense, Layer, Pool, Rectifier
from toolchain.compression.distillation.training import Adam, Course, Task
from toolchain.compression.errors import NotApplicable

STEP = 1e-7
RANDOM = np.random.default_rng(0)
NETWORKS: dict[str, tuple[tuple[int, ...], Callable[[], list[Layer]]]] = {
    "rows": ((5,), lambda: [Dense(RANDOM, (5,), 7), Rectifier(), Dense(RANDOM, (7,), 3)]),
    "pictures": ((6, 5, 2), lambda: [
        Convolution(RANDOM, 2, 4, 3, 1), Rectifier(), Pool(), Convolution(RANDOM, 4, 3, 3, 1), Rectifier(),
        Dense(RANDOM, (3, 2, 3), 3),
    ]),
    "pictures cut into squares": ((9, 8, 3), lambda: [
        Convolution(RANDOM, 3, 2, 1, 1), Convolution(RANDOM, 2, 4, 2, 2), Rectifier(), Dense(RANDOM, (4, 4, 4), 3)
    ]),
}  # fmt: skip


def wide(values: Any) -> Any:
    """Numbers of float64, which tell small changes; layers take them as they take float32."""
    return values.astype(np.float64)


@pytest.mark.parametrize("name", NETWORKS)
def test_gradients_are_what_small_changes_of_weights_do(name: str) -> None:
    shape, build = NETWORKS[name]
    layers = build()
    for layer in layers:
        layer.weights[:] = [wide(weight) for weight in layer.weights]
    x, wanted = wide(RANDOM.normal(size=(4, *shape))), wide(RANDOM.normal(size=(4, 3)))
    gradient = wanted
    training.run(layers, x)
    for index in range(len(layers) - 1, -1, -1):
        gradient = layers[index].backward(gradient, first=index == 0)
    for layer in layers:
        for weight, found in zip(layer.weights, layer.gradients, strict=True):
            direction = RANDOM.normal(size=weight.shape)
            sums = []
            for step in (STEP, -STEP):
                weight += step * direction
                sums.append(float((training.run(layers, x) * wanted).sum()))
                weight -= step * direction
            assert (sums[0] - sums[1]) / (2 * STEP) == pytest.approx(float((found * direction).sum()), rel=1e-4)


@pytest.mark.parametrize("name", NETWORKS)
def test_the_graph_gives_what_the_layers_give(name: str) -> None:
    shape, build = NETWORKS[name]
    layers = build()
    x = RANDOM.normal(size=(4, *shape)).astype(np.float32)
    fed = x if x.ndim == 2 else np.ascontiguousarray(x.transpose(0, 3, 1, 2))
    written = [layer.written(f"t{index}", f"t{index + 1}") for index, layer in enumerate(layers)]
    graph = helper.make_graph(
        [node for part in written for node in part.nodes],
        "layers",
        [helper.make_tensor_value_info("t0", TensorProto.FLOAT, ["n", *fed.shape[1:]])],
        [helper.make_tensor_value_info(f"t{len(layers)}", TensorProto.FLOAT, ["n", 3])],
        [numpy_helper.from_array(value, key) for part in written for key, value in part.weights.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)
    onnx.checker.check_model(model, full_check=True)
    np.testing.assert_allclose(load(model).run(None, {"t0": fed})[0], training.run(layers, x), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("kind", ["probabilities", "chances", "values"])
def test_losses_have_the_gradients_that_they_tell(kind: Kind) -> None:
    scores, right = RANDOM.normal(size=(2, 1, 3)).astype(np.float32)
    if kind != "values":
        right = np.exp(right) / np.exp(right).sum()
    task = Task(kind, slice(0, 3), right)
    loss, gradient = training.compared(task, scores, right, 2.0)
    for column in range(3):
        moved = scores.copy()
        moved[0, column] += 1e-2
        slope = (training.compared(task, moved, right, 2.0)[0] - loss) / 1e-2
        assert slope == pytest.approx(float(gradient[0, column]), abs=0.02)


def test_answers_are_softened_by_the_temperature() -> None:
    given = np.array([[0.9, 0.1], [1.0, 0.0]], np.float32)
    warm = training.softened("probabilities", given, 2.0)
    np.testing.assert_allclose(warm[0], [0.75, 0.25], rtol=1e-5)  # square roots of 9 to 1
    assert 0 < warm[1, 1] < 0.002
    np.testing.assert_allclose(training.softened("chances", given[:, :1], 2.0)[0], [0.75], rtol=1e-5)
    np.testing.assert_allclose(training.softened("probabilities", given[:1], 1.0), given[:1], rtol=1e-5)


def test_the_first_step_of_adam_is_as_long_as_the_rate_says() -> None:
    weight = np.zeros(3, np.float32)
    Adam([weight]).step([np.array([0.1, -20.0, 3.0], np.float32)], 0.5)
    np.testing.assert_allclose(weight, [-0.5, 0.5, -0.5], rtol=1e-5)


def test_a_line_is_learnt() -> None:
    layers: list[Layer] = [Dense(np.random.default_rng(0), (2,), 1)]
    x = RANDOM.normal(size=(400, 2)).astype(np.float32)
    right = x @ np.array([[1.0], [-2.0]], np.float32) + np.float32(0.5)
    loss = training.train(
        layers, x, [Task("values", slice(0, 1), right)], Course(150, 16, 1.0), np.random.default_rng(0)
    )
    assert loss < 1e-4
    np.testing.assert_allclose(layers[0].weights[0].ravel(), [1.0, -2.0], atol=0.01)


def test_weights_beyond_all_bounds_are_refused() -> None:
    layers: list[Layer] = [Dense(np.random.default_rng(0), (1,), 1)]
    x = np.full((4, 1), np.inf, np.float32)
    task = Task("values", slice(0, 1), np.zeros((4, 1), np.float32))
    with np.errstate(all="ignore"), pytest.raises(NotApplicable, match="training did not converge"):
        training.train(layers, x, [task], Course(1, 4, 1.0), np.random.default_rng(0))
