"""The population stability index: what it is, what chance makes of it, and what is left of that."""

import numpy as np
import pytest
from numpy.random import default_rng

from functions.core.drift.psi import beyond_chance, index
from functions.core.tensors import Array

BINS = 10
STARTS = np.zeros(1, np.int64)


def stream(shares: Array, rows: int, seed: int) -> Array:
    return np.asarray(default_rng(seed).multinomial(rows, shares))


def corrected(reference: Array, observed: Array) -> float:
    found = index(reference, observed, STARTS)
    totals = (np.array([counts.sum()]) for counts in (reference, observed))
    return float(beyond_chance(found, np.array([len(reference)]), *totals)[0])


def test_it_is_the_sum_over_the_bins_of_the_difference_times_the_logarithm_of_the_ratio() -> None:
    found = index(np.array([5000, 5000, 2000, 8000]), np.array([8000, 2000, 2000, 8000]), np.array([0, 2]))
    expected = (0.5 - 0.8) * np.log(0.5 / 0.8) + (0.5 - 0.2) * np.log(0.5 / 0.2)
    assert found == pytest.approx([expected, 0], abs=1e-3)


@pytest.mark.parametrize(("n_ref", "n"), [(500, 200), (2000, 200), (2000, 1000)])
def test_without_drift_it_is_on_average_what_the_literature_says(n_ref: int, n: int) -> None:
    flat = np.full(BINS, 1 / BINS)
    found = [
        float(index(stream(flat, n_ref, 2 * seed), stream(flat, n, 2 * seed + 1), STARTS)[0]) for seed in range(400)
    ]
    assert np.mean(found) == pytest.approx((BINS - 1) * (1 / n_ref + 1 / n), rel=0.12)


@pytest.mark.parametrize(
    ("bins", "n_ref", "n"), [(10, 2000, 200), (10, 190, 200), (10, 2000, 50), (4, 45, 200), (3, 45, 50)]
)
def test_a_stable_stream_stays_below_the_threshold_however_few_rows_there_are(bins: int, n_ref: int, n: int) -> None:
    flat = np.full(bins, 1 / bins)
    found = [corrected(stream(flat, n_ref, 2 * seed), stream(flat, n, 2 * seed + 1)) for seed in range(2000)]
    assert max(found) < 0.2


@pytest.mark.parametrize(("n_ref", "n"), [(2000, 200), (190, 200), (45, 200), (2000, 50)])
def test_a_shift_by_two_standard_deviations_is_seen_in_every_sketch(n_ref: int, n: int) -> None:
    bins = min(BINS, n_ref // 10)
    for seed in range(100):
        rng = default_rng(seed)
        known, came = rng.normal(0, 1, n_ref), rng.normal(2, 1, n)
        edges = np.quantile(known, np.arange(1, bins) / bins)
        reference, observed = (np.bincount(np.searchsorted(edges, each), minlength=bins) for each in (known, came))
        assert corrected(reference, observed) > 0.2


def test_no_rows_are_no_drift() -> None:
    assert corrected(np.array([50, 50]), np.array([0, 0])) == 0
    assert corrected(np.array([50]), np.array([100])) == 0
