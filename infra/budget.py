"""The budget of a stage: AWS Budgets tells people what the month costs, and what it is going to."""

from aws_cdk import Aws, Stack
from aws_cdk import aws_budgets as budgets
from constructs import Construct

from infra.spending import Spending

ALARMS = (("ACTUAL", 80), ("ACTUAL", 100), ("FORECASTED", 100))
"""Kinds of spending, and the percentage of the budget beyond which people are told of it."""
STACK_TAG = "aws:cloudformation:stack-name"


class Budget(Construct):
    """A monthly cost budget and who hears of it; nothing where the stage names no sum."""

    def __init__(self, scope: Construct, name: str, *, spending: Spending) -> None:
        super().__init__(scope, name)
        if spending.monthly_usd is None:
            return
        stack = Stack.of(self)
        only = {"TagKeyValue": [f"{STACK_TAG}${stack.stack_name}"]} if spending.scope == "stack" else None
        told = [("EMAIL", address) for address in spending.emails] + [("SNS", topic) for topic in spending.topics]
        budgets.CfnBudget(
            self,
            "Monthly",
            budget=budgets.CfnBudget.BudgetDataProperty(
                # Budgets are the account's, whatever the region of the stack.
                budget_name=f"{stack.stack_name}-{Aws.REGION}",
                budget_type="COST",
                time_unit="MONTHLY",
                budget_limit=budgets.CfnBudget.SpendProperty(amount=spending.monthly_usd, unit="USD"),
                cost_filters=only,
            ),
            notifications_with_subscribers=[_notification(*alarm, told) for alarm in ALARMS],
        )


def _notification(
    kind: str, percent: int, told: list[tuple[str, str]]
) -> budgets.CfnBudget.NotificationWithSubscribersProperty:
    return budgets.CfnBudget.NotificationWithSubscribersProperty(
        notification=budgets.CfnBudget.NotificationProperty(
            comparison_operator="GREATER_THAN", notification_type=kind, threshold=percent, threshold_type="PERCENTAGE"
        ),
        subscribers=[
            budgets.CfnBudget.SubscriberProperty(subscription_type=how, address=address) for how, address in told
        ],
    )
