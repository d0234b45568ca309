"""Who is told of alarms: one topic of the stage, and the pagers of what must wake somebody."""

from collections.abc import Sequence

from aws_cdk import ArnFormat, Aws, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from infra.monitoring.alarms import RUNBOOK, Alarms
from infra.monitoring.settings import MonitoringSettings
from infra.topic import Topic


class Paging(Construct):
    """A topic that alarms of the stage, and nothing else of AWS's, may speak to; over TLS only."""

    def __init__(self, scope: Construct, name: str, *, settings: MonitoringSettings, prefix: str) -> None:
        """Define the topic and who listens.

        Args:
            prefix: what the names of the alarms begin with.
        """
        super().__init__(scope, name)
        self._settings, self._prefix = settings, prefix
        # Not encrypted at rest: alarms cannot speak through the key that AWS manages for SNS, and a key of our own is
        # paid for by the month, used or not. What they say is how the stage fares, never what it was asked or answered.
        self.topic = Topic(self, "Topic")
        self.topic.add_to_resource_policy(
            iam.PolicyStatement(
                sid="Alarms",
                principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
                actions=["sns:Publish"],
                resources=[self.topic.topic_arn],
                conditions={
                    "StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID},
                    "ArnLike": {"aws:SourceArn": self._alarms(f"{prefix}-*")},
                },
            )
        )
        for address in settings.emails:
            self.topic.add_subscription(subscriptions.EmailSubscription(address))

    def follow(self, alarms: Alarms) -> None:
        """Have people told of the alarms: of those that must wake somebody by one that stands over them all.

        A share that wakes nobody by itself tells by itself: of little traffic, all of which fails, somebody hears, too.
        """
        waking = alarms.waking()
        telling: list[cloudwatch.AlarmBase] = [alarm for alarm, enough in waking if enough or not self._settings.page]
        if self._settings.page:
            telling.append(self._page([_with(alarm, enough) for alarm, enough in waking]))
        for alarm in (*telling, *alarms.other()):
            alarm.add_alarm_action(actions.SnsAction(self.topic))
            alarm.add_ok_action(actions.SnsAction(self.topic))

    def _page(self, waking: Sequence[cloudwatch.IAlarmRule]) -> cloudwatch.CompositeAlarm:
        page = cloudwatch.CompositeAlarm(
            self,
            "Page",
            composite_alarm_name=f"{self._prefix}-page",
            alarm_description=f"Callers are affected: somebody must look now. What to do: {RUNBOOK}#page",
            alarm_rule=cloudwatch.AlarmRule.any_of(*waking),
        )
        for place, arn in enumerate(self._settings.pagers):
            pager = actions.SnsAction(sns.Topic.from_topic_arn(self, f"Pager{place}", arn))
            page.add_alarm_action(pager)
            page.add_ok_action(pager)
        return page

    def _alarms(self, name: str) -> str:
        return Stack.of(self).format_arn(
            service="cloudwatch", resource="alarm", resource_name=name, arn_format=ArnFormat.COLON_RESOURCE_NAME
        )


def _with(alarm: cloudwatch.IAlarm, enough: Sequence[cloudwatch.IAlarm]) -> cloudwatch.IAlarmRule:
    """What wakes somebody: an alarm, or it and what says that it is of enough."""
    return cloudwatch.AlarmRule.all_of(alarm, *enough) if enough else alarm
