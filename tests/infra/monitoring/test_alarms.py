"""Alarms: on everything that a stage has, each with a reason, an end and a section of the runbook."""

import re
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.infra.assembly import Assembly, shown
from tests.infra.conftest import Synthesized
from tests.infra.monitoring.board import widgets

RUNBOOK = ROOT / "docs" / "guides" / "runbook.md"
DRIFT = ("drift", "missing-values", "out-of-range")
COUNTS = ("api-failed-calls", "api-traffic")
NAME = re.compile(r"ortless-[a-z]+-(.+)")
LINK = re.compile(r"What to do: docs/guides/runbook\.md#([a-z-]+)$")


@pytest.fixture(params=["local", "dev", "prod"])
def assembly(request: pytest.FixtureRequest, synthesized: Synthesized) -> Assembly:
    return synthesized(request.param)


def alarms(assembly: Assembly) -> dict[str, dict[str, Any]]:
    """Those on metrics, by what their names say after the stage."""
    found = {}
    for alarm in assembly.properties("AWS::CloudWatch::Alarm"):
        name = NAME.fullmatch(alarm["AlarmName"])
        assert name
        found[name[1]] = alarm
    return found


def sections() -> dict[str, str]:
    """Of the runbook, by heading."""
    _, *parts = re.split(r"^## (.+)$", RUNBOOK.read_text(), flags=re.MULTILINE)
    return dict(zip(parts[::2], parts[1::2], strict=True))


def linked(assembly: Assembly) -> set[str]:
    descriptions = [
        alarm["AlarmDescription"]
        for kind in ("Alarm", "CompositeAlarm")
        for alarm in assembly.properties(f"AWS::CloudWatch::{kind}")
    ]
    found = [LINK.search(text) for text in descriptions]
    assert all(found)
    return {link[1] for link in found if link}


def test_every_alarm_has_a_section_of_the_runbook_and_every_section_an_alarm(synthesized: Synthesized) -> None:
    assembly = synthesized("prod", reserved_concurrency=50)
    assert linked(assembly) == sections().keys()
    assert all(linked(synthesized(stage)) <= sections().keys() for stage in ("local", "dev"))


def test_every_section_says_what_it_means_how_to_look_and_what_to_do() -> None:
    for name, text in sections().items():
        parts = re.findall(r"^\*\*(\w+):\*\*", text, re.MULTILINE)
        assert parts == ["Means", "Look", "Do"], name
        assert "`" in text.partition("**Look:**")[2], name


def test_every_function_queue_and_machine_is_watched(assembly: Assembly) -> None:
    watched: dict[str, set[str]] = {}
    for alarm in alarms(assembly).values():
        for dimension in alarm.get("Dimensions", ()):
            watched.setdefault(alarm["MetricName"], set()).add(shown(dimension["Value"]))
    functions = {f"<{name}>" for name in assembly.resources("AWS::Lambda::Function")}
    queues = {f"<{name}.QueueName>" for name in assembly.resources("AWS::SQS::Queue")}
    letters = {name for name in queues if "DeadLetters" in name}
    topics = {f"<{name}.TopicName>" for name in assembly.resources("AWS::SNS::Topic")}
    machines = {f"<{name}>" for name in assembly.resources("AWS::StepFunctions::StateMachine")}
    assert (watched["Errors"], watched["Throttles"]) == (functions, functions)
    assert watched["ApproximateNumberOfMessagesVisible"] == letters
    assert watched["ApproximateAgeOfOldestMessage"] == queues - letters
    assert watched["NumberOfNotificationsFailed"] == topics
    assert (watched["ExecutionsFailed"], watched["ExecutionsTimedOut"]) == (machines, machines)


def test_every_alarm_says_what_it_means_and_what_no_data_means(assembly: Assembly) -> None:
    for name, alarm in alarms(assembly).items():
        assert re.match(r"[A-Z].+\. What to do: ", alarm["AlarmDescription"]), name
        kept = name.startswith(("dead-letters", "job-age"))
        assert alarm["TreatMissingData"] == ("ignore" if kept else "notBreaching"), name
        assert 1 <= alarm["DatapointsToAlarm"] <= alarm["EvaluationPeriods"], name
        seconds = alarm["Period"] * alarm["EvaluationPeriods"]
        # CloudWatch takes no longer ones: a week of hours, a day of anything shorter.
        assert seconds <= (7 * 86_400 if alarm["Period"] >= 3600 else 86_400), name
        assert alarm["ComparisonOperator"] == "GreaterThanOrEqualToThreshold", name
        assert "Metrics" not in alarm, name  # metric math, which the embedded cloud refuses


