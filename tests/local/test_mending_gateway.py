"""What local/mending adds to the embedded CloudWatch: calls of the gateway, and metrics that have no dimensions."""

import json
import time
from datetime import UTC, datetime, timedelta

import httpx

from tests.local.test_mending import Small, small

__all__ = ["small"]


def test_calls_of_an_api_and_of_the_function_behind_it_are_metrics(small: Small) -> None:
    watch = small.client("cloudwatch")

    def total(namespace: str, metric: str) -> float:
        named = watch.list_metrics(Namespace=namespace, MetricName=metric)["Metrics"]
        queries = [
            {"Id": f"q{place}", "MetricStat": {"Metric": found, "Period": 3600, "Stat": "Sum"}}
            for place, found in enumerate(named)
        ]
        now = datetime.now(UTC)
        window = {"StartTime": now - timedelta(hours=2), "EndTime": now + timedelta(hours=2)}
        answer = watch.get_metric_data(MetricDataQueries=queries, **window) if queries else {"MetricDataResults": []}
        return float(sum(sum(result["Values"]) for result in answer["MetricDataResults"]))

    asked = [("AWS/ApiGateway", "Count"), ("AWS/ApiGateway", "4XXError"), ("AWS/ApiGateway", "5XXError"),
             ("AWS/Lambda", "Invocations"), ("AWS/Lambda", "Errors")]  # fmt: skip
    before = [total(*each) for each in asked]
    assert small.call("/metered").status_code == 200
    assert httpx.get(f"{small.url}/metered", trust_env=False).status_code == 403
    assert [total(*each) - was for each, was in zip(asked, before, strict=True)] == [2, 1, 0, 1, 0]
    (metric,) = watch.list_metrics(Namespace="AWS/ApiGateway", MetricName="Latency")["Metrics"]
    assert [each["Name"] for each in metric["Dimensions"]] == ["ApiName", "Stage"]
    assert total("AWS/Lambda", "Duration") > 0


def test_a_metric_without_dimensions_is_not_the_sum_of_those_with_some(small: Small) -> None:
    now = int(time.time() * 1000)
    kinds = [{"Namespace": "apart", "Dimensions": [["Of"], []], "Metrics": [{"Name": "Count"}]}]
    small.log(json.dumps({"_aws": {"Timestamp": now, "CloudWatchMetrics": kinds}, "Of": "one", "Count": 3}))
    stat = {"Metric": {"Namespace": "apart", "MetricName": "Count"}, "Period": 3600, "Stat": "Sum"}
    (found,) = small.client("cloudwatch").get_metric_data(
        MetricDataQueries=[{"Id": "q", "MetricStat": stat}],
        StartTime=datetime.now(UTC) - timedelta(hours=2),
        EndTime=datetime.now(UTC) + timedelta(hours=2),
    )["MetricDataResults"]
    assert found["Values"] == [3]
