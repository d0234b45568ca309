"""Monitoring: what a stage is watched by."""

from collections.abc import Mapping, Sequence

from aws_cdk import Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_sns as sns
from constructs import Construct

from infra.batch_pipeline import BatchPipeline
from infra.function import Function
from infra.monitoring.alarms import Alarms
from infra.monitoring.dashboard import Dashboard
from infra.monitoring.paging import Paging
from infra.monitoring.subjects import label, subjects
from infra.stages import Stage


class Monitoring(Construct):
    """Alarms on all that a stage has, who is told of them, and a dashboard."""

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        stage: Stage,
        functions: Sequence[Function],
        batch: BatchPipeline,
        topics: Mapping[str, sns.ITopic],
    ) -> None:
        """Define all of it.

        Args:
            functions: every one of the stack but those of batch.
            topics: what else people or functions are told by, under labels.
        """
        super().__init__(scope, name)
        settings, prefix = stage.monitoring, Stack.of(self).stack_name
        self._paging = Paging(self, "Paging", settings=settings, prefix=prefix)
        told = {**topics, "Jobs": batch.endings.topic, "Alarms": self._paging.topic}
        watched = subjects(stage, (*functions, *batch.functions), batch, told)
        self._alarms = Alarms(self, "Alarms", subjects=watched, settings=settings, prefix=prefix)
        self._paging.follow(self._alarms)
        self._dashboard: Dashboard | None = None
        if settings.dashboard:
            arns = [alarm.alarm_arn for alarm in self._alarms.telling]
            self._dashboard = Dashboard(self, "Dashboard", subjects=watched, settings=settings, alarms=arns)

    def guards(self, function: Function) -> Sequence[cloudwatch.Alarm]:
        """Alarms that take a deployment of a function back."""
        return self._alarms.guards(label(function))

    @property
    def outputs(self) -> Mapping[str, str]:
        """Where to look and whom to listen to, by its name among the stack's outputs."""
        seen = {"DashboardUrl": self._dashboard.url} if self._dashboard else {}
        return {**seen, "AlarmTopicArn": self._paging.topic.topic_arn}