def test_limits_are_the_stages(synthesized: Synthesized) -> None:
    drift = {"drift_psi": 0.3, "drift_missing": 0.04, "drift_out_of_range": 0.05}
    settings = {"latency_p99_ms": 700, "daily_cost_usd": 2.5, "account_concurrency": 200, **drift}
    found = alarms(synthesized("prod", monitoring=settings, reserved_concurrency=50))
    named = ("api-slow", "daily-cost", "account-concurrency", "concurrency-predict", "api-errors", *DRIFT)
    assert [found[name]["Threshold"] for name in named] == [700, 2.5, 160, 40, 0.05, 0.3, 0.04, 0.05]
    assert "concurrency-predict" not in alarms(synthesized("prod"))


def test_one_alarm_wakes_somebody_and_stands_over_those_that_must(synthesized: Synthesized) -> None:
    pager = "arn:aws:sns:eu-central-1:1:pager"
    assembly = synthesized("prod", monitoring={"emails": ["a@example.com", "b@example.com"], "pagers": [pager]})
    page = assembly.only("AWS::CloudWatch::CompositeAlarm")
    topic = {"Ref": next(name for name in assembly.resources("AWS::SNS::Topic") if name.startswith("Monitoring"))}
    ids = {alarm["AlarmName"]: name for name, alarm in _by_id(assembly).items()}
    rule = re.sub(r'ALARM\("<(\w+)\.Arn>"\)', lambda found: f"<{found[1]}>", shown(page["AlarmRule"]))
    for name, alarm_id in ids.items():
        rule = rule.replace(f"<{alarm_id}>", name.removeprefix("ortless-prod-"))
    assert rule == (
        "((api-errors AND api-failed-calls) OR (api-slow AND api-traffic) OR crashes-predict OR throttles-predict)"
    )
    assert page["AlarmName"] == "ortless-prod-page"
    assert (page["AlarmActions"], page["OKActions"]) == ([pager, topic], [pager, topic])
    # A share tells by itself as well, for where it is one of too few calls to wake somebody.
    silent = {ids[f"ortless-prod-{name}"] for name in ("crashes-predict", "throttles-predict", *COUNTS)}
    for name, alarm in _by_id(assembly).items():
        expected = None if name in silent else [topic]
        assert (alarm.get("AlarmActions"), alarm.get("OKActions")) == (expected, expected)
    emails = [it for it in assembly.properties("AWS::SNS::Subscription") if it["Protocol"] == "email"]
    assert [(it["Endpoint"], it["TopicArn"]) for it in emails] == [("a@example.com", topic), ("b@example.com", topic)]


def test_without_that_one_each_tells_by_itself(synthesized: Synthesized) -> None:
    assembly = synthesized("local")
    assert assembly.resources("AWS::CloudWatch::CompositeAlarm") == {}
    assert all(len(alarm["AlarmActions"]) == 1 for alarm in alarms(assembly).values())
    assert not alarms(assembly).keys() & set(COUNTS)  # that there is enough of something is said to nobody else


def test_a_share_wakes_somebody_where_it_is_one_of_enough_calls(synthesized: Synthesized) -> None:
    found = alarms(synthesized("prod"))
    of_few = {name: (it["MetricName"], it["Statistic"], it["Period"], it["EvaluationPeriods"], it["Threshold"])
              for name, it in found.items() if name in COUNTS}  # fmt: skip
    assert of_few == {
        "api-failed-calls": ("5XXError", "Sum", 300, 1, 10),
        "api-traffic": ("Count", "Sum", 300, 1, 100),
    }
    for name, share in (("api-failed-calls", "api-errors"), ("api-traffic", "api-slow")):
        assert found[name]["Dimensions"] == found[share]["Dimensions"]
        # What the share was over is within what was counted.
        assert found[share]["Period"] * found[share]["EvaluationPeriods"] <= found[name]["Period"]


