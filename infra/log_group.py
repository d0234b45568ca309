"""A log group: kept as long as the stage says, never for ever."""

from typing import cast

from aws_cdk import RemovalPolicy
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.customer_key import CustomerKey
from infra.stages import Stage


class LogGroup(logs.LogGroup):
    """Logs with the stage's retention."""

    def __init__(self, scope: Construct, name: str, *, stage: Stage, group: str | None = None) -> None:
        removal = RemovalPolicy[stage.removal.upper()]
        key = CustomerKey.of(scope)
        super().__init__(scope, name, log_group_name=group, removal_policy=removal, encryption_key=key)
        # The construct takes an enumeration of names; the resource takes the days themselves.
        cast(logs.CfnLogGroup, self.node.default_child).retention_in_days = stage.log_retention_days
