"""The alarms that the table of rules makes of what a stage has."""

import re
from collections.abc import Sequence

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from infra.monitoring.rules import COUNTS, RULES, Rule
from infra.monitoring.settings import MonitoringSettings
from infra.monitoring.subjects import Subject, Subjects

RUNBOOK = "docs/guides/runbook.md"
TREATMENTS = {
    "notBreaching": cloudwatch.TreatMissingData.NOT_BREACHING,
    "ignore": cloudwatch.TreatMissingData.IGNORE,
}


class Alarms(Construct):
    """One alarm for each rule and each subject that it is about."""

    def __init__(
        self, scope: Construct, name: str, *, subjects: Subjects, settings: MonitoringSettings, prefix: str
    ) -> None:
        """Define them.

        Args:
            prefix: what their names begin with.
        """
        super().__init__(scope, name)
        self._prefix, self._settings, self._subjects = prefix, settings, subjects
        self.by_rule: dict[str, list[cloudwatch.Alarm]] = {
            rule.name: [self._alarm(rule, subject) for subject in subjects[rule.kind]] for rule in RULES
        }

    @property
    def telling(self) -> Sequence[cloudwatch.Alarm]:
        """All of them in the order of the table, but those that only say whether there is enough of something."""
        return [alarm for name, alarms in self.by_rule.items() if name not in COUNTS for alarm in alarms]

    def guards(self, label: str) -> Sequence[cloudwatch.Alarm]:
        """Those that take a deployment of a function back: its own, and those of what all functions are behind."""
        return [
            alarm
            for rule in RULES
            for subject, alarm in zip(self._subjects[rule.kind], self.by_rule[rule.name], strict=True)
            if rule.guards and subject.label in ("", label)
        ]

    def waking(self) -> Sequence[tuple[cloudwatch.Alarm, Sequence[cloudwatch.Alarm]]]:
        """Those that must wake somebody; each with what must be on as well, so that it is of enough."""
        return [
            (alarm, self.by_rule[rule.enough] if rule.enough else [])
            for rule in RULES
            if rule.wakes
            for alarm in self.by_rule[rule.name]
        ]

    def other(self) -> Sequence[cloudwatch.Alarm]:
        """Those that need not wake anybody, and tell."""
        return [
            alarm for rule in RULES if not rule.wakes and rule.name not in COUNTS for alarm in self.by_rule[rule.name]
        ]

    def _alarm(self, rule: Rule, subject: Subject) -> cloudwatch.Alarm:
        name = "-".join(filter(None, (self._prefix, rule.name, _kebab(subject.label))))
        return cloudwatch.Alarm(
            self,
            f"{_pascal(rule.name)}{subject.label}",
            alarm_name=name,
            alarm_description=f"{rule.why} What to do: {RUNBOOK}#{rule.name}",
            metric=cloudwatch.Metric(
                namespace=subject.namespace,
                metric_name=rule.metric,
                dimensions_map=dict(subject.dimensions) or None,
                statistic=rule.statistic,
                period=Duration.seconds(rule.period),
            ),
            threshold=rule.limit(subject, self._settings),
            datapoints_to_alarm=rule.breaches,
            evaluation_periods=rule.periods,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            treat_missing_data=TREATMENTS[rule.missing],
        )


def _pascal(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("-"))


def _kebab(label: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", label).lower()
