"""Attributions: exact where they can be, honest about their error where they are sampled."""

import numpy as np
import pytest

from functions.core.explaining.occlusion import occlusion
from functions.core.explaining.shapley import shapley
from functions.core.tensors import Array

ROW = np.array([1.0, 2.0, 3.0])
BASELINE = np.array([0.5, 0.0, -1.0])


def linear(rows: Array) -> Array:
    return np.asarray(rows @ np.arange(1.0, rows.shape[1] + 1))


def product(rows: Array) -> Array:
    return np.asarray(np.prod(rows, axis=1) + rows[:, 0])


def test_a_linear_score_is_attributed_exactly() -> None:
    found = shapley(linear, ROW, BASELINE, budget=8, seed=0)
    np.testing.assert_allclose(found.values, [0.5, 4.0, 12.0])
    assert (found.error, found.runs) == (0.0, 8)


def test_values_add_up_to_what_the_row_moved_the_score() -> None:
    for budget in (8, 7):  # exact, sampled
        found = shapley(product, ROW, BASELINE, budget=max(budget, 8 if budget == 8 else 7), seed=1)
        assert found.values.sum() == pytest.approx(found.score - found.baseline)
        assert found.score == product(ROW[None])[0]
        assert found.baseline == product(BASELINE[None])[0]


def test_a_feature_that_changes_nothing_gets_nothing_and_equal_ones_get_the_same() -> None:
    found = shapley(lambda rows: np.asarray(rows[:, 0] * rows[:, 1]), np.array([2.0, 2.0, 9.0]), np.zeros(3), 8, 0)
    np.testing.assert_allclose(found.values, [2.0, 2.0, 0.0])


def test_sampling_comes_as_close_as_it_says_and_repeats_with_its_seed() -> None:
    random = np.random.default_rng(0)
    weights = random.normal(size=(12, 12))

    def interacting(rows: Array) -> Array:
        return np.asarray(np.einsum("ni,ij,nj->n", rows, weights, rows) + np.sin(rows).sum(axis=1) * rows[:, 0])

    row, baseline = random.normal(size=12), random.normal(size=12)
    exact = shapley(interacting, row, baseline, budget=4096, seed=0)
    assert (exact.error, exact.runs) == (0.0, 4096)
    misses = 0
    for seed in range(20):
        sampled = shapley(interacting, row, baseline, budget=1000, seed=seed)
        assert sampled.runs <= 1000
        assert sampled.values.sum() == pytest.approx(sampled.score - sampled.baseline)
        misses += int((np.abs(sampled.values - exact.values) > sampled.error + 1e-9).sum())
    assert misses <= 0.05 * 20 * 12
    again = shapley(interacting, row, baseline, budget=1000, seed=3)
    np.testing.assert_array_equal(again.values, shapley(interacting, row, baseline, budget=1000, seed=3).values)


def test_covering_what_matters_costs_the_score() -> None:
    picture = np.zeros((1, 8, 8))
    picture[0, 2, 5] = 8.0
    found = occlusion(lambda pictures: np.asarray(pictures[:, 0, 2, 5]), picture, budget=66)
    assert found.values.shape == (8, 8)
    assert int(found.values.argmax()) == 2 * 8 + 5
    assert np.count_nonzero(found.values) == 1
    assert (found.runs, found.error) == (66, 0.0)


def test_a_small_budget_makes_a_coarse_grid() -> None:
    asked: list[int] = []

    def ask(pictures: Array) -> Array:
        asked.append(len(pictures))
        return np.asarray(pictures.mean(axis=(1, 2, 3)))

    found = occlusion(ask, np.random.default_rng(0).normal(size=(3, 50, 70)), budget=27)
    assert found.values.shape == (5, 5)
    assert sum(asked) == found.runs <= 27
