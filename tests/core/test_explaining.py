"""Attributions: exact where they can be, honest about their error where they are sampled."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from functions.core.errors import InvalidInput
from functions.core.explaining.attribution import Question
from functions.core.explaining.explanation import Options, explain
from functions.core.explaining.occlusion import occlusion
from functions.core.explaining.shapley import shapley
from functions.core.predictor import Predictor
from functions.core.settings import Settings
from functions.core.tensors import Array
from functions.packaging.build import build
from tests.core import graphs

ROW = np.array([1.0, 2.0, 3.0])
BASELINE = np.array([0.5, 0.0, -1.0])


def asked(score: Callable[[Array], Array], row: Array = ROW, baseline: Array = BASELINE) -> Question:
    """The question of a score: what is not kept of the row is as in the baseline."""
    return lambda kept: score(np.where(kept, row, baseline))


def linear(rows: Array) -> Array:
    return np.asarray(rows @ np.arange(1.0, rows.shape[1] + 1))


def product(rows: Array) -> Array:
    return np.asarray(np.prod(rows, axis=1) + rows[:, 0])


def test_a_linear_score_is_attributed_exactly() -> None:
    found = shapley(asked(linear), 3, budget=8, seed=0)
    np.testing.assert_allclose(found.values, [0.5, 4.0, 12.0])
    assert (found.error, found.runs) == (0.0, 8)


@pytest.mark.parametrize("budget", [8, 7], ids=["exact", "sampled"])
def test_values_add_up_to_what_the_row_moved_the_score(budget: int) -> None:
    found = shapley(asked(product), 3, budget=budget, seed=1)
    assert found.values.sum() == pytest.approx(found.score - found.baseline)
    assert found.score == product(ROW[None])[0]
    assert found.baseline == product(BASELINE[None])[0]


def test_a_feature_that_changes_nothing_gets_nothing_and_equal_ones_get_the_same() -> None:
    ask = asked(lambda rows: np.asarray(rows[:, 0] * rows[:, 1]), np.array([2.0, 2.0, 9.0]), np.zeros(3))
    np.testing.assert_allclose(shapley(ask, 3, 8, 0).values, [2.0, 2.0, 0.0])


def test_sampling_comes_as_close_as_it_says_and_repeats_with_its_seed() -> None:
    random = np.random.default_rng(0)
    weights = random.normal(size=(12, 12))

    def interacting(rows: Array) -> Array:
        return np.asarray(np.einsum("ni,ij,nj->n", rows, weights, rows) + np.sin(rows).sum(axis=1) * rows[:, 0])

    ask = asked(interacting, random.normal(size=12), random.normal(size=12))
    exact = shapley(ask, 12, budget=4096, seed=0)
    assert (exact.error, exact.runs) == (0.0, 4096)
    misses = 0
    for seed in range(20):
        sampled = shapley(ask, 12, budget=1000, seed=seed)
        assert sampled.runs <= 1000
        assert sampled.values.sum() == pytest.approx(sampled.score - sampled.baseline)
        misses += int((np.abs(sampled.values - exact.values) > sampled.error + 1e-9).sum())
    assert misses <= 0.05 * 20 * 12
    again = shapley(ask, 12, budget=1000, seed=3)
    np.testing.assert_array_equal(again.values, shapley(ask, 12, budget=1000, seed=3).values)


def test_leaving_out_what_matters_costs_the_score() -> None:
    found = occlusion(asked(lambda rows: np.asarray(rows[:, 1] * 4 + rows[:, 2])), 3)
    np.testing.assert_allclose(found.values, [0.0, 8.0, 4.0])
    assert (found.baseline, found.score, found.runs, found.error) == (-1.0, 11.0, 5, 0.0)


def rows_model(folder: Path, nodes: list[onnx.NodeProto], inputs: Mapping[str, Any], shape: list[Any]) -> Predictor:
    graph = graphs.model(nodes, inputs, {"y": (TensorProto.FLOAT, shape)})
    return Predictor(build(graphs.source(folder, "rows", graph), folder / "packages"), Settings())


def test_a_model_without_declared_processing_is_explained_by_its_elements(tmp_path: Path) -> None:
    nodes = [helper.make_node("ReduceSum", ["x", "axes"], ["y"], keepdims=0)]
    constant = helper.make_tensor("axes", TensorProto.INT64, [1], [1])
    nodes.insert(0, helper.make_node("Constant", [], ["axes"], value=constant))
    predictor = rows_model(tmp_path, nodes, {"x": (TensorProto.FLOAT, ["n", 2, 2])}, ["n", 2])
    (found,) = explain(predictor, [[[1, 2], [3, 5]]], Options(), "instances")
    assert found == {
        "target": "1",
        "method": "shapley",
        "attributions": [[0.0, 2.0], [0.0, 5.0]],
        "baseline": 0.0,
        "score": 7.0,
        "error": 0.0,
        "runs": 16,
    }
    (other,) = explain(predictor, [[[1, 2], [3, 5]]], Options(target="0"), "instances")
    assert other["attributions"] == [[1.0, 0.0], [3.0, 0.0]]


def test_several_inputs_are_explained_by_name_and_many_elements_together(tmp_path: Path) -> None:
    axes = helper.make_tensor("axes", TensorProto.INT64, [1], [1])
    nodes = [
        helper.make_node("Constant", [], ["axes"], value=axes),
        helper.make_node("ReduceSum", ["long", "axes"], ["total"], keepdims=1),
        helper.make_node("Sub", ["total", "short"], ["y"]),
    ]
    inputs = {"long": (TensorProto.FLOAT, ["n", 63]), "short": (TensorProto.FLOAT, ["n", 1])}
    predictor = rows_model(tmp_path, nodes, inputs, ["n", 1])
    (found,) = explain(predictor, [{"long": [1.0] * 63, "short": [2.0]}], Options(budget=18), "instances")
    assert found["runs"] <= 18
    values = found["attributions"]
    # Eight parts of eight elements each: the last holds seven of one input and the one of the other.
    assert values["long"][:56] == [1.0] * 56
    assert values["long"][56:] + values["short"] == pytest.approx([(7 - 2) / 8] * 8)


def test_a_model_of_strings_has_nothing_to_attribute_to(tmp_path: Path) -> None:
    nodes = [helper.make_node("StringNormalizer", ["x"], ["y"])]
    graph = graphs.model(nodes, {"x": (TensorProto.STRING, ["n"])}, {"y": (TensorProto.STRING, ["n"])})
    predictor = Predictor(build(graphs.source(tmp_path, "words", graph), tmp_path / "packages"), Settings())
    with pytest.raises(InvalidInput, match="a model"):
        explain(predictor, ["a"], Options(), "instances")
