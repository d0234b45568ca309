"""What a dashboard and alarms ask for is what the functions emit, or what AWS keeps of the resources that there are."""

import pytest

from functions.core.telemetry import DETAILS, METRICS, dimensions
from tests.infra.assembly import Assembly
from tests.infra.conftest import Synthesized
from tests.infra.monitoring.board import Named, of_alarms, of_dashboard

OF_FUNCTION, OF_API, OF_QUEUE = ("FunctionName",), ("ApiName", "Stage"), ("QueueName",)
# What AWS documents of each service's metrics ("Viewing metrics", "Metrics and dimensions" of its guide), as far as
# the stack asks for it, by the dimensions that a metric comes under.
OF_AWS: dict[str, dict[tuple[str, ...], set[str]]] = {
    "AWS/Lambda": {
        OF_FUNCTION: {"Invocations", "Errors", "Throttles", "Duration", "ConcurrentExecutions"},
        (): {"ConcurrentExecutions", "ClaimedAccountConcurrency"},
    },
    "AWS/ApiGateway": {OF_API: {"Count", "4XXError", "5XXError", "Latency", "IntegrationLatency"}},
    "AWS/SQS": {
        OF_QUEUE: {
            "ApproximateNumberOfMessagesVisible",
            "ApproximateNumberOfMessagesNotVisible",
            "ApproximateNumberOfMessagesDelayed",
            "ApproximateAgeOfOldestMessage",
        }
    },
    "AWS/States": {
        ("StateMachineArn",): {
            *("ExecutionsStarted", "ExecutionsSucceeded", "ExecutionsFailed"),
            *("ExecutionsTimedOut", "ExecutionsAborted"),
        }
    },
    "AWS/SNS": {("TopicName",): {"NumberOfNotificationsFailed"}},
}
PERCENTILES = {"p50", "p90", "p95", "p99"}
STATISTICS = {"Sum", "Average", "Minimum", "Maximum", "SampleCount", *PERCENTILES}


@pytest.fixture(params=DETAILS)
def detail(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def assembly(detail: str, synthesized: Synthesized) -> Assembly:
    return synthesized("prod", monitoring={"metrics": detail})


def test_every_metric_that_is_asked_for_is_one_that_is_kept(assembly: Assembly, detail: str) -> None:
    asked = {*of_dashboard(assembly), *of_alarms(assembly)}
    assert [named for named in asked if not _is_kept(named, detail)] == []
    assert {named.namespace for named in asked} >= OF_AWS.keys()
    assert ("ortless/prod" in {named.namespace for named in asked}) == (detail != "none")


def test_nothing_that_is_measured_of_a_stage_or_a_model_is_looked_at_by_nobody(synthesized: Synthesized) -> None:
    asked = {(named.metric, named.dimensions) for named in of_dashboard(synthesized("prod"))}
    summed = {(name, ()) for name in METRICS if [] in dimensions(name)}
    assert summed <= asked
    assert {(name, ("Model",)) for name in METRICS if ["Model"] in dimensions(name)} <= asked


def test_the_functions_keep_as_many_metrics_as_the_stage_says(assembly: Assembly, detail: str) -> None:
    told = [function["Environment"]["Variables"] for function in assembly.properties("AWS::Lambda::Function")]
    assert {(each["ORTLESS_METRICS"], each["ORTLESS_METRICS_NAMESPACE"]) for each in told} == {(detail, "ortless/prod")}


def _is_kept(named: Named, detail: str) -> bool:
    assert named.statistic in STATISTICS
    if named.namespace == "ortless/prod":
        sets = dimensions(named.metric, failed=True, detail=detail) if named.metric in METRICS else []
        return list(named.dimensions) in sets
    return named.metric in OF_AWS.get(named.namespace, {}).get(named.dimensions, ())
