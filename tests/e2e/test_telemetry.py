"""What a deployed service tells of its work: metrics of versions, timings for callers, usage of its plan."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from functions.core.telemetry import METRICS
from tests.e2e.conftest import Api

MODEL, NAMESPACE = "iris-svm", "ortless/local"


def statistic(api: Api, metric: str, stat: str, **dimensions: str) -> float:
    """Of the last hour; 0 where there is none."""
    named = [{"Name": name, "Value": value} for name, value in dimensions.items()]
    asked: Any = {"Namespace": NAMESPACE, "MetricName": metric, "Dimensions": named}
    now = datetime.now(UTC)
    watch = api.account.session.client("cloudwatch", **api.account.options)
    (found,) = watch.get_metric_data(
        MetricDataQueries=[{"Id": "q", "MetricStat": {"Metric": asked, "Period": 3600 * 24, "Stat": stat}}],
        StartTime=now - timedelta(hours=1),
        EndTime=now + timedelta(hours=1),
    )["MetricDataResults"]
    return float(sum(found["Values"]))


def test_what_is_asked_of_a_model_is_counted_and_measured(api: Api) -> None:
    example = api.call("GET", f"/v1/models/{MODEL}/examples").json()["examples"][0]
    path = f"/v1/models/{MODEL}:predict"
    answered = api.call("POST", path, json=example["request"])
    model, version = answered.headers["x-ortless-model"].split("@")
    counted = ("Requests", "Refusals", "BytesOut", "BilledDuration", "EstimatedCost")
    before = {name: statistic(api, name, "Sum", Model=model, Version=version) for name in counted}
    for _ in range(5):
        assert api.call("POST", path, json=example["request"]).content == answered.content
    assert api.call("POST", path, json={"instances": []}).status_code == 400
    added = {name: statistic(api, name, "Sum", Model=model, Version=version) - before[name] for name in counted}
    assert (added["Requests"], added["Refusals"]) == (5, 1)
    assert added["BytesOut"] == 5 * len(answered.content)
    assert added["BilledDuration"] >= 5
    assert 5 * 2e-7 < added["EstimatedCost"] < 1e-3
    assert statistic(api, "Refusals", "Sum", Model=model, Version=version, Code="invalid_input") >= 1
    median, slowest = (statistic(api, "Latency", stat, Model=model, Version=version) for stat in ("p50", "p99"))
    assert 0 < median <= slowest
    assert 0 < statistic(api, "Run", "p50", Model=model, Version=version) < median
    assert statistic(api, "Requests", "Sum", Model=model) >= statistic(
        api, "Requests", "Sum", Model=model, Version=version
    )


def test_every_metric_that_is_kept_is_one_of_the_table(api: Api) -> None:
    api.predict(MODEL, [1])
    watch = api.account.session.client("cloudwatch", **api.account.options)
    kept = {metric["MetricName"] for metric in watch.list_metrics(Namespace=NAMESPACE)["Metrics"]}
    assert {"ColdStarts", "ColdImport", "ColdLoad"} <= kept <= METRICS.keys()


def test_a_caller_is_told_the_time_in_the_function(api: Api) -> None:
    began = time.perf_counter()
    told = api.predict(MODEL, [5.1, 3.5, 1.4, 0.2]).headers["server-timing"]
    whole = (time.perf_counter() - began) * 1e3
    assert told.startswith("total;dur=")
    assert 0 < float(told.partition("=")[2].partition(",")[0]) < whole


def test_usage_of_the_plan_goes_on_with_each_request(api: Api) -> None:
    gateway = api.account.session.client("apigateway", **api.account.options)
    key, today = api.outputs["ApiKeyId"], str(datetime.now(UTC).date())
    (plan,) = (plan["id"] for plan in gateway.get_usage_plans(keyId=key)["items"] if _covers(plan, api))

    def used() -> list[int]:
        usage = gateway.get_usage(usagePlanId=plan, keyId=key, startDate=today, endDate=today)
        return usage["items"][key][-1]

    before = used()
    assert api.predict(MODEL, [5.1, 3.5, 1.4, 0.2]).status_code == 200
    assert api.call("GET", "/v2/health/live").status_code == 200
    assert used() == pytest.approx([before[0] + 1, before[1] - 1])


def _covers(plan: Any, api: Api) -> bool:
    return any(stage["apiId"] in api.url for stage in plan["apiStages"])