def test_drift_of_the_worst_model_is_told_after_two_hours_of_a_day(synthesized: Synthesized) -> None:
    found = alarms(synthesized("prod"))
    metrics = [(found[name]["MetricName"], found[name]["Threshold"]) for name in DRIFT]
    assert metrics == [("PsiMax", 0.2), ("MissingMax", 0.1), ("OutOfRangeMax", 0.1)]
    for name in DRIFT:
        assert (found[name]["Namespace"], found[name].get("Dimensions", [])) == ("ortless/prod", [])
        assert (found[name]["Statistic"], found[name]["Period"]) == ("Maximum", 3600)
        assert (found[name]["DatapointsToAlarm"], found[name]["EvaluationPeriods"]) == (2, 24)
        assert "`ortless drift`" in found[name]["AlarmDescription"]


@pytest.mark.parametrize("settings", [{"drift": {"watch": False}}, {"monitoring": {"metrics": "none"}}])
def test_nobody_is_told_of_drift_that_nobody_watches(settings: dict[str, Any], synthesized: Synthesized) -> None:
    assert not alarms(synthesized("prod", **settings)).keys() & set(DRIFT)


def test_alarms_of_this_stage_may_speak_to_the_topic_over_tls_and_nothing_else(assembly: Assembly) -> None:
    plain, mine = assembly.named("AWS::SNS::TopicPolicy", "Monitoring")["PolicyDocument"]["Statement"]
    assert (plain["Effect"], plain["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})
    assert (mine["Principal"], mine["Action"]) == ({"Service": "cloudwatch.amazonaws.com"}, "sns:Publish")
    assert mine["Condition"]["StringEquals"] == {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}
    stage = assembly.only("AWS::ApiGateway::Stage")["StageName"]
    assert shown(mine["Condition"]["ArnLike"]["aws:SourceArn"]).endswith(f":alarm:ortless-{stage}-*")
    assert assembly.template["Outputs"]["AlarmTopicArn"]["Value"] == mine["Resource"]


def test_what_callers_feel_takes_a_deployment_back(synthesized: Synthesized) -> None:
    assembly = synthesized("prod")
    group = assembly.only("AWS::CodeDeploy::DeploymentGroup")
    guards = {shown(each["Name"]).strip("<>") for each in group["AlarmConfiguration"]["Alarms"]}
    names = {_by_id(assembly)[guard]["AlarmName"] for guard in guards}
    assert names == {f"ortless-prod-{name}" for name in ("api-errors", "api-slow", "crashes-predict")}
    guarding = [alarm for name, alarm in _by_id(assembly).items() if name in guards]
    assert all(alarm["Period"] * alarm["DatapointsToAlarm"] < 300 for alarm in guarding)  # the share lasts so long


def test_a_model_with_a_function_of_its_own_has_alarms_limits_and_guards_of_its_own(synthesized: Synthesized) -> None:
    assembly = synthesized("prod", functions={"iris-svm": {"reserved_concurrency": 10}})
    found = alarms(assembly)
    own = [name for name in found if name.endswith("-own-iris-svm")]
    assert own == ["crashes-own-iris-svm", "throttles-own-iris-svm", "concurrency-own-iris-svm"]
    assert found["concurrency-own-iris-svm"]["Threshold"] == 8
    named = {name: alarm["AlarmName"].removeprefix("ortless-prod-") for name, alarm in _by_id(assembly).items()}
    guards = [
        {named[shown(each["Name"]).strip("<>")] for each in group["AlarmConfiguration"]["Alarms"]}
        for group in assembly.properties("AWS::CodeDeploy::DeploymentGroup")
    ]
    shared = {"api-errors", "api-slow"}
    assert sorted(guards, key=sorted) == [{*shared, "crashes-own-iris-svm"}, {*shared, "crashes-predict"}]
    annotations = [it["properties"].get("annotations", {}).get("horizontal", ()) for it in widgets(assembly)]
    lines = [each["label"] for drawn in annotations for each in drawn]
    assert "cap of Own-iris-svm" in lines
    assert "Billed: Own-iris-svm" in [it["properties"].get("title") for it in widgets(assembly)]


def _by_id(assembly: Assembly) -> dict[str, dict[str, Any]]:
    return {name: it["Properties"] for name, it in assembly.resources("AWS::CloudWatch::Alarm").items()}
