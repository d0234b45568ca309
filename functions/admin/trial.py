"""The alarms that watch a canary: made with it, gone with it, and named after the state that they may undo."""

import re
from typing import Any, NamedTuple

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from functions.admin.errors import AlarmsRefused, StateConflict
from functions.core.alias import Alias
from functions.core.settings import Settings
from functions.core.telemetry import NO_METRICS

PERIOD = 60
"""Seconds of an evaluation period."""
ERRORS, LATENCY = "errors", "latency"
NAME = re.compile(r"(?P<model>.+)-g(?P<generation>\d+)-(?:errors|latency)")


class Limits(NamedTuple):
    """When a canary is worse than it may be."""

    error_rate: float = 0.02
    """Share of its answers that fail, beyond the live version's."""
    slower: float = 1.5
    """Times the live version's p90 of latency."""
    least: int = 5
    """Answers in a period, below which it is not judged."""


class State(NamedTuple):
    """The state that an alarm was made for."""

    model: str
    generation: int


def state_of(alarm: str, prefix: str) -> State | None:
    """What an alarm's name says; None where it is not of a canary of this stage."""
    start = f"{prefix}-canary-"
    found = NAME.fullmatch(alarm.removeprefix(start)) if alarm.startswith(start) else None
    return State(found["model"], int(found["generation"])) if found else None


class Trials:
    """Sets the alarms of canaries."""

    def __init__(self, settings: Settings, limits: Limits = Limits()) -> None:  # noqa: B008 - it is immutable
        """Prepare to set alarms, by the prefix of their names, the topic and the metrics that the settings tell."""
        self._prefix = settings.alarm_prefix
        self._topic = settings.alarm_topic
        self._namespace = settings.metrics_namespace
        self._measured = settings.metrics != NO_METRICS
        self._limits = limits
        self._client: Any = boto3.client("cloudwatch")

    def check(self, model: str, state: Alias | None) -> None:
        """Raise StateConflict where nobody could tell how a canary fares."""
        if self._topic and not self._measured:
            reason = (
                'A canary is watched by its metrics, and this stage keeps none: set `monitoring.metrics` to "totals"'
            )
            raise StateConflict(reason, state, model)

    def follow(self, model: str, before: Alias | None, after: Alias) -> None:
        """Let the alarms be those of the canary that runs now, if one does; without a topic there are none.

        Raises:
            AlarmsRefused: CloudWatch did not take them.
        """
        if not self._topic:
            return
        try:
            self._follow(model, before, after)
        except (BotoCoreError, ClientError) as fault:
            raise AlarmsRefused(str(fault)) from None

    def _follow(self, model: str, before: Alias | None, after: Alias) -> None:
        if before and before.canary and before.generation != after.generation:
            names = [self._name(model, before, kind) for kind in (ERRORS, LATENCY)]
            self._client.delete_alarms(AlarmNames=names)
        if after.canary:
            self._put(model, after, ERRORS, self._error_metrics(model, after))
            self._put(model, after, LATENCY, self._latency_metrics(model, after))

    def _name(self, model: str, alias: Alias, kind: str) -> str:
        return f"{self._prefix}-canary-{model}-g{alias.generation}-{kind}"

    def _put(self, model: str, alias: Alias, kind: str, metrics: list[dict[str, Any]]) -> None:
        canary = alias.canary
        self._client.put_metric_alarm(
            AlarmName=self._name(model, alias, kind),
            AlarmDescription=f"Version {canary and canary.version} of {model} is worse than version {alias.live}",
            AlarmActions=[self._topic],
            ComparisonOperator="GreaterThanThreshold",
            Threshold=0,
            EvaluationPeriods=1,
            TreatMissingData="notBreaching",
            Metrics=metrics,
        )

    def _error_metrics(self, model: str, alias: Alias) -> list[dict[str, Any]]:
        worse = f"(ce / cr) - (FILL(le, 0) / FILL(lr, 1)) - {self._limits.error_rate}"
        return [
            *self._counted(model, alias),
            _expression(f"IF(cr >= {self._limits.least}, {worse}, -1)"),
        ]

    def _latency_metrics(self, model: str, alias: Alias) -> list[dict[str, Any]]:
        canary = alias.canary.version if alias.canary else 0
        return [
            self._metric("cr", "Requests", "Sum", model, canary),
            self._metric("ct", "Latency", "p90", model, canary),
            self._metric("lt", "Latency", "p90", model, alias.live),
            _expression(f"IF(cr >= {self._limits.least}, ct - {self._limits.slower} * FILL(lt, ct), -1)"),
        ]

    def _counted(self, model: str, alias: Alias) -> list[dict[str, Any]]:
        canary = alias.canary.version if alias.canary else 0
        return [
            self._metric("cr", "Requests", "Sum", model, canary),
            self._metric("ce", "Errors", "Sum", model, canary),
            self._metric("lr", "Requests", "Sum", model, alias.live),
            self._metric("le", "Errors", "Sum", model, alias.live),
        ]

    def _metric(self, identity: str, name: str, statistic: str, model: str, version: int) -> dict[str, Any]:
        dimensions = [{"Name": "Model", "Value": model}, {"Name": "Version", "Value": str(version)}]
        metric = {"Namespace": self._namespace, "MetricName": name, "Dimensions": dimensions}
        stat = {"Metric": metric, "Period": PERIOD, "Stat": statistic}
        return {"Id": identity, "MetricStat": stat, "ReturnData": False}


def _expression(expression: str) -> dict[str, Any]:
    return {"Id": "worse", "Expression": expression, "ReturnData": True}
