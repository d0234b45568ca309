"""What one account serves, from quotas."""

import pytest

from toolchain.planning import account
from toolchain.planning.account import Batch
from toolchain.planning.pricing import Traffic
from toolchain.planning.timings import Timings

FAST, SLOW = Timings(1769, (20.0,), 300, 60), Timings(1769, (500.0,), 300, 60)


def at_most(timings: Timings, what: str, concurrency: int = 1000) -> float:
    found = account.limits(timings, Batch(row_ms=0.05, concurrency=10), concurrency)
    return next(limit.value for limit in found if limit.what == what)


def test_fast_answers_are_limited_by_their_number_and_slow_ones_by_how_long_they_take() -> None:
    number, time = "requests a second, by their number", "requests a second, by how long they take"
    assert (at_most(FAST, number), at_most(FAST, time)) == (10_000, 50_000)
    assert (at_most(SLOW, number), at_most(SLOW, time)) == (10_000, 2000)
    assert at_most(FAST, number, concurrency=10) == 100


def test_rows_of_files_are_limited_by_the_stage_and_then_by_the_account() -> None:
    assert at_most(FAST, "rows of files an hour, as the stage is set") == 10 * 20_000 * 3600
    assert at_most(FAST, "rows of files an hour, with all there is") == 1000 * 20_000 * 3600


def test_a_function_grows_each_second_by_a_hundred_environments_of_ten_calls_a_second_at_most() -> None:
    what = "requests a second more, each second"
    assert (at_most(FAST, what), at_most(SLOW, what)) == (1000, 200)


def test_every_limit_names_its_quota_where_it_is_from_and_what_then() -> None:
    for limit in account.limits(FAST, Batch(), 1000):
        assert limit.quota
        assert limit.then
        assert limit.source == "cdk.json" or limit.source.startswith("https://")
        assert limit.adjustable or "raise the quota" not in limit.then


def test_more_traffic_than_one_account_takes_is_told_in_quotas_and_accounts() -> None:
    found = account.needs(Traffic(50_000), FAST, 1000)
    assert (found["concurrent_executions"], found["gateway_rps"], found["accounts_as_they_are"]) == (5000, 50_000, 5)
    assert found["seconds_to_grow"] == 40
    assert found["lambda_dollars_per_month"] == pytest.approx(
        50_000 * 2_628_000 * (0.02 * 1769 / 1024 * 13.3334e-6 + 2e-7), rel=0.01
    )
    few = account.needs(Traffic(1), FAST, 1000)
    assert (few["accounts_as_they_are"], few["seconds_to_grow"]) == (1, 0)


def test_managed_instances_are_three_at_least_and_half_of_them_busy() -> None:
    assert account.managed(Traffic(1), 0.02)["instances"] == 3
    found = account.managed(Traffic(10_000), 0.02)
    assert found["instances"] == 100
    assert found["dollars_per_month"] == pytest.approx(100 * 730 * 0.145 * 1.15 + 10_000 * 730 * 3600 * 2e-7, abs=0.01)
