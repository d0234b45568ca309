"""Every alarm of every stage, those included that nobody has thought of yet."""

import re
from typing import Any

from tests.conftest import ROOT
from tests.infra.assembly import Assembly, shown
from tests.infra.walk import names, walked

__all__ = ["walked"]

RUNBOOK = ROOT / "docs" / "guides" / "runbook.md"
METRIC, COMPOSITE = "AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"
LINK = re.compile(r"[A-Z].+[.] What to do: docs/guides/runbook\.md#([a-z-]+)")
HELD = {"ApproximateNumberOfMessagesVisible", "ApproximateAgeOfOldestMessage"}
"""What is not measured while nobody asks a queue for anything; it is still as it was."""


def every(assembly: Assembly) -> dict[str, dict[str, Any]]:
    """The properties of all of them, by logical id."""
    found = {**assembly.resources(METRIC), **assembly.resources(COMPOSITE)}
    assert found
    return {name: resource["Properties"] for name, resource in found.items()}


def test_every_alarm_tells_a_topic_when_it_goes_on_and_off_or_is_part_of_one_that_does(walked: Assembly) -> None:
    topics = walked.resources("AWS::SNS::Topic").keys()
    alarms = every(walked)
    part = {child for each in walked.properties(COMPOSITE) for child in names(each["AlarmRule"])}
    assert part <= alarms.keys()
    telling = {name for name, alarm in alarms.items() if set(names(alarm.get("AlarmActions"))) & topics}
    assert alarms.keys() - telling <= part
    assert walked.resources(COMPOSITE).keys() <= telling
    for name, alarm in alarms.items():
        assert alarm.get("AlarmActions") == alarm.get("OKActions"), name
        assert "InsufficientDataActions" not in alarm, name
        assert alarm.get("ActionsEnabled", True) is True, name


def test_every_alarm_says_what_no_data_means_as_its_metric_asks(walked: Assembly) -> None:
    for alarm in walked.properties(METRIC):
        expected = "ignore" if alarm["MetricName"] in HELD else "notBreaching"
        assert alarm["TreatMissingData"] == expected, alarm["AlarmName"]


def test_every_alarm_names_a_section_of_the_runbook_after_itself(walked: Assembly) -> None:
    sections = re.findall(r"^## (.+)$", RUNBOOK.read_text(), re.MULTILINE)
    (stage,) = {each["StageName"] for each in walked.properties("AWS::ApiGateway::Stage")}
    for alarm in every(walked).values():
        link = LINK.fullmatch(alarm["AlarmDescription"])
        assert link, alarm
        assert link[1] in sections, alarm
        assert shown(alarm["AlarmName"]).startswith(f"ortless-{stage}-{link[1]}"), alarm
        assert len(alarm["AlarmDescription"]) <= 1024, alarm


def test_every_alarm_looks_no_further_back_than_cloudwatch_does(walked: Assembly) -> None:
    for alarm in walked.properties(METRIC):
        most = 7 * 86_400 if alarm["Period"] >= 3600 else 86_400
        assert alarm["Period"] * alarm["EvaluationPeriods"] <= most, alarm["AlarmName"]
        assert 1 <= alarm["DatapointsToAlarm"] <= alarm["EvaluationPeriods"], alarm["AlarmName"]
