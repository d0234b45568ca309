"""Lambda's environments in simulated time: who waits, who is refused, and that the same seed tells the same."""

from time import process_time

import numpy as np
import pytest

from toolchain.planning import traces
from toolchain.planning.environments import Rules
from toolchain.planning.simulation import Outcome, Times, simulate

TIMES = Times((0.1,), starting=1.0, unbilled=0.25)
FOREVER = Rules(idle=(1e6, 1e6), age=1e9)


def fared(arrivals: list[float], rules: Rules = FOREVER, times: Times = TIMES, **settings: object) -> Outcome:
    return simulate(np.array(arrivals), times, rules, **settings)  # type: ignore[arg-type]  # of any kind


def test_an_environment_answers_one_request_at_a_time() -> None:
    outcome = fared([0.0, 0.0, 0.0, 5.0, 5.0])
    assert (outcome.cold, outcome.by_outcome["warm"]) == (3, 2)
    assert sorted(outcome.latencies) == pytest.approx([0.1, 0.1, 1.1, 1.1, 1.1])
    assert max(stretch.busy for stretch in outcome.stretches) == 3


def test_a_request_that_comes_while_one_starts_starts_another() -> None:
    assert fared([0.0, 1.05]).cold == 2
    assert fared([0.0, 1.11]).cold == 1


def test_starts_are_billed_but_for_what_is_not() -> None:
    outcome = fared([0.0, 5.0, 6.0])
    assert outcome.cold_seconds == pytest.approx(1.1 - 0.25)
    assert outcome.warm_seconds == pytest.approx(0.2)
    assert fared([0.0, 5.0], times=Times((0.0001,), 0.0)).warm_seconds == pytest.approx(0.001)


def test_an_idle_environment_goes_after_its_time() -> None:
    rules = Rules(idle=(60.0, 60.0), age=1e9)
    assert fared([0.0, 61.0], rules).cold == 1
    assert fared([0.0, 61.2], rules).cold == 2


def test_an_old_environment_is_replaced_although_it_is_used() -> None:
    assert (
        fared([float(second) for second in range(100)], Rules(idle=(60, 60), age=40), times=Times((0.1,), 0.1)).cold
        == 3
    )


def test_environments_that_are_gone_are_counted_no_more() -> None:
    outcome = fared([0.0] * 50 + [float(second) for second in range(1, 1000)], Rules(idle=(60, 60), age=1e9))
    there = [stretch.environments for stretch in outcome.stretches]
    assert (there[0], there[-1]) == (51, 1)
    assert outcome.environment_seconds == pytest.approx(50 * 61 + 1000, rel=0.05)


def test_what_is_over_the_limit_is_refused() -> None:
    outcome = fared([0.0] * 5, FOREVER._replace(concurrency=3))
    assert (outcome.cold, outcome.by_outcome["concurrency limit"], outcome.refused) == (3, 2, 2)
    assert len(outcome.latencies) == 3


def test_a_function_grows_by_a_thousand_environments_and_a_hundred_more_each_second() -> None:
    outcome = fared([0.0] * 2000 + [1.0] * 500, FOREVER._replace(concurrency=5000))
    assert (outcome.cold, outcome.by_outcome["scaling rate"]) == (1100, 1400)


def test_a_function_is_called_ten_times_a_second_for_each_environment_there_may_be() -> None:
    arrivals = np.linspace(0, 10, 400).tolist()
    outcome = fared(arrivals, FOREVER._replace(concurrency=2), times=Times((0.001,), 0.0))
    assert outcome.by_outcome["request rate"] == pytest.approx(400 - 20 - 200, abs=3)


def test_environments_kept_ready_answer_first_and_never_start() -> None:
    outcome = fared([0.0, 0.0, 0.0, 5.0], FOREVER._replace(kept=2))
    assert (outcome.cold, outcome.ready) == (1, 3)
    assert fared([0.0, 1e5], Rules(kept=1)).cold == 0


def test_answers_take_as_long_as_the_trace_says() -> None:
    outcome = fared([0.0, 10.0], durations=np.array([2.0, 3.0]))
    assert outcome.latencies == pytest.approx([3.0, 3.0])
    assert outcome.latency(0.5) == pytest.approx(3.0)


def test_the_same_seed_tells_the_same_and_another_something_else() -> None:
    trace = traces.poisson(0.004, 2e6, seed=3)
    first, again, other = (simulate(trace.arrivals, TIMES, seed=seed) for seed in (0, 0, 1))
    assert (first.by_outcome, first.stretches) == (again.by_outcome, again.stretches)
    assert np.array_equal(first.latencies, again.latencies)
    assert first.by_outcome != other.by_outcome


def test_every_request_fares_somehow_and_stretches_add_up() -> None:
    trace = traces.poisson(300, 60, seed=1)
    outcome = simulate(trace.arrivals, Times((0.05, 0.2), 0.5), Rules(concurrency=30, burst=20))
    assert sum(outcome.by_outcome.values()) == outcome.requests == len(trace.arrivals)
    assert outcome.refused > 0
    assert sum(stretch.requests for stretch in outcome.stretches) == outcome.requests
    assert sum(stretch.cold for stretch in outcome.stretches) == outcome.cold
    assert sum(stretch.refused for stretch in outcome.stretches) == outcome.refused
    assert max(stretch.environments for stretch in outcome.stretches) <= 30


def test_nothing_comes_of_nothing() -> None:
    outcome = fared([])
    assert (outcome.requests, outcome.latency(0.5), outcome.stretches) == (0, 0.0, ())


def test_a_million_requests_take_seconds() -> None:
    trace = traces.poisson(500, 2000)
    began = process_time()
    assert simulate(trace.arrivals, Times((0.02,), 0.3)).requests == pytest.approx(1e6, rel=0.01)
    assert process_time() - began < 20, "usually three"
