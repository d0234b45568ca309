"""The share of cold starts in steady traffic: as the simulation finds it, and as reason expects it."""

import math

import pytest

from toolchain.planning import traces
from toolchain.planning.coldness import AGE_SECONDS, enough, spilled, steady
from toolchain.planning.environments import Rules
from toolchain.planning.simulation import Times, simulate


@pytest.mark.parametrize(
    ("rps", "seconds", "requests"),
    [(0.0005, 0.02, 40_000), (0.003, 0.02, 40_000), (0.05, 2.0, 60_000), (1, 0.02, 300_000), (10, 0.2, 300_000)],
)
def test_the_formula_agrees_with_the_simulation(rps: float, seconds: float, requests: int) -> None:
    trace = traces.poisson(rps, requests / rps, seed=1)
    outcome = simulate(trace.arrivals, Times((seconds,), 0.0), seed=1)
    expected = steady(rps, seconds)
    colds = expected.cold * outcome.requests
    assert outcome.cold == pytest.approx(colds, abs=max(4 * math.sqrt(colds), 0.15 * colds))
    assert outcome.environment_seconds / outcome.seconds == pytest.approx(expected.environments, rel=0.08)


def test_environments_kept_ready_leave_the_others_to_be_cold_more_seldom() -> None:
    trace = traces.poisson(20, 20_000, seed=2)
    outcome = simulate(trace.arrivals, Times((0.2,), 0.0), Rules(kept=6), seed=2)
    expected = steady(20, 0.2, kept=6)
    assert outcome.cold / outcome.requests == pytest.approx(expected.cold, rel=0.4)
    assert expected.cold < steady(20, 0.2).cold
    assert 1 - outcome.ready / outcome.requests == pytest.approx(spilled(4, 6), rel=0.05)


def test_a_request_a_day_is_always_cold_and_busy_traffic_hardly_ever() -> None:
    assert steady(1 / 86_400, 0.02).cold == pytest.approx(1, abs=0.01)
    assert steady(1000, 0.02).cold < 1e-4


def test_the_largest_traffic_takes_no_longer_than_the_smallest() -> None:
    found = steady(1_000_000, 2.0)
    assert found.environments == pytest.approx(2_000_000, rel=0.01)
    assert found.cold < 1e-3


def test_without_idle_or_old_age_nothing_goes_cold() -> None:
    assert steady(1, 0.02, idle=(1e9, 1e9), age=1e12).cold < 1e-9


def test_an_environment_that_is_never_idle_is_still_replaced_when_it_is_old() -> None:
    found = steady(1, 1e-7, idle=(600, 600))
    assert found.cold == pytest.approx(found.environments / AGE_SECONDS, rel=0.02)


@pytest.mark.parametrize("busy", [0.01, 1.0, 50.0, 4000.0])
def test_enough_environments_are_just_enough(busy: float) -> None:
    count = enough(busy)
    assert spilled(busy, count) <= 0.001 < spilled(busy, count - 1)


def test_erlang_by_hand() -> None:
    # Two servers, an offered load of 1: (1/2) / (1 + 1 + 1/2).
    assert spilled(1, 2) == pytest.approx(0.2)
