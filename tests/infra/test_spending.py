"""What a stage may cost: the budget that tells, and the switch that stops."""

from tests.infra.assembly import STRICT, several, shown
from tests.infra.conftest import Synthesized
from tests.infra.test_roles import granted


def test_without_a_sum_there_is_no_budget(synthesized: Synthesized) -> None:
    assert synthesized("prod").resources("AWS::Budgets::Budget") == {}


def test_a_budget_tells_everyone_at_80_and_100_percent_and_of_the_forecast(synthesized: Synthesized) -> None:
    budget = synthesized("local", **STRICT).only("AWS::Budgets::Budget")
    assert shown(budget["Budget"].pop("BudgetName")) == "ortless-local-<AWS::Region>"
    assert budget["Budget"] == {
        "BudgetLimit": {"Amount": 50, "Unit": "USD"},
        "BudgetType": "COST",
        "CostFilters": {"TagKeyValue": ["aws:cloudformation:stack-name$ortless-local"]},
        "TimeUnit": "MONTHLY",
    }
    told = budget["NotificationsWithSubscribers"]
    alarms = [(each["Notification"]["NotificationType"], each["Notification"]["Threshold"]) for each in told]
    assert alarms == [("ACTUAL", 80), ("ACTUAL", 100), ("FORECASTED", 100)]
    for each in told:
        assert each["Subscribers"] == [
            {"SubscriptionType": "EMAIL", "Address": "a@example.com"},
            {"SubscriptionType": "SNS", "Address": "arn:aws:sns:a"},
        ]


def test_the_switch_names_every_function_that_answers_rows_and_may_touch_no_other(synthesized: Synthesized) -> None:
    assembly = synthesized("prod")
    named = shown(assembly.template["Outputs"]["ServingFunctions"]["Value"])
    functions = [arn.strip("<>").removesuffix(".Arn") for arn in named.split(",")]
    assert [name.rstrip("0123456789ABCDEF") for name in functions] == [
        *("PredictFunction", "BatchDropFunction", "BatchWorkFunction")
    ]
    allowed = granted(assembly, "KillSwitchOperator", "AWS::IAM::ManagedPolicy")
    touched = {arn for may in allowed for arn in may.resources if "lambda" in may.actions[0] and "<" in arn}
    sources = "arn:<AWS::Partition>:lambda:<AWS::Region>:<AWS::AccountId>:event-source-mapping:*"
    aliases = {arn for arn in touched if "Live" in arn}
    assert touched - aliases == {*(f"<{name}.Arn>" for name in functions), sources}
    assert len(aliases) == len(functions)
    bound = next(may.condition for may in allowed if may.actions == ["lambda:UpdateEventSourceMapping"])
    assert bound
    assert [shown(arn) for arn in several(bound["ArnLike"]["lambda:FunctionArn"])] == [
        f"<{name}.Arn>*" for name in functions if name.startswith("Batch")
    ]
