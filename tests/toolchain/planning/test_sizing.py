"""Which size and way to start is chosen, and why others are not."""

import pytest

from toolchain.planning.pricing import ON_DEMAND, PROVISIONED, SNAP_START, Traffic
from toolchain.planning.sizing import Option, Terms, cheapest, options
from toolchain.planning.timings import ASSUMED, MEASURED, SCALED, Timings, quantile, stretch

BASE = Timings(1769, (20.0,), init=300.0, first=60.0)
SIZES = [BASE.to(size, 0.0) for size in (512, 1024, 1769, 3538)]


def planned(rps: float = 10, **terms: object) -> list[Option]:
    return options(Traffic(rps), SIZES, "arm64", Terms(**terms))  # type: ignore[arg-type]  # of any kind


def of(found: list[Option], memory: int, start: str) -> Option:
    return next(option for option in found if (option.work.memory_mb, option.work.start) == (memory, start))


def test_the_cheapest_that_is_fast_enough_is_chosen() -> None:
    found = planned(within_ms=40)
    best = cheapest(found)
    assert best is not None
    fast = [option for option in found if option.latency_ms <= 40]
    assert best.month == min(option.month for option in fast)
    assert {option.refused for option in found if option.work.memory_mb == 512} == {"over 40 ms"}


def test_nothing_is_chosen_where_nothing_is_fast_enough() -> None:
    assert cheapest(planned(within_ms=1)) is None


def test_less_than_one_processor_stretches_everything_and_more_only_what_threads_share() -> None:
    half = BASE.to(885, 0.0)
    assert half.warm[0] == pytest.approx(40, rel=0.01)
    assert half.cold == pytest.approx(720, rel=0.01)
    assert BASE.to(3538, 0.0).warm == BASE.warm
    assert BASE.to(3538, 0.5).warm[0] == pytest.approx(15)
    assert BASE.to(3538, 1.0).cold == pytest.approx(BASE.cold), "imports run on one thread"
    assert stretch(1769, 0.3) == 1


def test_scaled_times_say_that_they_are() -> None:
    assert (BASE.to(512, 0).basis, BASE._replace(basis=MEASURED).to(512, 0).basis) == (ASSUMED, SCALED)
    assert BASE._replace(basis=MEASURED).to(1769, 0).basis == MEASURED


def test_rare_requests_wait_for_a_start_and_a_snapshot_shortens_it() -> None:
    found = planned(rps=0.001)
    assert of(found, 1769, ON_DEMAND).latency_ms == pytest.approx(250 + 360)
    assert of(found, 1769, SNAP_START).latency_ms == pytest.approx(300 + 20)
    assert of(found, 1769, PROVISIONED).latency_ms == pytest.approx(20)


def test_environments_kept_ready_are_shown_with_what_they_cost_a_month() -> None:
    option = of(planned(kept=4), 1769, PROVISIONED)
    assert option.work.kept == 4
    assert option.lines["Lambda: kept ready"] == pytest.approx(4 * 1769 / 1024 * 730 * 3600 * 0.0000033334)
    assert "Lambda: kept ready" not in of(planned(kept=4), 1769, ON_DEMAND).lines


def test_a_size_that_the_model_does_not_fit_into_is_refused() -> None:
    found = options(Traffic(10), SIZES, "arm64", Terms(), peak_mb=700)
    assert of(found, 512, ON_DEMAND).refused == "under 875 MB"
    assert of(found, 1024, ON_DEMAND).refused == ""


def test_more_environments_or_calls_than_there_may_be_are_refused() -> None:
    slow = [BASE._replace(warm=(500.0,))]
    (option, *_) = options(Traffic(900), slow, "arm64", Terms(concurrency=100))
    assert option.refused == "over 100 environments"
    assert of(planned(rps=1100, concurrency=100), 1769, ON_DEMAND).refused == "over 1000 calls a second"


def test_answers_are_billed_by_the_millisecond_that_has_begun() -> None:
    assert Timings(1769, (0.1, 1.2), 0, 0).billed == pytest.approx(1.5)


def test_a_percentile_of_a_mixture() -> None:
    parts = [(0.9, (1.0, 2.0, 3.0)), (0.1, (100.0,))]
    assert [quantile(parts, share) for share in (0.3, 0.5, 0.9, 0.95)] == [1.0, 2.0, 3.0, 100.0]
