"""What a month costs, against sums done by hand from the list of prices."""

import os
import subprocess
import sys
from pathlib import Path

import orjson
import pytest

from functions.core.prices import prices
from tests.conftest import ROOT, load_event
from toolchain.planning.basis import OTHER_LOG_BYTES
from toolchain.planning.prices import ARCHITECTURES, break_even, dated, price, tiered
from toolchain.planning.pricing import (
    LOG_BYTES,
    METRICS,
    ON_DEMAND,
    PROVISIONED,
    SNAP_START,
    STAGE_METRICS,
    Traffic,
    Work,
    bill,
)

MONTH = 730 * 3600
STEADY = Traffic(rps=10, request_bytes=1000, answer_bytes=0, models=1, log_bytes=0)
WARM = Work(1024, "arm64", ON_DEMAND, billed_ms=100, cold_ms=0, cold=0, environments=0)


def test_time_is_memory_by_seconds_in_the_first_tier() -> None:
    lines = bill(STEADY, WARM)
    assert lines["Lambda: time"] == pytest.approx(10 * MONTH * 0.1 * 0.0000133334)
    assert lines["Lambda: requests"] == pytest.approx(10 * MONTH * 0.0000002)
    assert lines["API Gateway"] == pytest.approx(10 * MONTH * 0.0000035)
    assert lines["metrics"] == pytest.approx(STEADY.metrics * 0.3)
    assert set(lines) == {"Lambda: time", "Lambda: requests", "API Gateway", "metrics"}


def test_the_time_of_a_cold_start_is_billed_initialization_included() -> None:
    lines = bill(STEADY, WARM._replace(cold=0.01, cold_ms=2000))
    assert lines["Lambda: cold starts"] == pytest.approx(10 * MONTH * 0.01 * 2 * 0.0000133334)
    assert lines["Lambda: time"] == pytest.approx(10 * MONTH * 0.99 * 0.1 * 0.0000133334)


def test_a_snapshot_is_paid_by_the_second_and_by_each_restore() -> None:
    lines = bill(STEADY, WARM._replace(start=SNAP_START, memory_mb=2048, cold=0.001))
    assert lines["Lambda: snapshots"] == pytest.approx(2 * (MONTH * 0.0000015046 + 10 * MONTH * 0.001 * 0.0001397998))


def test_environments_kept_ready_are_paid_while_they_wait_and_less_while_they_answer() -> None:
    lines = bill(STEADY, WARM._replace(start=PROVISIONED, kept=3, spilled=0.25))
    assert lines["Lambda: kept ready"] == pytest.approx(3 * MONTH * 0.0000033334)
    seconds = 10 * MONTH * 0.1
    assert lines["Lambda: time"] == pytest.approx(0.75 * seconds * 0.0000077778 + 0.25 * seconds * 0.0000133334)


def test_logs_are_paid_when_they_come_and_while_they_are_kept_and_answers_as_they_leave() -> None:
    lines = bill(STEADY._replace(log_bytes=1024**2, answer_bytes=1024**2), WARM)
    gb = 10 * MONTH / 1024
    assert 10_240 < gb < 30_720
    assert lines["logs"] == pytest.approx(10_240 * 0.5 + (gb - 10_240) * 0.25 + gb * 0.03)
    assert lines["data out"] == pytest.approx(10_240 * 0.09 + (gb - 10_240) * 0.085)


def test_metrics_are_paid_for_the_hours_with_requests() -> None:
    hourly = bill(STEADY._replace(rps=1 / 3600), WARM)["metrics"]
    assert hourly == pytest.approx(STEADY.metrics * 0.3 * (1 - 1 / 2.718281828), rel=1e-6)


def test_the_registry_is_asked_by_each_environment_and_never_oftener_than_there_are_requests() -> None:
    assert bill(STEADY, WARM._replace(environments=3))["S3"] == pytest.approx(3 / 30 * MONTH * 0.0000004)
    crowded = bill(STEADY, WARM._replace(environments=1e6))
    assert crowded["S3"] == pytest.approx(10 * MONTH * 0.0000004)


def test_more_of_a_thing_costs_less_each() -> None:
    assert tiered("gateway_request_tiers", 333e6 + 1e6) == pytest.approx(333e6 * 3.5e-6 + 1e6 * 2.8e-6)
    assert tiered("gateway_request_tiers", 21e9) == pytest.approx(
        333e6 * 3.5e-6 + 667e6 * 2.8e-6 + 19e9 * 2.38e-6 + 1e9 * 1.51e-6
    )
    assert tiered("gb_second_tiers", 16e9, "x86_64") == pytest.approx(6e9 * 16.6667e-6 + 9e9 * 15e-6 + 1e9 * 13.3334e-6)
    assert tiered("gateway_request_tiers", 0) == 0


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_the_first_tier_is_the_price_that_batch_and_functions_reckon_with(architecture: str) -> None:
    assert tiered("gb_second_tiers", 1, architecture) == price("gb_second", architecture)
    assert tiered("gateway_request_tiers", 1) == price("gateway_request")


def test_prices_have_a_date_a_region_and_sources() -> None:
    assert set(dated()) == {"priced_on", "currency", "region", "sources"}
    assert all(source.startswith("https://aws.amazon.com/") for source in dated()["sources"])
    assert dated()["priced_on"] == prices()["priced_on"]


def test_arm64_may_take_a_quarter_longer() -> None:
    assert break_even() == pytest.approx(1.25, abs=0.001)


def test_what_a_request_leaves_in_logs_covers_the_line_that_the_function_writes(packages: Path) -> None:
    code = (
        "import json, sys; from functions.predict.handler import handler; event = json.load(sys.stdin); "
        "handler(event, None); handler(event, None)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], input=orjson.dumps(load_event("rest_predict_linear")), cwd=ROOT,
        env={"PATH": os.environ["PATH"], "ORTLESS_PACKAGES": str(packages)}, capture_output=True, check=True,
    )  # fmt: skip
    _, line = (line for line in done.stderr.splitlines() if b'"event":"request"' in line)
    assert LOG_BYTES / 8 < len(line) < LOG_BYTES - OTHER_LOG_BYTES
    kept = orjson.loads(line)["_aws"]["CloudWatchMetrics"]
    sets = [dimensions for kind in kept for dimensions in kind["Dimensions"] for _ in kind["Metrics"]]
    assert 0 < len([dimensions for dimensions in sets if dimensions]) <= METRICS
    assert 0 < sets.count([]) <= STAGE_METRICS
