"""What models did, by the metrics on moto's CloudWatch; its percentiles are those of the embedded cloud, end to end."""

from datetime import UTC, datetime
from time import time
from typing import Any
from uuid import uuid4

import boto3
import pytest

from functions.console.activity import MOST, Activity
from tests.console.conftest import Console


@pytest.fixture
def name() -> str:
    """A model that no other test writes metrics of."""
    return f"m-{uuid4().hex[:8]}"


@pytest.fixture
def cloudwatch(moto: str) -> Any:
    """A client of moto."""
    return boto3.Session("test", "test", region_name="us-east-1").client("cloudwatch", endpoint_url=moto)


def write(cloudwatch: Any, model: str, version: str, at: float, **values: list[float]) -> None:
    """Metrics of a version, as functions write them."""
    named = [{"Name": "Model", "Value": model}, {"Name": "Version", "Value": version}]
    when = datetime.fromtimestamp(at, UTC)
    data = [
        {"MetricName": metric, "Dimensions": named, "Timestamp": when, "Value": value}
        for metric, given in values.items()
        for value in given
    ]
    cloudwatch.put_metric_data(Namespace="ortless", MetricData=data)


def test_an_hour_is_shown_by_the_minute_and_what_is_not_known_is_null(
    console: Console, cloudwatch: Any, name: str
) -> None:
    now = time()
    minute = int(now) // 60 * 60
    counts = {"Requests": [1.0] * 3, "Errors": [0.0, 1.0], "ColdStarts": [1.0]}
    write(cloudwatch, name, "2", now, **counts)
    write(cloudwatch, name, "2", minute - 120, Requests=[1.0], CacheHits=[1.0])
    shown = console("/console/api/activity", model=name)
    assert shown.status == 200
    found = shown.body
    assert (found["window"], found["period_seconds"], len(found["times"])) == ("hour", 60, 60)
    assert found["times"] == list(range(found["from"], found["to"], 60))
    assert found["times"][-1] - minute in (0, 60)  # the next minute may have begun meanwhile
    (of,) = found["models"]
    assert (of["model"], of["version"]) == (name, "2")
    assert of["totals"] == {"requests": 4, "errors": 1, "cold_starts": 1, "cache_hits": 1}
    here, before = found["times"].index(minute), found["times"].index(minute - 120)
    series = of["series"]
    assert list(series) == ["requests", "errors", "p50", "p95", "p99", "cold_starts", "cache_hits"]
    assert {len(values) for values in series.values()} == {60}
    assert (series["requests"][here], series["requests"][before], series["requests"][here - 1]) == (3, 1, None)
    assert (series["errors"][here], series["errors"][before]) == (1, None)
    assert series["cache_hits"][before] == 1
    assert set(series["p50"] + series["p95"] + series["p99"]) == {None}


def test_a_day_is_shown_by_the_quarter_of_an_hour(console: Console, cloudwatch: Any, name: str) -> None:
    now = time()
    write(cloudwatch, name, "1", now - 7200, Requests=[1.0, 1.0])
    write(cloudwatch, name, "1", now, Requests=[1.0])
    found = console("/console/api/activity", window="day", model=name).body
    assert (found["period_seconds"], len(found["times"]), found["times"][0] % 900) == (900, 96, 0)
    (of,) = found["models"]
    assert of["totals"]["requests"] == 3
    assert [value for value in of["series"]["requests"] if value] == [2, 1]
    (hour,) = console("/console/api/activity", model=name).body["models"]
    assert hour["totals"]["requests"] == 1


def test_the_busiest_comes_first_and_a_version_can_be_asked_for_alone(
    console: Console, cloudwatch: Any, name: str
) -> None:
    now = time()
    for version, requests in (("1", 1), ("2", 3), ("3-canary", 2)):
        write(cloudwatch, name, version, now, Requests=[1.0] * requests)
    found = console("/console/api/activity", model=name).body["models"]
    assert [(it["version"], it["totals"]["requests"]) for it in found] == [("2", 3), ("3-canary", 2), ("1", 1)]
    alone = console("/console/api/activity", model=name, version="1").body["models"]
    assert [it["version"] for it in alone] == ["1"]


def test_what_was_not_active_in_the_window_and_metrics_of_other_kinds_are_left_out(
    console: Console, cloudwatch: Any, name: str
) -> None:
    write(cloudwatch, name, "1", time() - 7200, Requests=[1.0])
    other = [{"Name": "Model", "Value": name}, {"Name": "Tenant", "Value": "t"}]
    datum = {"MetricName": "Requests", "Dimensions": other, "Value": 1.0}
    cloudwatch.put_metric_data(Namespace="ortless", MetricData=[datum])
    assert console("/console/api/activity", model=name).body["models"] == []


@pytest.mark.parametrize("query", [{"window": "week"}, {"model": "No!"}, {"version": "1 OR 1"}])
def test_what_cannot_be_asked_is_refused_with_the_place(console: Console, query: dict[str, Any]) -> None:
    refused = console("/console/api/activity", **query)
    assert (refused.status, refused.body["code"]) == (400, "invalid_input")
    assert f"at `{next(iter(query))}`" in refused.body["error"]


def test_a_cloudwatch_that_does_not_answer_is_said_so(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    from functions.console import aws

    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    aws.client.cache_clear()
    failed = console("/console/api/activity")
    aws.client.cache_clear()
    assert (failed.status, failed.body["code"]) == (503, "service_unavailable")
    assert failed.body["error"].startswith("CloudWatch did not answer")


def test_many_versions_cost_two_questions_and_the_newest_are_shown(
    console: Console, cloudwatch: Any, name: str
) -> None:
    assert console
    now = time()
    for version in range(1, MOST + 11):
        write(cloudwatch, name, str(version), now, Requests=[1.0])
    asked = []
    cloudwatch.meta.events.register("before-call.cloudwatch.GetMetricData", lambda **_: asked.append(1))
    found = Activity(client=lambda _service: cloudwatch).show("hour", name)["models"]
    assert sorted(int(it["version"]) for it in found) == list(range(11, MOST + 11))
    assert len(asked) == 2
